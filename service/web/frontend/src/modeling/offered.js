// What may be drawn: the tools offer nothing that the check would refuse, and a new task is one with a form.

import ElementFactory from "bpmn-js/lib/features/modeling/ElementFactory.js";

const TASK = "用户任务（填一张表单）";
const TOOLS_TAKEN_AWAY = ["create.data-object", "create.data-store", "create.group"];
const KINDS_TAKEN_AWAY =
  /^toggle-|^replace-with-.*(script|service|rule|manual|receive|message|signal|conditional-(start|intermediate|boundary)|compensation|cancel|link|event-based|complex|ad-hoc|transaction|event-sub-?process|multi|data-)|^replace-with-task$/;
const KEPT = new Set(["toggle-non-interrupting"]);
const LATE = 300; // after the tools of bpmn-js have been put in

class UserTaskFactory extends ElementFactory {
  create(elementType, attrs = {}) {
    const isNew = elementType === "shape" && attrs.type === "bpmn:Task" && !attrs.businessObject;
    return super.create(elementType, isNew ? { ...attrs, type: "bpmn:UserTask" } : attrs);
  }
}
UserTaskFactory.$inject = ElementFactory.$inject;

const asUserTask = (entry, title) => ({ ...entry, className: "bpmn-icon-user-task", title });
const keep = (entries, wanted) => Object.fromEntries(Object.entries(entries).filter(([id]) => wanted(id)));
const isOffered = (id) => KEPT.has(id) || !KINDS_TAKEN_AWAY.test(id);

class OffersWhatRuns {
  constructor(palette, contextPad, popupMenu) {
    palette.registerProvider(LATE, this);
    contextPad.registerProvider(LATE, this);
    popupMenu.registerProvider("bpmn-replace", LATE, this);
  }

  getPaletteEntries() {
    return (entries) => {
      const offered = keep(entries, (id) => !TOOLS_TAKEN_AWAY.includes(id));
      return { ...offered, "create.task": asUserTask(entries["create.task"], `画一个${TASK}`) };
    };
  }

  getContextPadEntries() {
    return (entries) => {
      const task = entries["append.append-task"];
      return task ? { ...entries, "append.append-task": asUserTask(task, `接一个${TASK}`) } : entries;
    };
  }

  getPopupMenuEntries() {
    return (entries) => keep(entries, isOffered);
  }

  getPopupMenuHeaderEntries() {
    return (entries) => keep(entries, isOffered);
  }
}
OffersWhatRuns.$inject = ["palette", "contextPad", "popupMenu"];

export const offered = {
  __init__: ["jsjbOffersWhatRuns"],
  elementFactory: ["type", UserTaskFactory],
  jsjbOffersWhatRuns: ["type", OffersWhatRuns],
};
