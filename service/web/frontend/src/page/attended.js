// What a page asks by itself, every minute or as it loads, is marked: it keeps nobody's session alive.

const BY_ITSELF = new Set(["every", "load"]);

export function markUnattended(document) {
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceEvent, request } = event.detail.ctx;
    if (BY_ITSELF.has(sourceEvent?.type)) request.headers["JSJB-By-Itself"] = "1";
  });
}
