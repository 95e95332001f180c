/* While somebody writes: advice beside the text, nothing is stopped. A number or an address is seen here by its form;
   whether a child is named in full the school says when it keeps the text (keep.js). Then replies are for school only,
   until the writer chooses otherwise: that is one tap. */
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
  const typed = () => [...form.querySelectorAll("[name=title], [name=text]")].map((field) => field.value).join("\n");
  let timer = 0;
  const look = () => { noteOf("number").hidden = !givesNumber(typed()); };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 600); });

  const wide = form.querySelector("[name=replies][value=on]");
  const narrow = form.querySelector("[name=replies][value=staff]");
  let isChosen = false;
  let isNarrowed = Boolean(advice.querySelector("[data-narrowed]:not([hidden])"));
  function narrowTo(narrows) {
    isNarrowed = narrows;
    const answer = narrows ? narrow : wide;
    answer.checked = true;
    answer.dispatchEvent(new Event("input", { bubbles: true })); /* kept with the words, without being the writer's choice */
    advice.querySelector("[data-narrowed]").hidden = !narrows;
    form.dispatchEvent(new Event("kring:answers", { bubbles: true }));
  }
  form.addEventListener("kring:kept", ({ detail }) => {
    const note = noteOf("name");
    if (!note) return;
    note.hidden = !detail.name;
    if (narrow && !isChosen && (detail.name ? wide.checked : isNarrowed)) narrowTo(Boolean(detail.name));
  });
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "replies") return;
    isChosen = true;
    advice.querySelector("[data-narrowed]").hidden = true;
  });
  advice.querySelector("[data-widen]")?.addEventListener("click", () => { isChosen = true; narrowTo(false); });
  window.addEventListener("pageshow", () => { isChosen ||= Boolean(typed().trim()); look(); });
})();
