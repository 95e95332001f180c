/* Unsent text survives Back, reload and an expired session: form[data-keep="key"] stays in this tab, per person, path
   and field, until <meta name="kring-kept" content="key"> says that it arrived; with data-keep-url also at school. */
(() => {
  "use strict";
  const PREFIX = "kring-keep";
  const SOON = 3000;
  const person = document.body.dataset.person || "";
  let store, tab = "";
  try {
    store = sessionStorage;
    if (document.querySelector("form[data-keep-url]")) tab = store[PREFIX + "|tab|"] ??= crypto.randomUUID();
  } catch { /* An old browser: as one tab, or nothing is kept. */ }
  if (!store) return;
  const page = new URL(location);
  const ours = () => Object.keys(store).filter((name) => name.startsWith(PREFIX + "|"));
  const remove = (wanted) => ours().filter((name) => wanted(name.split("|"))).forEach((name) => store.removeItem(name));
  const isChoice = (field) => /^(radio|checkbox)$/.test(field.type);
  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !field.closest("[data-keep-not]")
    && field.autocomplete !== "one-time-code" && !/^(hidden|file|password|submit|button|fieldset)$/.test(field.type));
  const asServed = (field) => {
    if (isChoice(field)) return String(field.defaultChecked);
    if (field.matches("select")) return [...field.options].filter((option) => option.defaultSelected).map((option) => option.value).join();
    return field.defaultValue;
  };
  /* What the next page comes with: as served, unless that was refused or school kept more since. */
  const known = new WeakMap(), atSchool = new WeakMap();
  const startOf = (field) => known.get(field) ?? asServed(field);
  const isRefused = "refused" in document.body.dataset;
  const valueOf = (field) => isChoice(field) ? String(field.checked) : field.value;
  const nameOf = (form, field) => [PREFIX, form.dataset.keep, person, location.pathname,
    field.name + (isChoice(field) ? "=" + field.value : "")].map((part) => part.replaceAll("|", "/")).join("|");

  function keep(form) {
    let kept = false;
    for (const field of fieldsOf(form)) {
      const name = nameOf(form, field);
      if (valueOf(field) === startOf(field)) {
        if (atSchool.get(field) !== valueOf(field)) store.removeItem(name);
        continue;
      }
      try {
        store.setItem(name, JSON.stringify({ value: valueOf(field), served: startOf(field) }));
        kept = true;
      } catch { return; }
    }
    if (form.dataset.keepUrl) return;
    say(form, kept ? time() : "");
  }

  /* The words under the field follow the answer of the server. */
  async function keepAtSchool(form, leaving = false) {
    const body = new URLSearchParams();
    const values = fieldsOf(form).map((field) => [field, valueOf(field)]);
    for (const [name, value] of new FormData(form)) if (typeof value === "string") body.append(name, value);
    try {
      const answer = await fetch(form.dataset.keepUrl, { method: "POST", body, credentials: "same-origin", redirect: "manual", keepalive: leaving });
      if (!answer.ok) throw new Error(String(answer.status));
      const said = await answer.json();
      say(form, said.at);
      form.dispatchEvent(new CustomEvent("kring:kept", { detail: said }));
      /* It is at school now: what is placed from another device must not come back in this tab. */
      for (const [field, value] of values) {
        const name = nameOf(form, field), isThere = value !== asServed(field);
        /* Its form came in before. */
        if (isThere && !said.at) continue;
        known.set(field, value);
        atSchool.set(field, isThere && value);
        if (valueOf(field) !== value) continue;
        if (isThere) store.setItem(name, JSON.stringify({ value, served: value, isAtSchool: true })); else store.removeItem(name);
      }
    } catch (fault) { say(form, "", fault instanceof TypeError ? "keptHere" : "keptAlone"); }
  }

  function restore(form) {
    let changed = false;
    for (const field of fieldsOf(form)) {
      const text = store.getItem(nameOf(form, field));
      if (text === null) continue;
      const { value, served, isAtSchool } = JSON.parse(text);
      if (isAtSchool) atSchool.set(field, value);
      /* Refused is not arrived: it is still to be had again where the form comes as it was. */
      if (isRefused) known.set(field, served);
      else if (value === asServed(field)) { store.removeItem(nameOf(form, field)); continue; }
      const areOthers = asServed(field) !== served && asServed(field) !== "";
      if (!isRefused && form.dataset.keepUrl && !isChoice(field) && (isAtSchool || areOthers) && tab && page.searchParams.get("tab") !== tab) {
        page.searchParams.set("tab", tab);
        location.replace(page);
        return false;
      }
      /* It went on, or was sent, from another device. */
      if (isAtSchool) { if (!isRefused) store.removeItem(nameOf(form, field)); continue; }
      /* A page that now comes with other words than we started from wins: never write old text over newer. */
      if (areOthers) continue;
      if (isChoice(field)) field.checked = value === "true"; else field.value = value;
      /* What is sent is seen: "not yet told, because" stands in a fold. */
      const fold = form.dataset.keepUrl ? null : field.closest("details");
      if (fold) fold.open = true;
      changed = true;
    }
    if (changed && !form.dataset.keepUrl) say(form, time());
    return changed;
  }

  function time() {
    const now = new Date();
    const mark = document.documentElement.lang.startsWith("nl") ? "." : ":";
    return now.getHours() + mark + String(now.getMinutes()).padStart(2, "0");
  }

  function say(form, at, here = "") {
    const line = form.querySelector("[data-kept]");
    if (!line) return;
    const isSaid = Boolean(at || here);
    const words = here ? line.dataset[here] : line.dataset.kept.replace("{time}", at);
    line.querySelector("span").textContent = isSaid ? words : "";
    line.hidden = !isSaid && !form.dataset.keepUrl;
    line.ariaHidden = String(!isSaid); /* Its room is kept: nothing moves while somebody types. */
  }

  for (const meta of document.querySelectorAll('meta[name="kring-kept"]')) remove(([, key]) => key === meta.content);
  if (person) remove(([, , owner]) => owner !== person && owner !== "");
  for (const form of document.querySelectorAll("form[data-forget]")) form.addEventListener("submit", () => remove(() => true));
  for (const form of document.querySelectorAll("form[data-keep]")) {
    let timer = 0, sending = 0, sent = Promise.resolve();
    /* What was sent does not come back with Back: only what is kept here does. */
    form.autocomplete = "off";
    const restored = restore(form);
    if (form.dataset.keepUrl) say(form, "");
    /* One at a time: of two the older might come in last, and win. */
    const send = () => { sent = sent.then(() => { sending = 0; return keepAtSchool(form); }); };
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => { timer = 0; keep(form); }, 300);
      if (form.dataset.keepUrl) sending ||= setTimeout(send, SOON);
    };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    form.addEventListener("kring:photos", soon, true);
    form.addEventListener("formdata", (event) => {
      event.formData.set("kept", form.dataset.keep);
      if (form.dataset.keepUrl) event.formData.set("tab", tab);
    });
    if (restored) soon();
    form.addEventListener("submit", (event) => {
      clearTimeout(sending);
      sending = 0;
      if (event.submitter?.matches("[data-forget-kept]")) remove(([, key]) => key === form.dataset.keep);
      else keep(form);
    });
    window.addEventListener("pagehide", () => { if (timer) keep(form); if (sending) keepAtSchool(form, true); });
  }
})();
