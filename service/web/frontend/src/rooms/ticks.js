// Many boxes to tick: one that ticks them all, how many are ticked, and one button that opens all that is folded.
// The boxes may come in later, with a part of the page that htmx puts in; so the whole document is listened to.

const boxes = (root, name) => [...root.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)];

function count(root, name) {
  const all = boxes(root, name);
  const ticked = all.filter((box) => box.checked).length;
  for (const told of root.querySelectorAll(`[data-ticked="${CSS.escape(name)}"]`)) told.textContent = `已勾选 ${ticked} / ${all.length}`;
  for (const whole of root.querySelectorAll(`[data-tick-all="${CSS.escape(name)}"]`)) {
    whole.checked = all.length > 0 && ticked === all.length;
    whole.indeterminate = ticked > 0 && ticked < all.length;
  }
}

export function followTicks(root) {
  const countAll = () => root.querySelectorAll("[data-tick-all]").forEach((whole) => count(root, whole.dataset.tickAll));
  root.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    const all = target.dataset.tickAll;
    if (all) for (const box of boxes(root, all)) box.checked = target.checked;
    count(root, all || target.name);
  });
  root.addEventListener("htmx:after:swap", countAll);
  countAll();
}

export function openAll(root) {
  root.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("[data-open-all]");
    if (!button) return;
    const folded = [...root.querySelectorAll(button.dataset.openAll)];
    const open = folded.some((one) => !one.open);
    for (const one of folded) one.open = open;
    button.textContent = open ? "收起全部" : "展开全部";
  });
}
