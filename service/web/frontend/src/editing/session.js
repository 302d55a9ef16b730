// One file being edited: checked while it changes, saved on demand, kept in this browser until the server has it.

import { forget, keep, kept } from "./kept.js";
import { showFindings } from "./findings.js";
import { button, clear, link, plain, tell } from "./notice.js";
import { Answer, page, post } from "./page.js";

const CHECK_AFTER_MS = 1500;
const state = document.querySelector("[data-save-state]");
const saveButton = document.querySelector("[data-save]");

// `editor` has: read() -> Promise<text>, write(text) -> Promise, select(finding), mark(findings).
export function startSession(editor) {
  let seen = page.seen;
  let dirty = false;
  let saving = false;
  let timer = 0;

  const show = (findings) => {
    showFindings(findings, editor.select);
    editor.mark(findings);
  };
  const say = (text, kind = "secondary") => {
    state.textContent = text;
    state.className = `save-state text-${kind}`;
  };

  async function check() {
    try {
      const content = await editor.read();
      if (dirty && !keep(page, content, seen)) say("本机浏览器不允许保存，离开前请先保存草稿", "orange");
      show((await post(page.check_url, { content })).findings);
    } catch (answer) {
      if (answer instanceof Answer && answer.status === 401) expired();
      // a check that could not be made says nothing about the content
    }
  }

  function changed() {
    dirty = true;
    say("有未保存的修改", "orange");
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_AFTER_MS);
  }

  async function save() {
    if (saving) return;
    saving = true;
    saveButton.setAttribute("aria-busy", "true");
    say("正在保存…");
    try {
      const content = await editor.read();
      keep(page, content, seen);
      const saved = await post(page.save_url, { content, seen });
      seen = saved.mark;
      page.content = content;
      dirty = (await editor.read()) !== content;
      if (!dirty) forget(page);
      say(`已保存为草稿 ${new Date().toLocaleTimeString("zh-CN", { hour12: false })}`, "green");
      clear();
      show(saved.findings);
    } catch (answer) {
      failed(answer);
    } finally {
      saving = false;
      saveButton.removeAttribute("aria-busy");
    }
  }

  function failed(answer) {
    say("没有保存；修改还在本机浏览器里", "red");
    if (!(answer instanceof Answer)) return tell("warning", "连不上服务器。您的修改已留在本机浏览器里，稍后再点“保存草稿”。");
    if (answer.status === 401) return expired();
    if (answer.body.code === "draft.changed") return conflict(answer.body);
    return tell("danger", answer.message);
  }

  function expired() {
    tell("warning", "登录已过期。您的修改已留在本机浏览器里：", [
      link("在新标签页登录", page.login_url),
      plain("，登录后回到本页再点“保存草稿”。"),
    ]);
  }

  function conflict(body) {
    const again = button("以我的为准，覆盖对方的", async () => {
      if (!confirm(`${body.first_by} 在您之后打开本页期间保存的修改会被您的版本替换。确定吗？`)) return;
      seen = body.mark;
      await save();
    });
    const theirs = button("放弃我的，载入对方的", () => {
      if (!confirm("您在本页的修改会丢弃，确定吗？")) return;
      forget(page);
      dirty = false;
      location.reload();
    });
    tell("warning", `${body.first_by} 已在 ${body.first_at_text} 先保存了这个文件，您的修改没有覆盖它，也没有丢。`, [
      link("看对方保存的内容", page.raw_url),
      again,
      theirs,
    ]);
  }

  function offerKept() {
    const found = kept(page);
    if (!found) return;
    const at = new Date(found.at).toLocaleString("zh-CN", { hour12: false });
    const since = found.seen === page.seen ? "" : "（此后草稿里的这个文件又被保存过）";
    tell("info", `本机浏览器里留有 ${at} 未保存的修改${since}。`, [
      button("恢复这些修改", async () => {
        clear();
        await editor.write(found.content);
        seen = found.seen;
        changed();
      }),
      button("丢弃", () => {
        forget(page);
        clear();
      }),
    ]);
  }

  saveButton.addEventListener("click", save);
  document.querySelector("[data-check]").addEventListener("click", check);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "s") {
      event.preventDefault();
      save();
    }
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
  show(page.findings);
  offerKept();
  document.body.dataset.ready = "yes";
  return { changed, save, isDirty: () => dirty };
}
