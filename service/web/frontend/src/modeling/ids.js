// Ids of what is newly drawn: words and a number, `user_task_3`, from the first moment, and free in every diagram.

import BpmnFactory from "bpmn-js/lib/features/modeling/BpmnFactory.js";
import { getBusinessObject } from "bpmn-js/lib/util/ModelUtil.js";
import CommandInterceptor from "diagram-js/lib/command/CommandInterceptor.js";

// As in the diagrams that are there: arrows are all called flows.
const SHORT = { sequence_flow: "flow", message_flow: "flow" };
const LONGEST = 64;
const WORDS = /^[a-z][a-z0-9_]*$/;
// When one kind of element takes the place of another, bpmn-js puts the old id back at 1500.
const [BEFORE_THE_OLD_ID, AFTER_THE_OLD_ID] = [1600, 1400];

export function wordsOf(type) {
  const name = type.replace(/^[^:]*:/, "");
  const words = name.replace(/([A-Z]+)([A-Z][a-z])|([a-z0-9])([A-Z])/g, "$1$3_$2$4").toLowerCase();
  return SHORT[words] || words;
}

const isGiven = (id, type) => new RegExp(`^${wordsOf(type)}_\\d+$`).test(id);

class WordedFactory extends BpmnFactory {
  constructor(moddle, jsjbPage) {
    super(moddle);
    this.elsewhere = new Set(jsjbPage.taken);
  }

  _ensureId(element) {
    if (element.id) this._model.ids.claim(element.id, element);
    else if (this._needsId(element)) this.give(element);
  }

  give(element) {
    element.id = this.next(element.$type);
    this._model.ids.claim(element.id, element);
  }

  next(type) {
    const words = wordsOf(type);
    for (let number = 1; ; number += 1) {
      const id = `${words}_${number}`;
      if (!this.isTaken(id)) return id;
    }
  }

  // An element that was renamed leaves the id of its picture behind.
  isTaken(id) {
    return this.elsewhere.has(id) || this._model.ids.assigned(id) || this._model.ids.assigned(`${id}_di`);
  }
}
WordedFactory.$inject = ["moddle", "jsjbPage"];

// An id that nobody chose names the kind of element; it must not go on naming the kind it was before.
class FollowsKind extends CommandInterceptor {
  constructor(eventBus, modeling) {
    super(eventBus);
    this.postExecuted("shape.replace", BEFORE_THE_OLD_ID, ({ context }) => {
      context.jsjbNewId = context.newShape.id;
    });
    this.postExecuted("shape.replace", AFTER_THE_OLD_ID, ({ context: { oldShape, newShape, jsjbNewId } }) => {
      const [before, after] = [getBusinessObject(oldShape).$type, getBusinessObject(newShape).$type];
      if (before !== after && isGiven(newShape.id, before)) modeling.updateProperties(newShape, { id: jsjbNewId });
    });
  }
}
FollowsKind.$inject = ["eventBus", "modeling"];

export const ids = {
  __init__: ["jsjbFollowsKind"],
  bpmnFactory: ["type", WordedFactory],
  jsjbFollowsKind: ["type", FollowsKind],
};

// What is wrong with an id, or nothing: the same words as the check of the server, told before it is there.
export function wrongId(id, object, registry, page) {
  if (!id) return "标识不能为空。";
  if (!WORDS.test(id)) return "只用小写字母、数字和下划线，以字母开头，例如 check_materials。";
  if (id.length > LONGEST) return `标识最多 ${LONGEST} 个字符。`;
  const here = registry
    .getAll()
    .map(getBusinessObject)
    .flatMap((one) => [one, one.get("processRef")])
    .some((one) => one && one !== object && one.id === id);
  if (here) return "这张图里已有这个标识。";
  return page.taken.includes(id) ? "别的流程图里已有这个标识。" : undefined;
}
