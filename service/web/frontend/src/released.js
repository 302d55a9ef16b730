// A diagram of a release, to be looked at: dragged, zoomed, nothing changed. The element that the address names
// (#submit_report) is marked and brought into sight.

import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./rooms/pointed.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const READABLE = 0.62; // below this scale the labels of a picture cannot be read

const container = document.querySelector("[data-released]");
const viewer = new NavigatedViewer({ container });
const answer = await fetch(container.dataset.released);
await viewer.importXML(await answer.text());
const canvas = viewer.get("canvas");
canvas.zoom("fit-viewport", "auto");

function pointAt(id) {
  const element = viewer.get("elementRegistry").get(id);
  if (!element) return;
  for (const marked of viewer.get("elementRegistry").filter((one) => canvas.hasMarker(one, "is-pointed-at"))) {
    canvas.removeMarker(marked, "is-pointed-at");
  }
  canvas.addMarker(id, "is-pointed-at");
  if (canvas.zoom() < READABLE) canvas.zoom(READABLE);
  canvas.scrollToElement(id, 120);
}

const named = () => pointAt(decodeURIComponent(window.location.hash.slice(1)));
window.addEventListener("hashchange", named);
named();
container.dataset.ready = "yes";
