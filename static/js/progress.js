/* A page that waits for work asks how far it is, and shows itself anew when the work is done. */
(() => {
  "use strict";
  const EVERY = 1500;
  const words = document.querySelector("[data-progress]");
  if (!words) return;

  async function look() {
    try {
      const response = await fetch(words.dataset.progress, { credentials: "same-origin", cache: "no-store", redirect: "manual" });
      /* Ready; or signed out meanwhile, which the page itself says. */
      if (response.status !== 200) { location.reload(); return; }
      const said = await response.text();
      if (said !== words.textContent) words.textContent = said;
    } catch { /* The line is down: the link on the page still works, and so does the next try. */ }
    setTimeout(look, EVERY);
  }

  setTimeout(look, EVERY);
})();
