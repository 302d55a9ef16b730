// What a page with a task form loads beside app.js: conditions that follow what is typed, uploads, what was left behind.

import { followConditions } from "./page/conditions.js";
import { openOnDesk } from "./page/folds.js";
import { keepTyped } from "./page/typed.js";
import { acceptUploads } from "./page/uploads.js";

for (const form of document.querySelectorAll("form[data-task-form]")) {
  acceptUploads(form);
  followConditions(form);
  keepTyped(document, form);
}
openOnDesk(document);
document.querySelector("[data-error-summary]")?.focus();
