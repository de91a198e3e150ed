/* What the pages are better with, and work without. */
"use strict";

// A form is sent once: its buttons rest until the next page is there. The server
// refuses doubles as well.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const pressed = event.submitter;
  if (pressed && pressed.dataset.busy) {
    pressed.dataset.idle = pressed.textContent;
    pressed.textContent = pressed.dataset.busy;
  }
  form.setAttribute("aria-busy", "true");
});

// Back from the next page, the form can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    for (const button of form.querySelectorAll("[data-idle]")) {
      button.textContent = button.dataset.idle;
    }
  }
});

// What went wrong is read first.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelector(".error-summary")?.focus();
});
