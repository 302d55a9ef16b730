// Which fields of a form are shown: the same FEEL conditions as on the server, over what is typed and what the server says of the case.
//
// A condition that cannot be evaluated hides nothing: the server asks again in any case.

import { evaluate } from "feelin";

// The parts of FEEL that the service adds to the standard and that need the case stay on the server; these do not.
export function truth(expression, context) {
  try {
    const { value } = evaluate(expression, context);
    return value === true;
  } catch {
    return false;
  }
}

// Which of the fields are hidden, as the server finds it: in order, a hidden one counting as empty for those after it.
export function hiddenOf(fields, values) {
  const context = structuredClone(values);
  const hidden = new Set();
  for (const { path, hides } of fields) {
    if (!hides.some((expression) => truth(expression, context))) continue;
    hidden.add(path);
    put(context, path, null);
  }
  return hidden;
}

function put(values, path, value) {
  const keys = path.split(".");
  const last = keys.pop();
  let at = values;
  for (const key of keys) at = at[key] ??= {};
  at[last] = value;
}

// A number that was typed, in signs of either width; null for what the server would not take for one.
export function numberOf(typed) {
  const text = typed.replace(/[\uff01-\uff5e]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0)).trim();
  return /^[+-]?\d{1,20}(\.\d{1,10})?$/.test(text) ? Number(text) : null;
}

// The typed value of one field: the same types as on the server.
export function valueOf(field) {
  const kind = field.dataset.kind;
  const controls = [...field.querySelectorAll("input, select, textarea")];
  switch (kind) {
    case "checkbox":
      return controls.some((c) => c.type === "checkbox" && c.checked);
    case "checklist":
    case "taglist":
      return controls.filter((c) => c.checked).map((c) => c.value);
    case "radio":
      return controls.find((c) => c.checked)?.value ?? null;
    case "number":
      return numberOf(controls[0]?.value ?? "");
    case "filepicker":
      return controls.filter((c) => c.type === "hidden" && c.value).map((c) => ({ id: c.value }));
    default:
      return controls[0]?.value || null;
  }
}

export function followConditions(form) {
  const given = JSON.parse(form.dataset.context || "{}");
  const places = [...form.querySelectorAll("[data-path]")].map((field) => ({
    field,
    path: field.dataset.path,
    hides: JSON.parse(field.dataset.hides || "[]"),
  }));
  const groups = [...form.querySelectorAll("fieldset.form-group")];

  function follow() {
    const values = structuredClone(given);
    for (const { field, path } of places) put(values, path, valueOf(field));
    const hidden = hiddenOf(places, values);
    for (const { field, path } of places) {
      field.hidden = hidden.has(path);
      // what is not shown is not sent; what was typed is still there if the condition turns again
      for (const control of field.querySelectorAll("input, select, textarea")) control.disabled = field.hidden;
    }
    for (const group of groups) {
      const inside = [...group.querySelectorAll("[data-path]")];
      group.hidden = inside.length > 0 && inside.every((field) => field.hidden);
    }
  }

  form.addEventListener("input", follow);
  form.addEventListener("change", follow);
  follow();
}
