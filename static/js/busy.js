/* A pressed button says "Bezig…" and a form cannot be sent twice; coming back with Back makes it whole again. */
(() => {
  "use strict";
  const PATIENCE = 30_000;
  /* A file comes beside the page, which stays: nothing says when it is there. */
  const OF_A_FILE = 3_000;
  const pressed = new Map();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sending) { event.preventDefault(); return; }
    form.dataset.sending = "yes";
    const button = event.submitter || form.querySelector("button:not([type=button])");
    if (!button) return;
    /* After this turn: a button that is disabled while the form is read would not be part of what is sent. */
    setTimeout(() => {
      pressed.set(button, [...button.childNodes]);
      button.style.minInlineSize = button.offsetWidth + "px";
      button.replaceChildren(document.body.dataset.busy || "…");
      button.setAttribute("aria-busy", "true");
      button.disabled = true;
      /* The line broke or "stop" was pressed: trying again is safe, the server knows the form by its key. */
      setTimeout(free, "file" in form.dataset ? OF_A_FILE : PATIENCE);
    });
  });

  function free() {
    for (const [button, content] of pressed) {
      button.replaceChildren(...content);
      button.removeAttribute("aria-busy");
      button.disabled = false;
      delete button.form?.dataset.sending;
    }
    pressed.clear();
  }

  window.addEventListener("pageshow", (event) => { if (event.persisted) free(); });
})();
