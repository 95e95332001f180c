/* Who can be recognised on each photo: boxes under it, made from the mould that comes with the gate. What was said stays
   with the photo (data-marked), also while its boxes are painted anew for other groups. */
(() => {
  "use strict";
  const section = document.querySelector("[data-gate-url]");
  if (!section) return;
  const form = section.closest("form");
  const list = section.querySelector("[data-thumbs]");
  const gate = document.getElementById("poort");
  const NOBODY = "nobody";
  const items = () => [...list.children];
  const boxes = (item) => [...item.querySelectorAll("[data-marks] input")];
  const said = (item) => (item.dataset.marked || "").split(" ").filter(Boolean);
  let asked = "";

  function paint(item) {
    const mould = gate.querySelector("[data-marks-mould]");
    const here = item.querySelector("[data-marks-here]");
    const wasOpen = here.querySelector("details")?.open;
    here.replaceChildren(...(mould ? [mould.content.cloneNode(true)] : []));
    if (!mould) return;
    addOthers(here.querySelector(".chips"));
    here.querySelector("details").hidden = !here.querySelector(".chips input");
    if (wasOpen) here.querySelector("details").open = true;
    tick(item);
  }

  /* Who was tapped among the names that were found. */
  function addOthers(chips) {
    const there = new Set([...chips.querySelectorAll("input")].map((box) => box.value));
    for (const other of gate.querySelectorAll("[data-others] label input:checked")) {
      if (there.has(other.value)) continue;
      const chip = other.closest("label").cloneNode(true);
      chip.querySelector("input").checked = false;
      chip.querySelector("input").value = other.value;
      chip.querySelector("span").textContent = other.dataset.name;
      chips.append(chip);
    }
  }

  function tick(item) {
    const marks = said(item);
    for (const box of boxes(item)) {
      box.name = "wie-" + (item.dataset.photo || "");
      box.checked = marks.includes(box.value);
    }
    const details = item.querySelector("[data-marks] details");
    if (details && boxes(item).some((box) => box.checked && box.value !== NOBODY)) details.open = true;
  }

  /* Nobody, or these: never both. */
  list.addEventListener("input", (event) => {
    const item = event.target.closest("li");
    if (!event.target.closest("[data-marks]")) return;
    const isNobody = event.target.value === NOBODY;
    for (const box of boxes(item)) if (event.target.checked && (box.value === NOBODY) !== isNobody) box.checked = false;
    item.querySelector("[data-marks] .err")?.remove();
    remember(item);
  }, true);

  function remember(item) {
    const unseen = said(item).filter((mark) => !boxes(item).some((box) => box.value === mark));
    const checked = boxes(item).filter((box) => box.checked).map((box) => box.value);
    item.dataset.marked = (checked.includes(NOBODY) ? checked : [...checked, ...unseen]).join(" ");
  }

  function repaint() {
    for (const item of items()) paint(item);
    const known = new Set(items().flatMap(boxes).map((box) => box.value));
    const missing = [...new Set(items().flatMap(said))].filter((mark) => !known.has(mark)).sort();
    if (missing.length && gate.querySelector("[data-marks-mould]") && asked !== missing.join()) {
      asked = missing.join();
      ask(missing.map((mark) => ["ook", mark]));
    }
  }

  /* The gate once more: with names now that a photo is there, with one that is looked for, with people marked before. */
  async function ask(more) {
    const ticked = [...form.querySelectorAll("input[name=groep]:checked, input[name=groep][type=hidden]")].map((field) => field.value);
    const groups = ticked.length ? ticked : section.dataset.groups.trim().split(" ");
    const others = [...form.querySelectorAll("input[name=ook]:checked, input[name=ook][type=hidden]")].map((field) => ["ook", field.value]);
    const photo = list.querySelector("input[name=photo]:enabled");
    const query = new URLSearchParams([...groups.map((uid) => ["groep", uid]), ...(photo ? [["foto", photo.value]] : []), ...others, ...more]);
    const answer = await fetch(section.dataset.gateUrl + "?" + query, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("poort");
    const before = form.querySelector("[name=declared]:checked")?.value;
    gate.replaceChildren(...fresh.childNodes);
    for (const state of ["data-quiet", "data-waits"]) gate.toggleAttribute(state, fresh.hasAttribute(state));
    const declared = gate.querySelector(`[name=declared][value="${CSS.escape(before || "")}"]`);
    if (declared) declared.checked = true;
    form.dispatchEvent(new Event("kring:poort"));
  }

  async function search() {
    await ask([["zoek", gate.querySelector("[name=zoek]").value]]);
    gate.querySelector("[name=zoek]")?.focus();
  }
  gate.addEventListener("click", (event) => {
    if (!event.target.closest("[data-search]")) return;
    event.preventDefault();
    search();
  });
  gate.addEventListener("keydown", (event) => {
    if (event.target.name !== "zoek" || event.key !== "Enter") return;
    event.preventDefault();
    search();
  });
  gate.addEventListener("change", (event) => { if (event.target.name === "ook") repaint(); });
  form.addEventListener("kring:poort", () => {
    for (const button of gate.querySelectorAll("[data-others] [data-without-script]")) button.hidden = true;
    repaint();
  });
  /* A photo that came in gets its boxes; one that was painted by the server keeps them, with what was kept in this tab. */
  list.addEventListener("kring:photos", fill);
  list.addEventListener("kring:photos", askForNames);
  function askForNames() {
    if ("waits" in gate.dataset && list.querySelector("input[name=photo]:enabled")) ask([]);
  }
  function fill() {
    for (const item of items()) {
      if (!item.querySelector("[data-marks]")) paint(item); else tick(item);
    }
  }

  for (const item of items()) if (!("marked" in item.dataset)) remember(item);
  for (const button of gate.querySelectorAll("[data-others] [data-without-script]")) button.hidden = true;
  repaintKept();
  /* Photos that were kept in this tab stood there before this was listening. */
  askForNames();
  function repaintKept() {
    if (items().every((item) => said(item).every((mark) => boxes(item).some((box) => box.value === mark)))) fill(); else repaint();
  }
})();
