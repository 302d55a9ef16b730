// Live countdowns: `<time data-due="2024-02-13T16:00:00Z">` shows what is left, or by how much it is late.
//
// The service's clock counts, not that of the desk: `<html data-now="…">` says what time it was there when the page
// was made, and the page only counts on from it. The text that the server wrote stays where there is no script.

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
const EVERY_MS = 1000;

export function remaining(seconds) {
  const whole = Math.floor(Math.abs(seconds));
  const days = Math.floor(whole / DAY_S);
  const hours = Math.floor((whole % DAY_S) / HOUR_S);
  const minutes = Math.floor((whole % HOUR_S) / MINUTE_S);
  if (days > 0) return `${days}天${hours}小时`;
  if (hours > 0) return `${hours}小时${minutes}分`;
  return minutes > 0 ? `${minutes}分${whole % MINUTE_S}秒` : `${whole}秒`;
}

function press(left) {
  if (left < 0) return "overdue";
  if (left < HOUR_S) return "hour";
  return left < DAY_S ? "day" : "later";
}

export function countdown(due, now) {
  const left = (due - now) / 1000;
  return { state: press(left), text: `${left < 0 ? "逾期" : "剩余"} ${remaining(left)}` };
}

export function serverClock(document) {
  const told = Date.parse(document.documentElement.dataset.now ?? "");
  const loaded = performance.now();
  return () => (Number.isNaN(told) ? Date.now() : told + performance.now() - loaded);
}

export function startCountdowns(document) {
  const now = serverClock(document);

  function show() {
    for (const element of document.querySelectorAll("time[data-due]")) {
      const due = Date.parse(element.dataset.due);
      if (Number.isNaN(due)) continue;
      const { state, text } = countdown(due, now());
      if (element.dataset.state !== state) {
        element.dataset.state = state;
        const row = element.closest("[data-press]");
        if (row) row.dataset.press = state;
      }
      if (element.textContent !== text) element.textContent = text;
    }
  }

  show();
  setInterval(show, EVERY_MS);
  document.addEventListener("htmx:after:swap", show); // a list that htmx has just brought in
}
