/* One photo after another by swiping and by keys; the links do the same. */
(() => {
  "use strict";
  const view = document.querySelector("[data-viewer]");
  if (!view) return;
  const FAR = 60;
  const go = (name) => { const link = view.querySelector(`[data-${name}]`); if (link) location.replace(link.href); };
  const backwards = document.documentElement.dir === "rtl" ? "following" : "previous";
  const forwards = backwards === "previous" ? "following" : "previous";

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "ArrowLeft") go(backwards);
    if (event.key === "ArrowRight") go(forwards);
    if (event.key === "Escape") location.assign(view.querySelector("[data-back]").href);
  });

  let start = null;
  view.addEventListener("touchstart", (event) => {
    /* Two fingers look closer; they do not turn the page. */
    start = event.touches.length === 1 ? event.touches[0] : null;
  }, { passive: true });
  view.addEventListener("touchend", (event) => {
    const end = event.changedTouches[0];
    if (!start || (window.visualViewport && window.visualViewport.scale > 1.05)) return;
    const across = end.clientX - start.clientX;
    if (Math.abs(across) > FAR && Math.abs(across) > 2 * Math.abs(end.clientY - start.clientY)) go(across > 0 ? backwards : forwards);
    start = null;
  }, { passive: true });
})();
