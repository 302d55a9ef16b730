// A file shown as text: the field or worked case that the address names (#caller_name) is marked and brought into sight.

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

function pointAt(shown, name) {
  const text = shown.textContent;
  shown.textContent = text;
  if (!name) return;
  const found = new RegExp(`(?:"key"\\s*:\\s*"|\\bid:\\s*)(${escaped(name)})(?![\\w-])`).exec(text);
  if (!found) return;
  const start = found.index + found[0].length - name.length;
  const mark = document.createElement("mark");
  mark.textContent = name;
  shown.replaceChildren(text.slice(0, start), mark, text.slice(start + name.length));
  mark.scrollIntoView({ block: "center" });
}

for (const shown of document.querySelectorAll(".released-text")) {
  const named = () => pointAt(shown, decodeURIComponent(window.location.hash.slice(1)));
  window.addEventListener("hashchange", named);
  named();
}
