// Two expressions that BPMN itself has a place for: when a timer is due, and the condition of an arrow.

import { h } from "@bpmn-io/properties-panel/preact";
import { isTextAreaEntryEdited, TextAreaEntry } from "@bpmn-io/properties-panel";
import { useService } from "bpmn-js-properties-panel";
import { getBusinessObject } from "bpmn-js/lib/util/ModelUtil.js";

const timerOf = (element) =>
  (getBusinessObject(element).get("eventDefinitions") || []).find((one) => one.$type === "bpmn:TimerEventDefinition");

export const isTimedStart = (element) => getBusinessObject(element).$type === "bpmn:StartEvent" && Boolean(timerOf(element));

const DUE = { label: "到期（表达式）", description: '例如 due("handling_feedback")、hours(1)；没有值则不计时' };
const WHEN = {
  label: "何时自己开始（表达式）",
  description: '例如 monthly(1, "09:00")、quarterly(1, 11, "09:00")、yearly(9, 1, "09:00")、daily("08:30")；日子和钟点可取自口径',
};

function expression(factory, body, parent) {
  const made = factory.create("bpmn:FormalExpression", { body });
  made.$parent = parent;
  return made;
}

function Due({ element, id }) {
  const modeling = useService("modeling");
  const factory = useService("bpmnFactory");
  const debounce = useService("debounceInput");
  const timer = timerOf(element);
  return h(TextAreaEntry, {
    element,
    id,
    debounce,
    ...(isTimedStart(element) ? WHEN : DUE),
    monospace: true,
    autoResize: true,
    getValue: () => timer.get("timeDate")?.body ?? "",
    setValue: (value) =>
      modeling.updateModdleProperties(element, timer, {
        timeDate: value ? expression(factory, value, timer) : undefined,
        timeDuration: undefined,
        timeCycle: undefined,
      }),
  });
}

function Condition({ element, id }) {
  const modeling = useService("modeling");
  const factory = useService("bpmnFactory");
  const debounce = useService("debounceInput");
  const flow = getBusinessObject(element);
  return h(TextAreaEntry, {
    element,
    id,
    debounce,
    label: "条件（表达式）",
    description: '恰为 true 才走这条线，例如 dispatch.urgency = "urgent"',
    monospace: true,
    autoResize: true,
    getValue: () => flow.get("conditionExpression")?.body ?? "",
    setValue: (value) =>
      modeling.updateProperties(element, {
        conditionExpression: value ? expression(factory, value, flow) : undefined,
      }),
  });
}

export function expressionEntries(element) {
  const object = getBusinessObject(element);
  if (object.$type === "bpmn:SequenceFlow") return [{ id: "jsjb-condition", component: Condition, isEdited: isTextAreaEntryEdited }];
  return timerOf(element) ? [{ id: "jsjb-due-date", component: Due, isEdited: isTextAreaEntryEdited }] : [];
}
