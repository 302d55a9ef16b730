// A diagram of a release, to be looked at: dragged, zoomed, nothing changed.

import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";

const container = document.querySelector("[data-released]");
const viewer = new NavigatedViewer({ container });
const answer = await fetch(container.dataset.released);
await viewer.importXML(await answer.text());
viewer.get("canvas").zoom("fit-viewport", "auto");
container.dataset.ready = "yes";
