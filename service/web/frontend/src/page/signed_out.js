// A part of a page asked for itself and nobody is logged in any more: the page says so and stays, with all that is typed.

const UNAUTHORIZED = 401;

export function tellSignedOut(document) {
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx.response.status !== UNAUTHORIZED) return;
    document.querySelector("[data-signed-out]")?.removeAttribute("hidden");
  });
}
