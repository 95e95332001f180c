/* On a page that says "not now": asks for it again by itself, a little later each time, and opens it when it is there.
   Only what was asked for: what was sent is never sent again, and a page after a form does not load this. */
(() => {
  "use strict";
  const { again } = document.currentScript.dataset;
  const LATER = 1.5, SPREAD = 0.5, LONGEST = 300;
  let wait = Number(again);
  const isThere = ({ status }) => status < 500 && status !== 429;

  async function ask() {
    try {
      if (isThere(await fetch(location.href, { cache: "no-store", credentials: "same-origin", redirect: "manual" }))) { location.reload(); return; }
    } catch { /* the line is down as well */ }
    later();
  }

  /* Not all at the same moment: who was sent away together would come back together. */
  function later() {
    setTimeout(ask, wait * (1 + SPREAD * Math.random()) * 1000);
    wait = Math.min(wait * LATER, LONGEST);
  }
  later();
})();
