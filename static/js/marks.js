/* One photo, whole, and one question: who is on it? The next comes by itself after "Nobody", by a button after a name. What
   was said stays with the photo (data-marked) and goes along in hidden fields; what is asked comes with the gate, as a
   mould, so that other groups ask about other people. A photo of which something was said is not asked again. */
(() => {
  "use strict";
  const section = document.querySelector("[data-gate-url]");
  if (!section) return;
  const form = section.closest("form");
  const list = section.querySelector("[data-thumbs]");
  const gate = document.getElementById("poort");
  const asked = section.querySelector("[data-asked]");
  const question = asked.querySelector("[data-question]");
  const othersHere = asked.querySelector("[data-others-here]");
  const next = asked.querySelector("[data-next]");
  const news = section.querySelector("[data-asked-news]");
  const large = document.querySelector("[data-blur]").dataset.photoUrl;
  const NOBODY = "nobody";
  const words = (name) => asked.dataset["words" + name[0].toUpperCase() + name.slice(1)];
  const isBroken = (item) => !item.querySelector("[data-failed]").hidden;
  const items = () => [...list.children].filter((item) => !isBroken(item));
  const numberOf = (item) => items().indexOf(item) + 1;
  const isThere = (item) => "photo" in item.dataset;
  const said = (item) => (item.dataset.marked || "").split(" ").filter(Boolean);
  const named = (item) => said(item).filter((mark) => mark !== NOBODY);
  const isSettled = (item) => said(item).length > 0 || "stands" in item.dataset;
  const mould = () => gate.querySelector("[data-marks-mould]")?.content;
  const isAsked = () => Boolean(mould()) && (!("quiet" in gate.dataset) || Boolean(gate.querySelector("[value=others]:checked")));
  const valuesOf = (part, which) => [...part.querySelectorAll(which)].map((box) => box.value);
  const boxes = () => [...asked.querySelectorAll(".chips input")];
  let current = null, painted = null, missed = "", latest = null;

  const cannot = (item) => {
    const spared = new Set(valuesOf(mould(), ".spared input"));
    return named(item).some((mark) => spared.has(mark)) || (named(item).length > 0 && "complaint" in item.dataset);
  };

  /* In their order: what comes in later than the next one does not take its place under somebody's thumb. */
  function nextOf(some) {
    const open = some.find((item) => !isSettled(item));
    return open && isThere(open) ? open : null;
  }

  function say(item, marks) {
    item.dataset.marked = marks.join(" ");
    delete item.dataset.complaint;
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* Only who can be pointed at is told to the server. */
  function keep(item) {
    const known = mould() ? new Set([NOBODY, ...valuesOf(mould(), "input"), ...valuesOf(othersHere, ".chips input")]) : new Set();
    const fields = said(item).filter((mark) => isThere(item) && known.has(mark)).map((value) => Object.assign(document.createElement("input"), { type: "hidden", name: "wie-" + item.dataset.photo, value }));
    item.querySelector("[data-said]").replaceChildren(...fields);
  }

  function paint() {
    const on = isAsked();
    if (current && !(current.isConnected && isThere(current))) current = null;
    if (on && !current) current = nextOf(items());
    asked.hidden = !on || !current;
    for (const item of list.children) {
      const thumb = item.querySelector("[data-open]"), word = item.querySelector("[data-word]");
      word.dataset.plain = word.dataset.plain || word.textContent;
      word.textContent = !on || isBroken(item) ? word.dataset.plain : cannot(item) ? words("cannot") : item === current ? words("now") : isSettled(item) ? words("fine") : words("look");
      if (on && item === current) thumb.setAttribute("aria-current", "true"); else thumb.removeAttribute("aria-current");
      item.querySelector("[data-ask]").hidden = !on || !isThere(item);
      keep(item);
    }
    if (!asked.hidden) ask();
    if (!asked.hidden && !news.classList.contains("sr")) news.textContent = "";
    news.classList.toggle("sr", !asked.hidden);
    offerAll(on);
  }

  function offerAll(on) {
    const button = gate.querySelector("[data-all-nobody]");
    if (!button) return;
    const open = items().filter((item) => !isSettled(item));
    button.type = "button";
    button.hidden = !on || open.length < 2;
    button.querySelector("span").textContent = words(open.length === items().length ? "none" : "rest").replace("{number}", open.length);
  }

  /* The question is built once for a photo, and again when the gate is another. */
  function ask() {
    const numbers = (text) => text.replace("{number}", numberOf(current)).replace("{total}", items().length);
    if (painted !== current) {
      painted = current;
      question.replaceChildren(mould().cloneNode(true));
      const legend = question.querySelector("legend");
      legend.dataset.text = legend.textContent;
      show(current);
      for (const details of asked.querySelectorAll(".others")) details.open = details.open || valuesOf(details, ".chips input").some((mark) => said(current).includes(mark));
      list.scrollTo({ left: current.offsetLeft - list.offsetLeft - (list.clientWidth - current.offsetWidth) / 2 });
    }
    const legend = question.querySelector("legend");
    legend.textContent = numbers(legend.dataset.text);
    asked.querySelector("img").alt = current.querySelector("img").alt;
    const complaint = question.querySelector("[data-complaint]");
    complaint.hidden = !current.dataset.complaint;
    complaint.querySelector("span").textContent = current.dataset.complaint || "";
    for (const box of boxes()) box.checked = said(current).includes(box.value);
    next.hidden = !named(current).length;
    next.textContent = words(following() ? "next" : "ready");
  }

  /* First the thumb, which is there, then as large as it comes. Nothing is said of a photo before it is seen. */
  function show(item) {
    const thumb = item.querySelector("img"), photo = document.createElement("img"), nobody = question.querySelector("[data-nobody]");
    const sharp = new Image();
    nobody.disabled = true;
    [photo.width, photo.height] = [thumb.naturalWidth || 4, thumb.naturalHeight || 3];
    photo.onload = photo.onerror = () => {
      photo.onload = photo.onerror = null;
      nobody.disabled = false;
      if ("focus" in asked.dataset) focus();
    };
    photo.src = thumb.src;
    sharp.onload = () => { photo.src = sharp.src; };
    sharp.src = large.replace("00000000-0000-0000-0000-000000000000", item.dataset.photo) + new URL(thumb.src).search;
    asked.querySelector("img").replaceWith(photo);
  }

  function focus() {
    delete asked.dataset.focus;
    (next.hidden ? question.querySelector("[data-nobody]") : next).focus({ preventScroll: true });
  }

  const following = () => {
    const all = items(), from = all.indexOf(current);
    return nextOf([...all.slice(from + 1), ...all.slice(0, Math.max(from, 0))]);
  };

  function turnTo(item) {
    current = item || null;
    painted = null;
    if (current) asked.dataset.focus = "";
    paint();
    const wrong = isAsked() ? items().filter(cannot).map(numberOf) : [];
    const done = items().some((item) => !isSettled(item)) ? "" : wrong.length ? words("left").replace("{numbers}", wrong.join(", ")) : items().length ? words("done") : "";
    news.textContent = current ? question.querySelector("legend").textContent : done;
    /* At once: on its way there a smooth one is stopped by the photo that comes in. */
    if (current) asked.scrollIntoView({ behavior: "instant" }); else if (done) news.focus();
  }

  section.addEventListener("click", (event) => {
    const on = (name) => event.target.closest(`[data-${name}]`);
    /* The second tap of a double one would be about the next photo. */
    if (on("nobody") && event.detail < 2) { say(current, [NOBODY]); turnTo(following()); }
    if (on("next")) turnTo(following());
    if (on("all-nobody")) {
      for (const item of items()) if (!isSettled(item)) say(item, [NOBODY]);
      turnTo(null);
    }
    if (on("ask")) { on("tray").close(); turnTo(event.target.closest("li")); }
    if (on("blur-now")) current.querySelector("[data-blur-photo]").click();
    if (on("away")) { current.querySelector("[data-act=remove]").click(); turnTo(current); }
    if (on("search")) { event.preventDefault(); search(); }
  });
  /* A key that is held down answers once. */
  asked.addEventListener("keydown", (event) => {
    if (event.repeat && event.target.closest("button")) event.preventDefault();
    if (event.target.name !== "zoek" || event.key !== "Enter") return;
    event.preventDefault();
    search();
  });
  asked.addEventListener("input", (event) => {
    if (!event.target.closest(".chips")) return;
    const there = new Set(boxes().map((box) => box.value)), unseen = named(current).filter((mark) => !there.has(mark));
    say(current, [...new Set([...boxes().filter((box) => box.checked).map((box) => box.value), ...unseen])]);
    paint();
  });
  gate.addEventListener("change", paint);
  list.addEventListener("kring:blurred", (event) => { if (event.target === current) show(current); });

  /* A way from what is wrong to the very photo. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#foto-']");
    const item = link && isAsked() && items().find((one) => "#" + one.id === link.hash && isThere(one));
    if (!item) return;
    event.preventDefault();
    turnTo(item);
  });

  /* Another gate: who is found in other groups is looked for at the photo. */
  function repaint() {
    const others = gate.querySelector("[data-others]");
    othersHere.replaceChildren(...(others ? [others] : []));
    for (const part of othersHere.querySelectorAll("[data-without-script]")) part.hidden = true;
    for (const button of othersHere.querySelectorAll("button")) button.type = "button";
    for (const box of othersHere.querySelectorAll("[name=ook]")) box.removeAttribute("name");
    /* Who said of a photo who is on it chose to. */
    const choice = gate.querySelector("[name=declared][value=others]");
    if (choice && !gate.querySelector("[name=declared]:checked")) choice.checked = items().some((item) => said(item).length && !("stands" in item.dataset));
    painted = null;
    paint();
    if (!mould()) return;
    const known = new Set(valuesOf(mould(), "input"));
    const missing = [...new Set(items().flatMap(named))].filter((mark) => !known.has(mark)).sort();
    if (missing.length && missed !== missing.join()) {
      missed = missing.join();
      askGate([]);
    }
  }

  const groups = () => {
    const ticked = [...form.querySelectorAll("input[name=groep]:checked, input[name=groep][type=hidden]")].map((field) => field.value);
    return ticked.length ? ticked : section.dataset.groups.trim().split(" ");
  };

  /* The gate once more: with names now that a photo is there, with one that is looked for, with people marked before. */
  async function askGate(more) {
    const about = groups();
    const others = [...new Set(items().flatMap(named))].map((mark) => ["ook", mark]);
    const photo = list.querySelector("input[name=photo]:enabled");
    const query = new URLSearchParams([...about.map((uid) => ["groep", uid]), ...(photo ? [["foto", photo.value]] : []), ...others, ...more]);
    latest?.abort();
    latest = new AbortController();
    const url = section.dataset.gateUrl + "?" + query;
    const page = await fetch(url, { signal: latest.signal, credentials: "same-origin", headers: { "X-Requested-With": "fetch" } })
      .then((answer) => answer.ok && !answer.redirected ? answer.text() : "").catch(() => "");
    /* Of other groups by now: the gate of these comes with the audience. */
    if (!page || groups().join() !== about.join()) return;
    const fresh = new DOMParser().parseFromString(page, "text/html").getElementById("poort");
    const before = form.querySelector("[name=declared]:checked")?.value;
    gate.replaceChildren(...fresh.childNodes);
    for (const state of ["data-quiet", "data-waits"]) gate.toggleAttribute(state, fresh.hasAttribute(state));
    const declared = gate.querySelector(`[name=declared][value="${CSS.escape(before || "")}"]`);
    if (declared) declared.checked = true;
    form.dispatchEvent(new Event("kring:poort"));
  }

  async function search() {
    await askGate([["zoek", asked.querySelector("[name=zoek]").value]]);
    asked.querySelector("[name=zoek]")?.focus();
  }

  function askForNames() {
    if ("waits" in gate.dataset && list.querySelector("input[name=photo]:enabled")) askGate([]);
  }
  form.addEventListener("kring:poort", repaint);
  list.addEventListener("kring:photos", () => { paint(); askForNames(); });
  current = items().find((item) => "complaint" in item.dataset && isThere(item)) || null;
  repaint();
  /* Photos that were kept in this tab stood there before this was listening. */
  askForNames();
})();
