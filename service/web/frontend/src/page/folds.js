// What stands open beside the work on a wide screen is folded above it on a phone.

const WIDE = "(min-width: 992px)";

export function openOnDesk(document) {
  const wide = window.matchMedia(WIDE);
  const follow = () => {
    for (const fold of document.querySelectorAll("details[data-open-on-desk]")) fold.open = wide.matches;
  };
  wide.addEventListener("change", follow);
  follow();
}
