/* Before a message goes out it can be called back; afterwards the page says that it is there. */
(() => {
  "use strict";
  const note = document.querySelector("[data-soon]");
  if (!note) return;
  setTimeout(() => {
    note.querySelector("[data-before]").hidden = true;
    note.querySelector("[data-after]").hidden = false;
    note.querySelector("button")?.remove();
  }, Number(note.dataset.soon) * 1000);
})();
