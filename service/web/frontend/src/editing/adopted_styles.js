// CodeMirror (in the cells of the deadline table) puts its rules into a <style> element, which the page's policy
// forbids. Its rules go into a constructed style sheet instead, which needs no exception from that policy.

const create = document.createElement.bind(document);

document.createElement = (name, options) => (name === "style" ? adopting() : create(name, options));

// Stands in for the element: even an empty <style> on the page would be reported.
function adopting() {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const made = create("template");
  Object.defineProperty(made, "textContent", { get: () => "", set: (text) => sheet.replaceSync(text) });
  return made;
}
