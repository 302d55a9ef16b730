// Rows found by what people call them: a list of their Chinese names above the table, and the name in the first cell.

const nameOf = (rule) => (rule.description || "").trim();

export function listRows(host, table, go) {
  const rows = table.get("rule");
  host.replaceChildren(
    ...rows.map((rule, place) => {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "row-link";
      made.dataset.rule = rule.id;
      made.textContent = nameOf(rule) || `第 ${place + 1} 行`;
      made.addEventListener("click", () => go(rule.id));
      return made;
    }),
  );
}

export function filterRows(host, query) {
  const wanted = query.trim();
  for (const one of host.children) one.hidden = Boolean(wanted) && !one.textContent.includes(wanted);
}

// The table draws itself anew after every change, so the names are put back each time.
export function nameRows(container, tableOf) {
  const put = () => {
    const rows = tableOf().get("rule");
    const drawn = container.querySelectorAll("tbody tr");
    drawn.forEach((row, place) => {
      const cell = row.querySelector("td.input-cell, td.cell:not(.rule-index)");
      const rule = rows[place];
      if (!cell || !rule) return;
      if (row.dataset.rule !== rule.id) row.dataset.rule = rule.id;
      const name = nameOf(rule).split("：")[0];
      if (cell.dataset.rowName !== name) cell.dataset.rowName = name;
    });
  };
  new MutationObserver(put).observe(container, { childList: true, subtree: true });
  put();
}

export function goToRow(container, id) {
  const row = container.querySelector(`tr[data-rule="${CSS.escape(id)}"]`);
  if (!row) return;
  for (const other of container.querySelectorAll("tr.is-found")) other.classList.remove("is-found");
  row.classList.add("is-found");
  row.scrollIntoView({ block: "center", inline: "start", behavior: "smooth" });
}
