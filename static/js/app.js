// Adds comfort to pages that work without it: reveal a password, copy or print a value, submit
// once, close a menu, go on when all is done.
"use strict";

const ONWARD_AFTER_MS = 3000;
const RETRY_AFTER_MS = 10000; // a request that got lost may be sent again

function setUpReveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.toggleAttribute("data-shown", visible);
    button.setAttribute("aria-label", visible ? button.dataset.hide : button.dataset.show);
  };
  button.addEventListener("click", () => {
    show(input.type === "password");
    input.focus();
  });
  // A browser stores what a text field held; a password must not be one when it is sent.
  input.form.addEventListener("submit", () => show(false));
  button.hidden = false;
}

function setUpCopy(button) {
  const label = button.getAttribute("aria-label");
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.toggleAttribute("data-copied", true);
    button.setAttribute("aria-label", button.dataset.done);
    setTimeout(() => {
      button.toggleAttribute("data-copied", false);
      button.setAttribute("aria-label", label);
    }, 2000);
  });
  button.hidden = false;
}

function setUpPrint(button) {
  button.addEventListener("click", () => print());
  button.hidden = false;
}

function release(form) {
  form.removeAttribute("data-busy");
  form.removeAttribute("aria-busy");
  form.querySelectorAll("[data-pressed]").forEach((button) => button.removeAttribute("data-pressed"));
}

function setUpOnce(form) {
  form.addEventListener("submit", (event) => {
    if (form.hasAttribute("data-busy")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-busy", "");
    form.setAttribute("aria-busy", "true");
    event.submitter?.setAttribute("data-pressed", "");
    setTimeout(release, RETRY_AFTER_MS, form);
  });
}

// A menu closes as menus do: by Escape, which gives the focus back, and by a click beside it.
function setUpMenu(menu) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

// The way back is taken when everybody was told, or when that takes too long.
function setUpOnward(link) {
  const go = () => location.replace(link.href);
  if (document.readyState === "complete") go();
  else addEventListener("load", go);
  setTimeout(go, ONWARD_AFTER_MS);
}

document.querySelectorAll("[data-reveal]").forEach(setUpReveal);
if (navigator.clipboard) document.querySelectorAll("[data-copy]").forEach(setUpCopy);
document.querySelectorAll("[data-print]").forEach(setUpPrint);
document.querySelectorAll("form[data-once]").forEach(setUpOnce);
document.querySelectorAll("details[data-menu]").forEach(setUpMenu);
document.querySelectorAll("a[data-onward]").forEach(setUpOnward);

// The page may come back from the browser's cache exactly as it was left: busy.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-once]").forEach(release);
});
