// What is typed into a task form is kept in this tab until it is handed in: whoever leaves the form finds it again,
// with a note that says so and a button that empties the form.
//
// In the tab alone, under the person who typed it: it tells of complaints, and desks are shared. It goes with a
// log-out, and as soon as somebody else is logged in.

import { showKept } from "./uploads.js";

const PREFIX = "jsjb.typed.";
const FIELD = "v."; // before the name of each field of the content
const PAUSE_MS = 300;

function store(run) {
  try {
    return run(window.sessionStorage);
  } catch {
    return null; // full or forbidden: the form works as before, only nothing is kept
  }
}

function typedIn(form) {
  const files = [...form.querySelectorAll(".kept-file input[type=hidden]:enabled")].map((input) => ({
    field: input.name,
    id: input.value,
    name: input.parentElement.querySelector(".name").textContent,
    state: input.parentElement.querySelector(".state").textContent,
  }));
  const ofFiles = new Set([...form.querySelectorAll("[data-upload]")].map((drop) => drop.dataset.name));
  const fields = [...new FormData(form)].filter(([name]) => name.startsWith(FIELD) && !ofFiles.has(name));
  return { fields, files };
}

function keptAs(key) {
  try {
    const found = JSON.parse(store((kept) => kept.getItem(key)));
    return found && Array.isArray(found.fields) ? found : null;
  } catch {
    return null; // not ours, or of an older page
  }
}

function restore(form, { fields, files }) {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (!control.name.startsWith(FIELD)) continue;
    const own = values.get(control.name);
    if (control.type === "checkbox" || control.type === "radio") control.checked = Boolean(own?.includes(control.value));
    else if (own && control.type !== "hidden" && control.type !== "file") control.value = own[0];
  }
  showKept(form, files ?? []);
  form.dispatchEvent(new Event("change", { bubbles: true })); // conditions and foresight follow
}

function tell(document, at, again) {
  const note = document.querySelector("[data-typed-note]");
  const when = new Date(at);
  const beijing = { timeZone: "Asia/Shanghai", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  const told = Number.isNaN(when.getTime()) ? "" : when.toLocaleString("zh-CN", beijing);
  note.querySelector("time").textContent = told.replaceAll("/", "-"); // as the server writes it
  note.hidden = false;
  note.querySelector("[data-clear]").addEventListener("click", again);
}

export function keepTyped(document, form) {
  const key = PREFIX + form.dataset.keptAs;
  const isFresh = "fresh" in form.dataset;
  const untouched = JSON.stringify(typedIn(form));
  let isLeaving = false;
  let waiting;

  const isTouched = () => !isFresh || JSON.stringify(typedIn(form)) !== untouched;
  const keepNow = () => {
    if (!isLeaving && isTouched()) {
      store((kept) => kept.setItem(key, JSON.stringify({ ...typedIn(form), at: new Date().toISOString() })));
    }
  };
  const keep = () => {
    clearTimeout(waiting);
    waiting = setTimeout(keepNow, PAUSE_MS);
  };

  const before = isFresh ? keptAs(key) : null;
  if (before) {
    restore(form, before);
    if (isTouched()) {
      tell(document, before.at, () => {
        if (!window.confirm("清空后，刚才恢复的内容不能再找回。要清空吗？")) return;
        isLeaving = true;
        store((kept) => kept.removeItem(key));
        window.location.reload();
      });
    }
  }
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  if (!isFresh) keepNow();

  window.addEventListener("submit", (event) => {
    if (event.target === form && !event.defaultPrevented) isLeaving = true;
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isLeaving = false; // back from the browser's own cache
  });
  window.addEventListener("beforeunload", (event) => {
    keepNow();
    if (!isLeaving && isTouched()) event.preventDefault();
  });
}

export function forgetHandedIn(document) {
  const done = document.querySelector("[data-handed-in]");
  if (done) store((kept) => kept.removeItem(PREFIX + done.dataset.handedIn));
}

function forget(isGone) {
  store((kept) => {
    for (const key of Object.keys(kept)) if (key.startsWith(PREFIX) && isGone(key)) kept.removeItem(key);
  });
}

// Nothing that one person typed stays for the next.
export function forgetOthers(document) {
  const { person } = document.body.dataset;
  if (person) forget((key) => !key.startsWith(`${PREFIX}${person}:`));
  document.addEventListener("submit", (event) => {
    if ("logOut" in event.target.dataset) forget(() => true);
  });
}
