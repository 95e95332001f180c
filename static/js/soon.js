/* Before a message goes out it can be called back; afterwards the page says that it is there. */
(() => {
  "use strict";
  const note = document.querySelector("[data-soon]");
  if (!note) return;
  setTimeout(() => {
    for (const part of note.querySelectorAll("[data-before]")) part.hidden = true;
    for (const part of note.querySelectorAll("[data-after]")) part.hidden = false;
    note.querySelector("button")?.remove();
  }, Number(note.dataset.soon) * 1000);
})();
