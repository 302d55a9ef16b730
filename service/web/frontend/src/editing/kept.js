// What was typed and not saved is kept in this browser, so that neither an error nor an expired session loses it.

const key = (page) => `jsjb.draft.${page.draft}.${page.name}`;

export function keep(page, content, seen) {
  try {
    localStorage.setItem(key(page), JSON.stringify({ content, seen, at: new Date().toISOString() }));
    return true;
  } catch {
    return false; // a full or forbidden storage: the page says so
  }
}

export function forget(page) {
  try {
    localStorage.removeItem(key(page));
  } catch {
    /* there was nothing to forget */
  }
}

export function kept(page) {
  try {
    const found = JSON.parse(localStorage.getItem(key(page)));
    return found && found.content !== page.content ? found : null;
  } catch {
    return null;
  }
}
