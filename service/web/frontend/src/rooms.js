// What the rooms of process owners and administrators load beside app.js.

import "./rooms/rooms.css";
import "./rooms/differing.css";
import "./rooms/people.css";
import "./rooms/register.css";
import "./rooms/pointed_text.js";
import { forgetOncePlayed } from "./rooms/played.js";
import { followTicks, openAll } from "./rooms/ticks.js";

document.querySelector("[data-error-summary]")?.focus();
followTicks(document);
forgetOncePlayed(document);
openAll(document);
