// A file that the editor of its kind cannot show: what is wrong with it is told, and it can be mended as text.

import { showFindings } from "./findings.js";
import { button, tell } from "./notice.js";
import { page } from "./page.js";

const goToText = () => location.assign(page.text_url);

export function cannotShow() {
  document.querySelector("[data-save]").disabled = true;
  document.querySelector("[data-check]").disabled = true;
  tell("danger", "这个文件读不懂，画不出来；内容没有丢，可以用文字改好它。", [button("用文字改", goToText)]);
  showFindings(page.findings, goToText);
  document.body.dataset.ready = "yes";
}
