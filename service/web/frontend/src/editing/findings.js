// The server's findings as a list; those of this file first. A click leads to the element or the line.

import { page } from "./page.js";

const list = document.querySelector("[data-findings]");
const count = document.querySelector("[data-findings-count]");
const link = document.querySelector("[data-findings-link]"); // beside the button, where the list is out of sight

export const ofThisFile = (findings) => findings.filter((finding) => finding.file === page.name);

export function showFindings(findings, select) {
  const here = ofThisFile(findings);
  const elsewhere = findings.filter((finding) => finding.file !== page.name);
  list.replaceChildren(...[...here, ...elsewhere].map((finding) => row(finding, select)));
  if (!findings.length) list.replaceChildren(nothing());
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const warnings = findings.length - errors;
  count.textContent = findings.length ? `${errors} 个错误，${warnings} 个提醒` : "没有发现问题";
  link.textContent = count.textContent;
  link.hidden = false;
  link.classList.toggle("text-danger", errors > 0);
  count.className = `badge ${errors ? "bg-red-lt" : warnings ? "bg-yellow-lt" : "bg-green-lt"}`;
}

function nothing() {
  const item = document.createElement("li");
  item.className = "finding text-secondary";
  item.textContent = "检查通过：没有发现问题。";
  return item;
}

function row(finding, select) {
  const item = document.createElement("li");
  item.className = "finding";
  item.dataset.severity = finding.severity;
  const here = finding.file === page.name && (finding.element || finding.line);
  const head = document.createElement(here ? "button" : "span");
  head.className = here ? "finding-head btn btn-link p-0" : "finding-head";
  head.textContent = finding.message;
  if (here) {
    head.type = "button";
    head.addEventListener("click", () => select(finding));
  }
  const where = document.createElement("div");
  where.className = "finding-where";
  where.textContent = place(finding);
  item.append(head, where);
  if (finding.cure) {
    const cure = document.createElement("div");
    cure.className = "finding-cure";
    cure.textContent = `怎么改：${finding.cure}`;
    item.append(cure);
  }
  return item;
}

function place(finding) {
  const parts = [finding.severity === "error" ? "错误" : "提醒"];
  if (finding.file && finding.file !== page.name) parts.push(finding.file);
  if (finding.element) parts.push(finding.element);
  if (finding.line) parts.push(`第 ${finding.line} 行`);
  parts.push(finding.rule);
  return parts.join(" · ");
}
