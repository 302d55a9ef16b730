// The rules of a task or start event: a list, each with its code, article, check and message.
//
// All that do not hold are told at once; the first gives the code.

import { h } from "@bpmn-io/properties-panel/preact";
import { ListGroup, SelectEntry, TextAreaEntry, TextFieldEntry } from "@bpmn-io/properties-panel";
import { useService } from "bpmn-js-properties-panel";
import { getBusinessObject } from "bpmn-js/lib/util/ModelUtil.js";

const AFTER = "前面某条规则的代码，几条用逗号隔开。那一条也不成立时，这一条不一起说。";
const WITH_RULES = new Set(["bpmn:UserTask", "bpmn:StartEvent"]);
const holder = (element) => getBusinessObject(element).get("extensionElements");
const rulesOf = (element) => (holder(element)?.get("values") || []).filter((one) => one.$type === "jsjb:Rule");

function Part({ element, id, rule, name, label, description, kind: Kind = TextFieldEntry, monospace = false }) {
  const modeling = useService("modeling");
  const debounce = useService("debounceInput");
  return h(Kind, {
    element,
    id,
    label,
    description,
    debounce,
    monospace,
    autoResize: true,
    getValue: () => rule.get(name) ?? "",
    setValue: (value) => modeling.updateModdleProperties(element, rule, { [name]: value || undefined }),
  });
}

function Article({ element, id, rule }) {
  const modeling = useService("modeling");
  const page = useService("jsjbPage");
  return h(SelectEntry, {
    element,
    id,
    label: "依据条款",
    getOptions: () => [{ value: "", label: "（不填）" }, ...page.articles],
    getValue: () => rule.get("article") ?? "",
    setValue: (value) => modeling.updateModdleProperties(element, rule, { article: value || undefined }),
  });
}

function item(element, rule, number, remove) {
  const id = `jsjb-rule-${number}`;
  return {
    id,
    label: rule.get("code") || `规则 ${number}`,
    remove,
    entries: [
      { id: `${id}-check`, component: Part, rule, name: "check", label: "须成立（表达式）", kind: TextAreaEntry, monospace: true },
      { id: `${id}-message`, component: Part, rule, name: "message", label: "不成立时告诉办理人", kind: TextAreaEntry },
      { id: `${id}-code`, component: Part, rule, name: "code", label: "代码" },
      { id: `${id}-article`, component: Article, rule },
      { id: `${id}-after`, component: Part, rule, name: "after", label: "先看哪条规则", description: AFTER },
    ],
  };
}

export function rulesGroup(element, injector) {
  if (!WITH_RULES.has(getBusinessObject(element).$type)) return null;
  const modeling = injector.get("modeling");
  const factory = injector.get("bpmnFactory");

  const put = (values) => {
    const object = getBusinessObject(element);
    const others = (holder(element)?.get("values") || []).filter((one) => one.$type !== "jsjb:Rule");
    const all = [...others, ...values];
    if (!all.length) return modeling.updateProperties(element, { extensionElements: undefined });
    const made = holder(element) || factory.create("bpmn:ExtensionElements", { values: [] });
    made.$parent = object;
    for (const value of all) value.$parent = made;
    if (!holder(element)) return modeling.updateProperties(element, { extensionElements: Object.assign(made, { values: all }) });
    return modeling.updateModdleProperties(element, made, { values: all });
  };

  return {
    id: "jsjb-rules",
    label: "提交规则",
    component: ListGroup,
    items: rulesOf(element).map((rule, place) =>
      item(element, rule, place + 1, (event) => {
        event.stopPropagation();
        put(rulesOf(element).filter((one) => one !== rule));
      }),
    ),
    add: (event) => {
      event.stopPropagation();
      const rule = factory.create("jsjb:Rule", { code: "E_NEW_RULE", check: "true", message: "请写明为什么不能提交。" });
      put([...rulesOf(element), rule]);
    },
  };
}
