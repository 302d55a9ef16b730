// What a refused release says of the worked cases goes once they have all been played: then it is no longer so.

export function forgetOncePlayed(root) {
  root.addEventListener("htmx:after:swap", () => {
    if (root.querySelector("#rehearsal")?.dataset.state !== "done") return;
    for (const one of root.querySelectorAll("[data-until-played]")) one.remove();
    const summary = root.querySelector("[data-error-summary]");
    if (summary && !summary.querySelector("li")) summary.remove();
  });
}
