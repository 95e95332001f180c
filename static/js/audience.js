/* Another group ticked: the audience and the line at the button are painted again, together, by the server. */
(() => {
  "use strict";
  const chooser = document.querySelector("[data-audience-url]");
  if (!chooser) return;
  const form = chooser.closest("form");
  const PARTS = ["publiek", "publiek-meer", "publiek-blok", "publiek-knop", "poort"];
  let latest = null;
  let ownReplies = false;

  async function repaint() {
    latest?.abort();
    const request = latest = new AbortController();
    const chosen = [...chooser.querySelectorAll("input:checked")].map((box) => [box.name, box.value]);
    /* Names are told to who has a photo to look at. */
    const photo = form.querySelector("[data-thumbs] input[name=photo]:enabled");
    if (photo) chosen.push(["foto", photo.value]);
    const url = chooser.dataset.audienceUrl + "?" + new URLSearchParams(chosen);
    for (const id of PARTS) document.getElementById(id)?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { signal: request.signal, credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch (error) {
      /* Counts that may be wrong are worse than none: they stay dimmed and the page says so. */
      const failed = document.querySelector("[data-audience-failed]");
      if (error.name !== "AbortError" && failed) failed.hidden = false;
    }
  }

  function swap(page) {
    for (const id of PARTS) {
      const fresh = page.getElementById(id);
      const old = document.getElementById(id);
      if (!fresh || !old) continue;
      /* The element stays: a live region speaks only while it is the same one. */
      old.className = fresh.className;
      for (const state of ["data-quiet", "data-waits"]) old.toggleAttribute(state, fresh.hasAttribute(state));
      old.replaceChildren(...fresh.childNodes);
      old.removeAttribute("aria-busy");
    }
    form.dispatchEvent(new Event("kring:poort"));
    suggestReplies(page.getElementById("publiek-meer")?.dataset.replies);
    const failed = document.querySelector("[data-audience-failed]");
    if (failed) failed.hidden = true;
  }

  /* Under a message to the whole school replying starts off, until the writer chose otherwise. */
  function suggestReplies(value) {
    const radio = form.querySelector(`input[name=replies][value="${CSS.escape(value || "")}"]`);
    if (!radio || ownReplies) return;
    radio.checked = true;
    form.dispatchEvent(new Event("kring:answers", { bubbles: true }));
  }

  /* What Back or the kept text ticked again is not what the server painted. */
  const chosen = () => [...chooser.querySelectorAll("input:checked")].map((box) => box.value).sort().join();
  const painted = () => [...document.querySelectorAll("#publiek-meer input")].map((field) => field.value).sort().join();
  const compare = () => { if (chosen() !== painted()) repaint(); };

  for (const button of chooser.querySelectorAll("[data-without-script]")) button.hidden = true;
  form.addEventListener("change", (event) => { if (event.target.name === "replies") ownReplies = true; });
  chooser.addEventListener("change", repaint);
  window.addEventListener("pageshow", compare);
  /* Ticks that the browser or keep.js put back after the page was served. */
  window.addEventListener("pageshow", () => {
    if ([...chooser.querySelectorAll("input")].some((box) => box.checked !== box.defaultChecked)) repaint();
  });
})();
