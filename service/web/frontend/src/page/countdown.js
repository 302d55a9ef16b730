// Live countdowns: `<time data-due="2024-02-13T16:00:00Z" data-soon-s="3600">` shows what is left or by how much it is late.
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

export function countdown(due, now, soonFor) {
  const left = (due - now) / 1000;
  if (left < 0) return { state: "overdue", text: `超期 ${remaining(left)}` };
  return { state: left <= soonFor ? "soon" : "open", text: `剩余 ${remaining(left)}` };
}

export function startCountdowns(document) {
  const told = Date.parse(document.documentElement.dataset.now ?? "");
  const loaded = performance.now();
  const now = () => (Number.isNaN(told) ? Date.now() : told + performance.now() - loaded);

  function show() {
    for (const element of document.querySelectorAll("time[data-due]")) {
      const due = Date.parse(element.dataset.due);
      if (Number.isNaN(due)) continue;
      const { state, text } = countdown(due, now(), Number(element.dataset.soonS ?? 0));
      if (element.dataset.state !== state) element.dataset.state = state;
      if (element.textContent !== text) element.textContent = text;
    }
  }

  show();
  setInterval(show, EVERY_MS);
  document.addEventListener("htmx:after:swap", show); // a list that htmx has just brought in
}
