/* While somebody writes to a group: advice beside the text, nothing is stopped. A number or an address is seen here by its
   form; whether a child is named in full the school says when it keeps the text (keep.js). */
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

  const noteOf = (name) => advice.querySelector(`[data-advice=${name}]`);
  let timer = 0;
  function look() {
    const words = [...form.querySelectorAll("[name=title], [name=text]")].map((field) => field.value).join("\n");
    noteOf("number").hidden = !givesNumber(words);
  }
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 600); });
  form.addEventListener("kring:kept", ({ detail }) => { noteOf("name").hidden = !detail.name; });
  window.addEventListener("pageshow", look);
})();
