/* On a page that says "not now": asks for it again by itself, a little later each time, and opens it when it is there.
   Only what was asked for: what was sent is never sent again, and a page after a form does not load this.
   Where Kring is there but busy (data-busy), to look first would be to ask twice: the page is opened at once. */
(() => {
  "use strict";
  const { again, busy } = document.currentScript.dataset;
  const LATER = 1.5, SPREAD = 0.5, LONGEST = 300, FORGOTTEN = 10 * 60 * 1000;
  const before = history.state && Date.now() - history.state.askedAt < FORGOTTEN ? history.state.wait : 0;
  let wait = before || Number(again);
  const isThere = ({ status }) => status < 500 && status !== 429;

  async function ask() {
    if (busy !== undefined) { history.replaceState({ wait, askedAt: Date.now() }, ""); location.reload(); return; }
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
