/* After a refused form the summary has the focus; what the page has to say is said aloud once. The menu closes on Escape and when left. */
(() => {
  "use strict";
  const summary = document.querySelector("[data-focus]");
  if (summary) {
    summary.focus();
    /* Coming back to a refused form asks for the page, not for sending it again. */
    history.replaceState(history.state, "");
  }

  const said = document.querySelector("[data-said]");
  if (said && !summary) {
    /* A live region speaks only of what changes after it exists. */
    const voice = document.createElement("p");
    voice.className = "sr";
    voice.setAttribute("role", "status");
    document.body.append(voice);
    said.removeAttribute("role");
    setTimeout(() => { voice.textContent = said.innerText; }, 300);
  }

  const menu = document.querySelector("details.menu");
  if (!menu) return;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.firstElementChild.focus();
  });
  for (const left of ["click", "focusin"]) {
    document.addEventListener(left, (event) => { if (!menu.contains(event.target)) menu.open = false; });
  }
})();
