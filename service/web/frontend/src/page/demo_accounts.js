// A click on a demo account fills the form of the login page.

export function offerDemoAccounts(document) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-fill-account]");
    if (!button) return;
    document.getElementById("account").value = button.dataset.fillAccount;
    const password = document.getElementById("password");
    password.value = button.dataset.fillPassword;
    password.focus();
    password.scrollIntoView({ block: "center" });
  });
}
