// What is typed into a task form is kept in this tab until it is handed in: whoever leaves the form is offered it again.
//
// In the tab alone, under the person who typed it: it tells of complaints, and desks are shared.

const PREFIX = "jsjb.typed.";
const NOT_TYPED = new Set(["csrf_token", "key"]);
const PAUSE_MS = 300;

function store(run) {
  try {
    return run(window.sessionStorage);
  } catch {
    return null; // full or forbidden: the form works as before, only nothing is kept
  }
}

function typedIn(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_TYPED.has(name));
}

// The server draws the form again with all of it, files included, as it does after a refusal.
function restore(document, form, typed) {
  const again = document.createElement("form");
  again.method = "post";
  again.action = window.location.href;
  again.hidden = true;
  const own = ["csrf_token", "key"].map((name) => [name, form.elements[name].value]);
  for (const [name, value] of [...own, ...typed, ["look_again", "1"]]) {
    const field = document.createElement("textarea");
    field.name = name;
    field.value = value;
    again.append(field);
  }
  document.body.append(again);
  again.submit();
}

export function keepTyped(document, form) {
  const key = PREFIX + form.dataset.keptAs;
  const untouched = JSON.stringify(typedIn(form));
  const offer = document.querySelector("[data-typed-offer]");
  const before = store((kept) => kept.getItem(key));
  if (before && before !== untouched && "fresh" in form.dataset) {
    offer.hidden = false;
    offer.querySelector("[data-restore]").addEventListener("click", () => restore(document, form, JSON.parse(before)));
    offer.querySelector("[data-discard]").addEventListener("click", () => {
      store((kept) => kept.removeItem(key));
      offer.hidden = true;
    });
  }

  let waiting;
  const keep = () => {
    clearTimeout(waiting);
    waiting = setTimeout(keepNow, PAUSE_MS);
  };
  const keepNow = () => {
    const typed = JSON.stringify(typedIn(form));
    if (typed !== untouched || !("fresh" in form.dataset)) store((kept) => kept.setItem(key, typed));
  };
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);
  window.addEventListener("pagehide", () => waiting && keepNow());
  if (!("fresh" in form.dataset)) keepNow();
}

export function forgetHandedIn(document) {
  const done = document.querySelector("[data-handed-in]");
  if (done) store((kept) => kept.removeItem(PREFIX + done.dataset.handedIn));
}
