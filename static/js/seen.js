/* Which messages stood on the screen for a second: sent together, each of them once. Of a long one the rest too. */
(() => {
  "use strict";
  const { seenUrl, csrf } = document.body.dataset;
  if (!seenUrl || !("IntersectionObserver" in window)) return;
  const LONG_ENOUGH = 1000;
  const EVERY = 4000;
  const AGAIN_AFTER = 15000;
  const readOn = document.getElementById("read-on");
  const waiting = new Set();
  const timers = new Map();
  let notBefore = 0;

  /* What did not arrive goes along the next time, not at once: a server in trouble has enough to do. A no is an answer. */
  async function send() {
    if (waiting.size === 0) return;
    const sent = [...waiting];
    waiting.clear();
    const body = new URLSearchParams(sent.map((uid) => ["uid", uid]));
    const answer = await fetch(seenUrl, { method: "POST", body, keepalive: true, credentials: "same-origin", headers: { "X-CSRFToken": csrf } }).catch(() => null);
    if (answer && answer.status < 500) return;
    for (const uid of sent) waiting.add(uid);
    notBefore = Date.now() + AGAIN_AFTER;
  }

  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      if (!isIntersecting) continue;
      timers.set(target, setTimeout(() => {
        watcher.unobserve(target);
        /* In a list a message names itself once: in the way to its own page. */
        waiting.add(target.dataset.seen || target.querySelector("footer a").pathname.split("/").at(-2));
      }, LONG_ENOUGH));
    }
  /* A long message never fits a phone's screen: a strip of it in the middle is enough. */
  }, { rootMargin: "-20% 0px -20% 0px" });

  /* All are measured before one is changed: else the page is laid out anew for each. */
  const found = [...document.querySelectorAll("[data-seen], .post:not([data-unseen])")].map((article) => {
    const cut = article.querySelector(".clamp");
    return { article, cut, isLong: cut !== null && cut.scrollHeight > cut.clientHeight + 1 };
  });
  for (const { article, cut, isLong } of found) {
    if (!isLong) {
      cut?.classList.replace("clamp", "text");
      watcher.observe(article);
      continue;
    }
    /* Read on: here, and only then it counts. */
    const more = readOn.content.firstElementChild.cloneNode(true);
    more.setAttribute("aria-describedby", article.getAttribute("aria-labelledby"));
    more.addEventListener("click", () => {
      cut.classList.replace("clamp", "text");
      more.remove();
      cut.tabIndex = -1;
      cut.focus({ preventScroll: true });
      watcher.observe(article);
    });
    article.querySelector("footer").append(more);
  }
  setInterval(() => { if (Date.now() >= notBefore) send(); }, EVERY);
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  window.addEventListener("pagehide", send);
})();
