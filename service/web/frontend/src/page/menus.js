// Menus made of <details> close on a click elsewhere and on Escape.

export function closeMenus(document) {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.app-user[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.app-user[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
