// Findings on the drawing: a mark at each element, with what is wrong and how to mend it.

import { ofThisFile } from "../editing/findings.js";

const KIND = "jsjb-finding";

export function markFindings(modeler, findings) {
  const overlays = modeler.get("overlays");
  const registry = modeler.get("elementRegistry");
  const canvas = modeler.get("canvas");
  overlays.remove({ type: KIND });
  for (const element of registry.getAll()) {
    canvas.removeMarker(element, "has-finding-error");
    canvas.removeMarker(element, "has-finding-warning");
  }
  for (const [id, told] of grouped(findings)) {
    const element = registry.get(id);
    if (!element || element === canvas.getRootElement()) continue;
    const isError = told.some((finding) => finding.severity === "error");
    canvas.addMarker(element, isError ? "has-finding-error" : "has-finding-warning");
    overlays.add(element, KIND, { position: { top: -16, left: -16 }, scale: false, html: badge(modeler, element, told, isError) });
  }
}

function grouped(findings) {
  const found = new Map();
  for (const finding of ofThisFile(findings)) {
    if (!finding.element) continue;
    if (!found.has(finding.element)) found.set(finding.element, []);
    found.get(finding.element).push(finding);
  }
  return found;
}

function badge(modeler, element, told, isError) {
  const made = document.createElement("div");
  made.className = `finding-mark ${isError ? "is-error" : "is-warning"}`;
  made.textContent = String(told.length);
  made.title = told.map((finding) => `${finding.message}${finding.cure ? `\n怎么改：${finding.cure}` : ""}`).join("\n\n");
  made.addEventListener("click", () => modeler.get("selection").select(element));
  return made;
}
