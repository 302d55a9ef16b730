// The editor of diagrams: bpmn-js with the panel 「投诉办理」, token simulation, minimap, and the server's findings.

import "./editing/adopted_styles.js";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn-embedded.css";
import "@bpmn-io/properties-panel/dist/assets/properties-panel.css";
import "bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css";
import "diagram-js-minimap/assets/diagram-js-minimap.css";
import "./editing/editing.css";
import "./modeling/modeling.css";

import Modeler from "bpmn-js/lib/Modeler.js";
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule } from "bpmn-js-properties-panel";
import TokenSimulationModule from "bpmn-js-token-simulation";
import MinimapModule from "diagram-js-minimap";

import { page } from "./editing/page.js";
import { startSession } from "./editing/session.js";
import { cannotShow } from "./editing/unreadable.js";
import { chinese, speakChinese } from "./modeling/chinese.js";
import { descriptor } from "./modeling/descriptor.js";
import { ids } from "./modeling/ids.js";
import { markFindings } from "./modeling/marks.js";
import { offered } from "./modeling/offered.js";
import { provider } from "./modeling/provider.js";

const canvas = document.querySelector("[data-canvas]");
const modeler = new Modeler({
  container: canvas,
  propertiesPanel: { parent: document.querySelector("[data-panel]") },
  additionalModules: [
    BpmnPropertiesPanelModule,
    BpmnPropertiesProviderModule,
    TokenSimulationModule,
    MinimapModule,
    provider,
    chinese,
    ids,
    offered,
    { jsjbPage: ["value", page] },
  ],
  moddleExtensions: { jsjb: descriptor },
});

// Left of the drawing stand the tools; the drawing must not begin behind them.
const TOOLS_PX = 120;
const EDGE_PX = 20;
const READABLE = 0.75;

function fit() {
  const view = modeler.get("canvas");
  const { inner, outer } = view.viewbox();
  const scale = Math.min(1, (outer.width - TOOLS_PX - EDGE_PX) / inner.width, (outer.height - 2 * EDGE_PX) / inner.height);
  if (!(scale > 0)) return view.zoom("fit-viewport");
  return view.viewbox({
    x: inner.x - TOOLS_PX / scale,
    y: inner.y - EDGE_PX / scale,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

function select(finding) {
  const element = modeler.get("elementRegistry").get(finding.element);
  if (!element) return;
  const view = modeler.get("canvas");
  modeler.get("selection").select(element);
  if (view.zoom() < READABLE) view.zoom(READABLE);
  view.scrollToElement(element, { top: 120, bottom: 120, left: 160, right: 120 });
  canvas.scrollIntoView({ block: "nearest" });
}

async function write(xml) {
  const { warnings } = await modeler.importXML(xml);
  for (const warning of warnings) console.warn(warning.message);
  fit();
}

function begin() {
  speakChinese(canvas);
  const session = startSession({
    read: async () => (await modeler.saveXML({ format: true })).xml,
    write,
    select,
    mark: (findings) => markFindings(modeler, findings),
  });
  const stack = modeler.get("commandStack");
  const [undo, redo, whole] = ["undo", "redo", "fit"].map((name) => document.querySelector(`[data-${name}]`));
  modeler.on("commandStack.changed", () => {
    session.changed();
    undo.disabled = !stack.canUndo();
    redo.disabled = !stack.canRedo();
  });
  undo.addEventListener("click", () => stack.undo());
  redo.addEventListener("click", () => stack.redo());
  whole.addEventListener("click", fit);
}

await write(page.content).then(begin, cannotShow);
window.jsjbModeler = modeler; // for the tests in a browser, and for whoever looks into it there
