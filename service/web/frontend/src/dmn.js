// The editor of the deadline table: dmn-js as a table, its rows found by their Chinese names, the server's findings.

import "./editing/adopted_styles.js";
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-drd.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-font/css/dmn-embedded.css";
import "./editing/editing.css";
import "./tables/tables.css";

import DmnModeler from "dmn-js/lib/Modeler.js";

import { ofThisFile } from "./editing/findings.js";
import { page } from "./editing/page.js";
import { startSession } from "./editing/session.js";
import { cannotShow } from "./editing/unreadable.js";
import { chinese } from "./tables/chinese.js";
import { filterRows, goToRow, listRows, nameRows } from "./tables/find_row.js";

const container = document.querySelector("[data-canvas]");
const rows = document.querySelector("[data-rows]");
const search = document.querySelector("[data-row-search]");
const modeler = new DmnModeler({
  container,
  drd: { additionalModules: [chinese] },
  decisionTable: { additionalModules: [chinese] },
  literalExpression: { additionalModules: [chinese] },
});
let session;

const tableOf = () => modeler.getActiveView().element.get("decisionLogic");
const rowsOfTable = () => listRows(rows, tableOf(), (id) => goToRow(container, id));

// A finding names its row by the clock, a cell or the row itself.
function ruleOf(finding) {
  const named = finding.element;
  return tableOf()
    .get("rule")
    .find(
      (rule) =>
        rule.id === named ||
        [...rule.get("inputEntry"), ...rule.get("outputEntry")].some((cell) => cell.id === named) ||
        rule.get("inputEntry")[0]?.text === `"${named}"`,
    );
}

function select(finding) {
  const rule = ruleOf(finding);
  if (rule) goToRow(container, rule.id);
}

function mark(findings) {
  for (const row of container.querySelectorAll("tr[data-finding]")) delete row.dataset.finding;
  for (const finding of ofThisFile(findings)) {
    const rule = finding.element && ruleOf(finding);
    const row = rule && container.querySelector(`tr[data-rule="${CSS.escape(rule.id)}"]`);
    if (row) row.dataset.finding = finding.severity;
  }
}

async function write(xml) {
  await modeler.importXML(xml);
  const view = modeler.getViews().find((one) => one.type === "decisionTable");
  if (view && modeler.getActiveView() !== view) await modeler.open(view);
  const viewer = modeler.getActiveViewer();
  viewer.on("elements.changed", () => {
    rowsOfTable();
    filterRows(rows, search.value);
    session?.changed();
  });
  rowsOfTable();
  nameRows(container, tableOf);
}

function begin() {
  search.addEventListener("input", () => filterRows(rows, search.value));
  session = startSession({ read: async () => (await modeler.saveXML({ format: true })).xml, write, select, mark });
}

await write(page.content).then(begin, cannotShow);
window.jsjbModeler = modeler; // for the tests in a browser, and for whoever looks into it there
