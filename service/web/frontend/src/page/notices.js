// A notice that is opened is read: the page tells the service in passing, while it is being left.

export function readWhatIsOpened(document) {
  const onOpening = (event) => {
    const link = event.target.closest?.("a[data-unread]");
    if (!link || event.button > 1) return;
    const told = new FormData();
    told.append("csrf_token", document.querySelector('meta[name="csrf-token"]').content);
    told.append("id", link.dataset.unread);
    navigator.sendBeacon(link.dataset.readAt, told);
    link.removeAttribute("data-unread");
    link.closest(".notice").classList.add("is-read");
  };
  document.addEventListener("click", onOpening);
  document.addEventListener("auxclick", onOpening); // in another tab
}
