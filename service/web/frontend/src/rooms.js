// What the rooms of process owners and administrators load beside app.js.

import "./rooms/rooms.css";
import "./rooms/pointed_text.js";
import { followTicks, openAll } from "./rooms/ticks.js";

// What cannot be undone is asked about first.
document.addEventListener(
  "submit",
  (event) => {
    const question = event.target.dataset.confirm;
    if (question && !window.confirm(question)) event.preventDefault();
  },
  true,
);

document.querySelector("[data-error-summary]")?.focus();
followTicks(document);
openAll(document);
