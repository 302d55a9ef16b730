// What cannot be undone, or crosses what somebody else does, is asked about first: `<form data-confirm="…">`.

export function askFirst(document) {
  document.addEventListener(
    "submit",
    (event) => {
      const question = event.target.dataset.confirm;
      if (question && !window.confirm(question)) event.preventDefault();
    },
    true,
  );
}
