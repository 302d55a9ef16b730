// What every page loads: htmx, the moving parts of Tabler, the countdowns, and what keeps forms and menus well-behaved.

import "./app.css";
import "@tabler/core";
import htmx from "htmx.org";
import { askFirst } from "./page/ask.js";
import { startCountdowns } from "./page/countdown.js";
import { offerDemoAccounts } from "./page/demo_accounts.js";
import { closeMenus } from "./page/menus.js";
import { markUnattended } from "./page/attended.js";
import { readWhatIsOpened } from "./page/notices.js";
import { guardDoubleClicks } from "./page/once.js";
import { tellSignedOut } from "./page/signed_out.js";
import { forgetHandedIn, forgetOthers } from "./page/typed.js";

window.htmx = htmx;
startCountdowns(document);
markUnattended(document);
askFirst(document);
guardDoubleClicks(document);
closeMenus(document);
readWhatIsOpened(document);
tellSignedOut(document);
forgetHandedIn(document);
forgetOthers(document);
offerDemoAccounts(document);
