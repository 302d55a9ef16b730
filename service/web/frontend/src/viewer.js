// The live diagram of a case: bpmn-js shows the pictures of its release, and on them where the tokens stand, what is
// done, what is late, and what is left of each running clock. Called stages are pictures of their own.

import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./viewer.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const READABLE = 0.62; // below this scale the labels of a picture cannot be read
const ZOOM_STEP = 1.25;

function diagramOf(definitions, process) {
  return definitions.diagrams.find(({ plane }) => {
    const shown = plane.bpmnElement;
    return shown?.id === process || shown?.participants?.some((one) => one.processRef?.id === process);
  });
}

function badge(clock) {
  const element = document.createElement("time");
  element.className = "countdown clock-badge";
  element.dataset.due = clock.due;
  element.dataset.state = clock.press;
  element.textContent = "…";
  return element;
}

function mark(viewer, state, drawing, instance) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const overlays = viewer.get("overlays");
  const put = (node, marker) => registry.get(node) && canvas.addMarker(node, marker);

  // what holds other shapes would hide them under its colour
  const isFrame = (node) => registry.get(node)?.children?.some((one) => !one.labelTarget && one.type !== "label");
  for (const node of state.passed) if (!isFrame(node)) put(node, "is-passed");
  for (const token of instance.tokens) put(token.node, "has-token");
  // a stage is under way while a token stands in it
  for (const [activity, process] of Object.entries(drawing.calls)) {
    if (instance.tokens.some((token) => token.process === process)) put(activity, "has-token");
  }
  for (const clock of state.clocks.filter((one) => one.instance === instance.id)) {
    if (!registry.get(clock.node)) continue;
    if (clock.press === "overdue") put(clock.node, "is-late");
    overlays.add(clock.node, { position: { bottom: -2, left: -12 }, html: badge(clock) });
  }
}

async function open(viewer, files, state, instance, drawing) {
  if (viewer.shownFile !== drawing.file) {
    const answer = await fetch(files + drawing.file, { headers: { Accept: "application/xml" } });
    if (!answer.ok) throw new Error(`${answer.status}`);
    const xml = await answer.text();
    viewer.xml = xml;
    viewer.shownFile = drawing.file;
    await viewer.importXML(xml).catch(() => undefined);
  }
  const diagram = diagramOf(viewer.getDefinitions(), drawing.process);
  await viewer.open(diagram);
  mark(viewer, state, drawing, instance);
  fit(viewer, instance);
}

// The whole picture where it can be read; else, and always on a phone, the place where somebody has to act.
function fit(viewer, instance) {
  const canvas = viewer.get("canvas");
  const registry = viewer.get("elementRegistry");
  const whole = canvas.zoom("fit-viewport", "auto");
  if (whole >= READABLE) return;
  const here = instance.tokens.filter((one) => registry.get(one.node));
  const token = registry.get((here.find((one) => one.waits) ?? here[0])?.node);
  if (!token) return;
  const { width, height } = canvas.viewbox().outer;
  canvas.viewbox({
    x: token.x + token.width / 2 - width / READABLE / 2,
    y: token.y + token.height / 2 - height / READABLE / 2,
    width: width / READABLE,
    height: height / READABLE,
  });
}

function zoomButtons(viewer) {
  const group = document.createElement("div");
  group.className = "btn-group diagram-zoom";
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "缩放流程图");
  const add = (text, label, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = text;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    group.append(button);
  };
  const canvas = () => viewer.get("canvas");
  add("全图", "显示全图", () => canvas().zoom("fit-viewport", "auto"));
  add("＋", "放大", () => canvas().zoom(canvas().zoom() * ZOOM_STEP));
  add("－", "缩小", () => canvas().zoom(canvas().zoom() / ZOOM_STEP));
  return group;
}

function stageChooser(state, show) {
  const select = document.createElement("select");
  select.className = "form-select form-select-sm";
  select.setAttribute("aria-label", "显示哪一段流程");
  state.instances.forEach((instance, i) =>
    instance.drawings.forEach((drawing, j) => {
      const here = instance.tokens.some((token) => token.process === drawing.process);
      const wasHere = here || drawing.nodes.some((node) => state.passed.includes(node));
      const runs = instance.state === "running";
      const over = wasHere ? (runs ? "" : "（已结束）") : runs ? "（还没有到）" : "（没有经过）";
      const name = `${j ? "　" : ""}${drawing.name || drawing.process}${over}${here ? " ●" : ""}`;
      select.add(new Option(name, `${i}.${j}`));
    }),
  );
  select.addEventListener("change", () => show(select.value));
  return select;
}

// The innermost picture in which somebody has to do something; else the innermost one with a token.
function firstChoice(state) {
  const i = Math.max(0, state.instances.findIndex((one) => one.tokens.length));
  const { tokens, drawings } = state.instances[i];
  const here = tokens.filter((token) => token.waits).at(-1) ?? tokens.at(-1);
  const j = here ? drawings.findIndex((one) => one.process === here.process) : 0;
  return `${i}.${Math.max(0, j)}`;
}

// Whoever leafs through the stages quickly wants the last one: a picture that is being opened is finished first, since
// the viewer holds one at a time, and what was chosen meanwhile and given up again is never opened.
function oneAfterAnother(act) {
  let before = Promise.resolve();
  let latest = 0;
  return (choice) => {
    latest += 1;
    const mine = latest;
    const whenFree = before.then(() => (mine === latest ? act(choice) : undefined));
    before = whenFree.catch(() => undefined);
    return whenFree;
  };
}

function refuse(container) {
  container.textContent = "流程图没有打开，请刷新页面再试。";
}

async function show(container) {
  const answer = await fetch(container.dataset.diagram, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const state = await answer.json();
  if (!state.instances.length) return;
  const viewer = new NavigatedViewer({ container });
  const opened = oneAfterAnother(async (choice) => {
    const [i, j] = choice.split(".").map(Number);
    const instance = state.instances[i];
    await open(viewer, container.dataset.files, state, instance, instance.drawings[j]);
    container.dataset.shown = choice;
  });
  const display = (choice) => opened(choice).catch(() => refuse(container));
  const chooser = stageChooser(state, display);
  document.querySelector("[data-stages]").append(chooser);
  container.append(zoomButtons(viewer));
  chooser.value = firstChoice(state);
  await opened(chooser.value);
  // a click on a stage opens its picture
  viewer.on("element.click", ({ element }) => {
    const [i, j] = chooser.value.split(".").map(Number);
    const { drawings } = state.instances[i];
    const called = drawings[j].calls[element.id];
    const at = called ? drawings.findIndex((one) => one.process === called) : -1;
    if (at < 0) return;
    chooser.value = `${i}.${at}`;
    display(chooser.value);
  });
  container.dataset.ready = "yes";
}

for (const container of document.querySelectorAll("[data-diagram]")) {
  show(container).catch(() => refuse(container));
}
