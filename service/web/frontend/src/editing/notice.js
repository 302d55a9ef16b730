// What an editor has to say above the file: in words, with what can be done about it.

const notice = document.querySelector("[data-editor-notice]");

export function clear() {
  notice.replaceChildren();
}

export function tell(kind, text, actions = []) {
  const box = document.createElement("div");
  box.className = `alert alert-${kind} text-body editor-notice`;
  box.setAttribute("role", "alert");
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words, ...actions);
  notice.replaceChildren(box);
}

export function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "btn btn-sm";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

export function link(text, href) {
  const made = document.createElement("a");
  made.className = "btn btn-sm";
  made.href = href;
  made.target = "_blank";
  made.rel = "noopener";
  made.textContent = text;
  return made;
}

export function plain(text) {
  return document.createTextNode(text);
}
