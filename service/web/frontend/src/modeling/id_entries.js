// The id of an element, and of the process in a pool: changed by hand, and only to one that will do.

import { h } from "@bpmn-io/properties-panel/preact";
import { useCallback } from "@bpmn-io/properties-panel/preact/hooks";
import { isTextFieldEntryEdited, TextFieldEntry } from "@bpmn-io/properties-panel";
import { useService } from "bpmn-js-properties-panel";
import { getBusinessObject } from "bpmn-js/lib/util/ModelUtil.js";

import { wrongId } from "./ids.js";

function Field({ element, id, object, label, write }) {
  const registry = useService("elementRegistry");
  const page = useService("jsjbPage");
  const debounce = useService("debounceInput");
  // one and the same function while the element is: with a new one the panel would look at the old value again
  const validate = useCallback((value) => wrongId(value ?? "", object, registry, page), [object]);
  return h(TextFieldEntry, {
    element,
    id,
    label,
    debounce,
    description: "小写英文标识；改名称时标识不变",
    getValue: () => object.id,
    // the panel calls this with what is wrong as well: that is shown, and not written
    setValue: (value, error) => error || write(value),
    validate,
  });
}

function ElementId({ element, id }) {
  const modeling = useService("modeling");
  const label = getBusinessObject(element).$type === "bpmn:Participant" ? "泳池标识" : "标识";
  return h(Field, { element, id, label, object: getBusinessObject(element), write: (value) => modeling.updateProperties(element, { id: value }) });
}

function ProcessId({ element, id }) {
  const modeling = useService("modeling");
  const process = getBusinessObject(element).get("processRef");
  return h(Field, { element, id, label: "流程标识", object: process, write: (value) => modeling.updateModdleProperties(element, process, { id: value }) });
}

const OURS = { id: ElementId, processId: ProcessId };

// The group 「基本」 with our own check in place of that of the panel.
export function withOwnIds(group) {
  const entries = group.entries.map((entry) =>
    OURS[entry.id] ? { ...entry, component: OURS[entry.id], isEdited: isTextFieldEntryEdited } : entry,
  );
  return { ...group, entries };
}
