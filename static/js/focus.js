/* After a refused form the summary has the focus; what the page has to say is said aloud once. Menus close on Escape and when they are left. */
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

  const menus = [...document.querySelectorAll("details.menu")];
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && menus.find((menu) => menu.open);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  /* A tap beside it, or Tab on past its end: an open menu would lie over what has the focus. */
  for (const left of ["click", "focusin"]) {
    document.addEventListener(left, (event) => {
      for (const menu of menus) if (!menu.contains(event.target)) menu.open = false;
    });
  }
})();
