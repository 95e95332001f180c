/* Which messages stood on the screen for a second: sent together, each of them once. Of a long one the rest too. */
(() => {
  "use strict";
  const { seenUrl, csrf } = document.body.dataset;
  if (!seenUrl || !("IntersectionObserver" in window)) return;
  const LONG_ENOUGH = 1000;
  const EVERY = 4000;
  const waiting = new Set();
  const timers = new Map();

  function send() {
    if (waiting.size === 0) return;
    const body = new URLSearchParams([...waiting].map((uid) => ["uid", uid]));
    waiting.clear();
    fetch(seenUrl, { method: "POST", body, keepalive: true, credentials: "same-origin", headers: { "X-CSRFToken": csrf } }).catch(() => {});
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

  for (const article of document.querySelectorAll("[data-seen], .post:not([data-unseen])")) {
    const cut = article.querySelector(".clamp");
    const unfold = () => {
      cut?.classList.replace("clamp", "text");
      cut?.nextElementSibling.remove();
      watcher.observe(article);
    };
    if (!cut || cut.scrollHeight <= cut.clientHeight + 1) unfold();
    else cut.nextElementSibling.addEventListener("click", (event) => {
      event.preventDefault();
      unfold();
      cut.tabIndex = -1;
      cut.focus({ preventScroll: true });
    });
  }
  setInterval(send, EVERY);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  window.addEventListener("pagehide", send);
})();
