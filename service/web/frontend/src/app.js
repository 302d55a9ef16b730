// What every page loads: htmx, the moving parts of Tabler, and the countdowns.

import "./app.css";
import "@tabler/core";
import htmx from "htmx.org";
import { startCountdowns } from "./page/countdown.js";

window.htmx = htmx;
startCountdowns(document);
