/* Photos of a message being written, a strip of thumbs with a tray behind each: made smaller here where the browser can,
   sent one by one, two at a time, while the writing goes on. A photo whose turn it is not yet is not sent again: we ask
   until it has been looked at. Without this the same form sends up to ten at once, and asks at each press of a button. */
(() => {
  "use strict";
  const section = document.querySelector("[data-photos]");
  if (!section) return;
  const form = section.closest("form");
  const list = section.querySelector("[data-thumbs]");
  const mould = section.querySelector("[data-new-photo]");
  const inputs = [...section.querySelectorAll("input[type=file]")];
  const news = section.querySelector("[data-photo-news]");
  const declaration = () => section.querySelector("[data-declaration]");
  const words = (name) => section.dataset["words" + name[0].toUpperCase() + name.slice(1)];
  const LONGEST = 2400;
  const AT_ONCE = 2;
  const PATIENCE = 60_000;
  const FIRST_PAUSE = 300, LONGEST_PAUSE = 5_000;
  const waiting = [];
  let sending = 0, why = "";

  /* Chosen files go their own way, one request each; the form itself sends none. */
  for (const input of inputs) input.removeAttribute("name");
  for (const part of section.querySelectorAll("[data-without-script]")) {
    part.hidden = true;
    part.querySelector("button").remove();
  }
  /* Enter in a field presses the first button that sends: these are none any more. */
  for (const button of mould.content.querySelectorAll("[data-act]")) button.type = "button";

  const items = () => [...list.children];
  const isThere = (item) => !item.querySelector("input[name=photo]").disabled;
  const unfinished = () => items().filter((item) => !isThere(item));
  /* It did not come, and sending it once more does not help. */
  const isStuck = (item) => !item.querySelector("[data-failed]").hidden && item.querySelector("[data-retry]").hidden;

  /* Without scripts the photos stand one below another with all that can be done; here each is a thumb with that behind it. */
  function fresh() {
    const item = mould.content.firstElementChild.cloneNode(true);
    const tray = item.querySelector("dialog");
    item.querySelector("[data-open]").addEventListener("click", () => tray.showModal());
    tray.addEventListener("click", (event) => { if (event.target === tray || event.target.closest("[data-close]")) tray.close(); });
    tray.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("input")) return;
      event.preventDefault();
      tray.close();
    });
    return item;
  }

  function asThumb(plain) {
    const item = fresh(), uid = plain.querySelector("input[name=photo]").value;
    const words = plain.querySelector(".words input"), field = item.querySelector(".words input");
    item.id = plain.id;
    for (const name of ["stands", "turn"]) if (name in plain.dataset) item.dataset[name] = plain.dataset[name];
    const complaint = plain.querySelector("[data-complaint] span");
    if (complaint) item.dataset.complaint = complaint.textContent;
    item.dataset.marked = [...plain.querySelectorAll("[data-marks] :checked")].map((box) => box.value).join(" ");
    [field.name, field.defaultValue, field.value] = [words.name, words.defaultValue, words.value];
    const picture = item.querySelector("img");
    picture.hidden = "turn" in item.dataset;
    if (picture.hidden) show(item, "sending");
    else {
      picture.src = plain.querySelector("img").src;
      own(item, uid);
    }
    plain.replaceWith(item);
  }

  function own(item, uid) {
    const hidden = item.querySelector("input[name=photo]");
    hidden.value = item.dataset.photo = uid;
    hidden.disabled = false;
    item.querySelector(".words input").name = "alt-" + uid;
    item.querySelector("[data-blur-photo]").hidden = false;
  }

  /* Chosen a second time it would stand there twice; what did not come through may be chosen again. */
  const cameFrom = new WeakMap();
  const mark = (file) => [file.name, file.size, file.lastModified].join();

  function choose(files) {
    const room = Number(section.dataset.most) - items().length;
    const there = new Set(items().filter((item) => item.querySelector("[data-failed]").hidden).map((item) => cameFrom.get(item)));
    const others = [...files].filter((file) => !there.has(mark(file)));
    news.textContent = others.length > room ? words("most") : others.length < files.length ? words("there") : "";
    why = "";
    for (const file of others.slice(0, room)) waiting.push([add(file), file]);
    for (const input of inputs) input.value = "";
    renumber();
    next();
  }

  function add(file) {
    const item = fresh(), local = URL.createObjectURL(file);
    cameFrom.set(item, mark(file));
    const picture = item.querySelector("img");
    picture.src = local;
    for (const seen of ["load", "error"]) picture.addEventListener(seen, () => URL.revokeObjectURL(local), { once: true });
    picture.addEventListener("error", () => { picture.hidden = true; });
    item.querySelector("[data-retry]").addEventListener("click", () => {
      show(item, "sending");
      waiting.push([item, file]);
      next();
    });
    list.append(item);
    return item;
  }

  function next() {
    while (sending < AT_ONCE && waiting.length) {
      const [item, file] = waiting.shift();
      if (!item.isConnected) continue;
      sending += 1;
      send(item, file).catch((reason) => fail(item, reason)).finally(() => { sending -= 1; next(); });
    }
  }

  async function send(item, file) {
    show(item, "sending");
    const small = await smaller(file);
    if (small.size > Number(section.dataset.heaviest)) throw refusal(words("heavy"), false);
    const answer = await take(item, small).catch(async (refused) => {
      await renew(refused);
      return take(item, small);
    });
    if (!answer) return;
    arrive(item, answer.uid, answer.url);
    remember();
  }

  async function take(item, small) {
    const answer = await post(small, (part) => { item.querySelector("progress").value = part * 100; });
    return answer.turn ? turn(item, answer.turn) : answer;
  }

  /* Refused without a word: perhaps who wrote here is out. Came in again in another window, this page has a token of before. */
  async function renew(refused) {
    if (refused.message || refused.again) throw refused;
    const answer = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
    if (!answer || answer.status === 429 || answer.status >= 500) throw refused;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (page.body.dataset.person !== document.body.dataset.person) throw Object.assign(refusal(words("out"), true), { isOut: true });
    const renewed = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (!renewed) throw refused;
    for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = renewed;
  }

  /* The photo is there already; asking for its turn is one small request at a time, ever less often. */
  async function turn(item, url) {
    item.dataset.turn = url;
    item.querySelector("progress").removeAttribute("value");
    renumber();
    for (let pause = FIRST_PAUSE; item.isConnected; pause = Math.min(pause * 1.6, LONGEST_PAUSE)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const answer = await fetch(url, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token() } }).catch(() => null);
      if (!answer || [202, 429].includes(answer.status) || answer.status >= 500) continue;
      delete item.dataset.turn;
      const told = await answer.json().catch(() => ({}));
      if (answer.status === 201) return told;
      throw refusal(told.error || "", told.again);
    }
    return null;
  }
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
  const refusal = (sentence, again) => Object.assign(new Error(sentence), { again });

  function arrive(item, uid, url) {
    own(item, uid);
    const picture = item.querySelector("img");
    picture.hidden = false;
    picture.src = url;
    show(item, "there");
    list.dispatchEvent(new Event("kring:photos"));
  }

  /* Sending the same photo once more is offered where that can help. */
  function fail(item, refused) {
    show(item, "failed");
    item.querySelector("[data-failed] span").textContent = refused.message || words("failed");
    item.querySelector("[data-retry]").hidden = refused.again === false;
    item.querySelector("[data-sign-in]").hidden = !refused.isOut;
    list.scrollLeft = item.offsetLeft - (list.clientWidth - item.offsetWidth) / 2;
    list.dispatchEvent(new Event("kring:photos"));
  }

  function show(item, state) {
    item.querySelector("[data-sending]").hidden = state !== "sending";
    item.querySelector("[data-failed]").hidden = state !== "failed";
    for (const part of item.querySelectorAll("[data-retry], [data-drop]")) part.hidden = state !== "failed";
    item.querySelector("[data-sign-in]").hidden = true;
  }

  /* No larger than a screen can show, and upright; what this browser cannot read goes as it is. */
  async function smaller(file) {
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      if (scale === 1 && file.size < 2_000_000) return file;
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const ground = canvas.getContext("2d");
      ground.fillStyle = "white"; /* What one can see through would be black: words on a drawing were gone. */
      ground.fillRect(0, 0, canvas.width, canvas.height);
      ground.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const made = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.88));
      return made && made.size < file.size ? made : file;
    } catch {
      return file;
    }
  }

  function post(blob, progress) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.append("photo", blob, "foto");
      /* Who writes at two schools: the photo belongs to the school of the group. */
      const group = form.querySelector("input[name=groep]:checked, input[name=groep][type=hidden]");
      body.append("groep", group ? group.value : section.dataset.group);
      request.open("POST", section.dataset.uploadUrl);
      request.setRequestHeader("X-CSRFToken", token());
      request.responseType = "json";
      /* A slow line may take long, as long as it moves. */
      const begun = performance.now();
      request.timeout = PATIENCE;
      request.upload.addEventListener("progress", (event) => {
        request.timeout = performance.now() - begun + PATIENCE;
        if (event.lengthComputable) progress(event.loaded / event.total);
      });
      request.addEventListener("load", () => {
        if ([201, 202].includes(request.status) && request.response) resolve(request.response);
        else reject(refusal(request.response?.error || "", request.response?.again));
      });
      for (const broken of ["error", "timeout", "abort"]) request.addEventListener(broken, () => reject(refusal("", true)));
      request.send(body);
    });
  }

  function renumber() {
    items().forEach((item, place) => {
      const number = (text) => text.replace("{number}", place + 1).replace("{total}", items().length);
      item.querySelector("img").alt = number(words("photo"));
      item.querySelector("[data-title]").textContent = number(words("of"));
      item.querySelector("[data-sending] span").textContent = number(words("turn" in item.dataset ? "turn" : "sending"));
      item.querySelector("[data-act=earlier]").disabled = place === 0;
      item.querySelector("[data-act=later]").disabled = place === items().length - 1;
    });
    stopAt(thumbs().find((thumb) => thumb === stop) || thumbs()[0]);
    hideDeclaration();
    list.dispatchEvent(new Event("kring:photos"));
    remember();
  }

  /* Nothing is asked about photos that are not there. */
  function hideDeclaration() {
    if (declaration()) declaration().hidden = items().length === 0;
  }
  form.addEventListener("kring:poort", hideDeclaration);

  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    event.preventDefault();
    const item = button.closest("li"), tray = item.querySelector("dialog");
    const place = items().indexOf(item);
    const act = button.dataset.act;
    /* What moves while it lies on top would lie there no more. */
    const wasOpen = tray.open;
    tray.close();
    if (act === "remove") item.remove();
    if (act === "earlier" && place > 0) items()[place - 1].before(item);
    if (act === "later") items()[place + 1]?.after(item);
    renumber();
    if (act === "remove") { (items()[place] || items().at(-1) || section).querySelector("[data-open], input[type=file]").focus(); return; }
    if (wasOpen) tray.showModal();
    (button.disabled ? item.querySelector("[data-act]:not(:disabled)") : button).focus();
  });

  /* One stop for who uses keys: the arrows go from thumb to thumb. */
  const thumbs = () => items().map((item) => item.querySelector("[data-open]"));
  let stop = null;
  function stopAt(thumb) {
    stop = thumb;
    for (const one of thumbs()) one.tabIndex = one === thumb ? 0 : -1;
  }
  list.addEventListener("focusin", (event) => { if (event.target.matches("[data-open]")) stopAt(event.target); });
  list.addEventListener("keydown", (event) => {
    const all = thumbs(), at = all.indexOf(event.target);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || !all[to]) return;
    event.preventDefault();
    all[to].focus();
  });

  /* Dragging is for who has a mouse; the buttons do the same. */
  let dragged = null;
  list.addEventListener("pointerdown", (event) => {
    const item = event.target.matches("img") && event.target.closest("li");
    if (item) item.draggable = true;
  });
  list.addEventListener("dragstart", (event) => { dragged = event.target.closest("li"); });
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("li");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    if (items().indexOf(over) > items().indexOf(dragged)) over.after(dragged); else over.before(dragged);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
  list.addEventListener("dragend", () => {
    if (dragged) dragged.draggable = false;
    dragged = null;
    renumber();
  });

  /* What has come in stays in this tab until the message is placed, under the same key as the text. */
  for (const plain of items()) asThumb(plain);
  list.className = "strip";
  const KEPT = ["kring-keep", form.dataset.keep, document.body.dataset.person || "", location.pathname, "photos"].join("|");
  const chosen = () => items().filter(isThere).map((item) => [item.dataset.photo, item.querySelector(".words input").value, item.dataset.marked || ""]);
  const served = chosen().map(([uid]) => uid).join();
  let settled = false;
  function remember() {
    if (!settled) return;
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ served, chosen: chosen() }));
    } catch { /* Without a store nothing is kept. */ }
  }
  function recall() {
    let kept = null;
    try { kept = JSON.parse(sessionStorage.getItem(KEPT)); } catch { /* Nothing kept. */ }
    if ("answered" in section.dataset || !Array.isArray(kept?.chosen)) return;
    /* What the server answered wins, and so does a page with other photos: not those we started from, nor what the
       school kept of this tab, which may be a moment older. */
    const ours = kept.chosen.map(([uid]) => uid);
    if (kept.served !== served && !served.split(",").every((uid) => ours.includes(uid))) return;
    const before = new Map(items().map((item) => [item.dataset.photo, item]));
    for (const [uid, alt, marks] of kept.chosen.filter(([one]) => /^[0-9a-f-]{36}$/.test(one))) {
      const item = before.get(uid) || again(uid);
      item.querySelector(".words input").value = alt;
      if (marks) item.dataset.marked = marks;
      list.append(item);
      before.delete(uid);
    }
    for (const left of before.values()) left.remove();
  }
  function again(uid) {
    const item = fresh();
    item.querySelector("img").addEventListener("error", () => { item.remove(); renumber(); });
    arrive(item, uid, section.dataset.photoUrl.replace("00000000-0000-0000-0000-000000000000", uid));
    return item;
  }

  /* What was said of photos that kept the message here goes when they do. */
  list.addEventListener("kring:photos", () => {
    if (!why || (why === "stuck" ? items().some(isStuck) : unfinished().length)) return;
    news.textContent = why = "";
  });

  for (const input of inputs) input.addEventListener("change", () => choose(input.files));
  list.addEventListener("input", remember);
  form.addEventListener("submit", (event) => {
    if (!unfinished().length) return;
    event.preventDefault();
    const stuck = unfinished().find(isStuck);
    why = stuck ? "stuck" : "wait";
    news.textContent = words(why);
    (stuck || unfinished()[0]).scrollIntoView({ block: "center" });
  });
  /* What came in with the form itself and waits. */
  for (const item of items().filter((one) => "turn" in one.dataset)) {
    turn(item, item.dataset.turn)
      .then((answer) => { if (answer) { arrive(item, answer.uid, answer.url); remember(); } })
      .catch((refused) => fail(item, refusal(refused.message, false)));
  }
  recall();
  settled = true;
  renumber();
})();
