/* While somebody writes to a group: advice beside the text, nothing is stopped and nothing leaves the page. A number or an
   address is seen by its form; a child's full name by the first names that the page knows of this group. */
(() => {
  "use strict";
  const advice = document.querySelector(".advice");
  const form = advice?.closest("form");
  if (!form) return;
  const digits = (words) => words.replace(/\D/g, "").replace(/^(00)?31/, "0");
  const known = digits(advice.dataset.phone || "");
  const isNumber = (found) => digits(found).length > 8 && digits(found) !== known;

  function givesNumber(words) {
    return /\S+@\S+\.\S{2}/.test(words) || (words.match(/(?:\+|\b0)\d[\d\s().-]{6,}\d/g) || []).some(isNumber);
  }

  function namesChildInFull(words) {
    const mould = document.querySelector("[data-marks-mould]");
    const first = [...(mould?.content.querySelectorAll(".chip input[value] + span") || [])]
      .map((chip) => chip.textContent.trim().split(/\s/)[0].replace(/[^\p{L}-]/gu, "")).filter((name) => /^\p{Lu}\p{L}/u.test(name));
    return first.length > 0
      && new RegExp(`(?:^|[^\\p{L}])(?:${first.join("|")})\\s+(?:(?:van|de|der|den|el|al|ten|ter)\\s+)*\\p{Lu}\\p{Ll}+`, "u").test(words);
  }

  const seers = { number: givesNumber, name: namesChildInFull };
  let timer = 0;
  function look() {
    const words = [...form.querySelectorAll("[name=title], [name=text]")].map((field) => field.value).join("\n");
    for (const note of advice.querySelectorAll("[data-advice]")) note.hidden = !seers[note.dataset.advice](words);
  }
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 600); });
  window.addEventListener("pageshow", look);
})();
