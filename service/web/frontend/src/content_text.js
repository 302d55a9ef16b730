// The editor of content that is text: policy, facts, forms, worked cases. Numbered lines, findings at the line.

import "./editing/editing.css";
import { ofThisFile } from "./editing/findings.js";
import { page } from "./editing/page.js";
import { startSession } from "./editing/session.js";

const area = document.querySelector("[data-text]");
const numbers = document.querySelector("[data-lines]");
const marked = new Map();

const countLines = () => area.value.split("\n").length;

function drawNumbers() {
  const lines = [];
  for (let line = 1; line <= countLines(); line += 1) {
    const made = document.createElement("span");
    made.textContent = String(line);
    const found = marked.get(line);
    if (found) {
      made.className = found.severity === "error" ? "is-error" : "is-warning";
      made.title = `${found.message}${found.cure ? `\n怎么改：${found.cure}` : ""}`;
    }
    lines.push(made);
  }
  numbers.replaceChildren(...lines);
}

function select(finding) {
  if (!finding.line) return;
  const lines = area.value.split("\n");
  const start = lines.slice(0, finding.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[finding.line - 1] || "").length);
  area.closest("[data-code]").scrollTop = (finding.line - 4) * (area.scrollHeight / Math.max(1, lines.length));
}

function mark(findings) {
  marked.clear();
  for (const finding of ofThisFile(findings)) if (finding.line && !marked.has(finding.line)) marked.set(finding.line, finding);
  drawNumbers();
}

function fit() {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}

async function write(text) {
  area.value = text;
  fit();
  drawNumbers();
}

await write(page.content);
const session = startSession({ read: async () => area.value, write, select, mark });
let drawn = true;
area.addEventListener("input", () => {
  session.changed();
  if (!drawn) return;
  drawn = false; // once for each picture, however many lines come in at a time
  requestAnimationFrame(() => {
    drawn = true;
    fit();
    drawNumbers();
  });
});
area.addEventListener("keydown", (event) => {
  if (event.key !== "Tab" || event.shiftKey || event.ctrlKey) return;
  event.preventDefault(); // Escape, then Tab, leaves the field
  area.setRangeText("  ", area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input"));
});
