/* A closed row says its present answer, also after it was changed or put back. */
(() => {
  "use strict";
  function say(row) {
    const chosen = row.querySelector("input:checked + span");
    if (!chosen) return;
    const words = momentOf(row) || chosen.firstChild.textContent.trim();
    row.querySelector("[data-answer]").textContent = words;
    if (row.matches("[data-moment]")) tellButton(row, words);
  }
  /* Which moment that other one is. */
  function momentOf(row) {
    const at = row.querySelector("[value=other]:checked") && row.querySelector("[name=at]");
    const moment = new Date(at?.value || "");
    if (isNaN(moment)) return "";
    const isDutch = document.documentElement.lang.startsWith("nl");
    const day = moment.toLocaleDateString(isDutch ? "nl" : "en-GB", { weekday: "short", day: "numeric", month: "short" });
    return row.dataset.wordsAt.replace("{day}", day).replace("{clock}", at.value.slice(11, 16).replace(":", isDutch ? "." : ":").replace(/^0/, ""));
  }
  /* The one button says when it will be there, unless that is now (POL-27). */
  function tellButton(row, words) {
    const moment = document.querySelector(".place [data-when]");
    if (!moment) return;
    moment.textContent = words;
    moment.hidden = row.querySelector("input:checked").value === "now";
  }
  const rows = [...document.querySelectorAll("details.choice")];
  const all = () => rows.forEach(say);
  document.addEventListener("change", all);
  document.addEventListener("kring:answers", all);
  window.addEventListener("pageshow", all);
})();
