/* A closed row says its present answer, also after it was changed or put back. */
(() => {
  "use strict";
  function say(row) {
    const chosen = row.querySelector("input:checked + span");
    if (chosen) row.querySelector("[data-answer]").textContent = chosen.firstChild.textContent.trim();
  }
  const rows = [...document.querySelectorAll("details.choice")];
  const all = () => rows.forEach(say);
  document.addEventListener("change", all);
  document.addEventListener("kring:answers", all);
  window.addEventListener("pageshow", all);
})();
