/* Drawing over a spot, by finger, mouse or keys. What is drawn is only told to the server, which destroys the pixels.
   On a page of its own the form is sent; over the composer a dialog, so that what was written stays. */
(() => {
  "use strict";
  const root = document.querySelector("[data-blur]");
  if (!root) return;
  const find = (name) => root.querySelector(name);
  const photo = find("[data-large]"), drawing = find("[data-drawing]"), layer = drawing.querySelector("g");
  const news = find("[data-news]"), button = (name) => find(`[data-do=${name}]`);
  const isDialog = root.matches("dialog");
  const MARGIN = 16, STEP = 0.02, FIRST = 0.07, SMALLEST = 0.01, MOST = 50;
  const within = (value, least, most) => Math.min(most, Math.max(least, value));
  let spots = [], before = [], chosen = null, item = null, held = null;

  for (const part of root.querySelectorAll("[data-cells], [data-without-script]")) part.remove();
  drawing.removeAttribute("hidden");
  find("[data-controls]").hidden = false;
  photo.addEventListener("load", paint);

  const say = (name, number) => { news.textContent = root.dataset["words" + name].replace("{number}", number); };
  const remember = () => before.push(spots.map((spot) => ({ ...spot })));
  const isShown = () => !button("save").hidden;

  function paint() {
    const [width, height] = [photo.naturalWidth || 1, photo.naturalHeight || 1];
    drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const margin = isShown() ? MARGIN : 0;
    if (isShown()) layer.setAttribute("filter", "url(#zacht)"); else layer.removeAttribute("filter");
    layer.replaceChildren(...spots.map((spot, place) => {
      const shape = document.createElementNS("http://www.w3.org/2000/svg", "ellipse");
      const values = { cx: spot.x * width, cy: spot.y * height, rx: spot.across * width + margin, ry: spot.down * height + margin };
      for (const name in values) shape.setAttribute(name, values[name]);
      shape.setAttribute("class", isShown() ? "done" : spot === chosen ? "chosen" : "");
      shape.dataset.place = place;
      return shape;
    }));
    button("show").disabled = !spots.length;
    button("undo").disabled = !before.length;
  }

  function show(final) {
    for (const name of ["save", "back"]) button(name).hidden = !final;
    for (const name of ["show", "undo"]) button(name).hidden = final;
    find("[data-warning]").hidden = !final;
    find("#zo-teken-je").hidden = final;
    paint();
  }

  function add(x, y) {
    const [width, height] = [photo.naturalWidth, photo.naturalHeight], size = Math.max(width, height) * FIRST;
    if (!width || spots.length >= MOST) return null;
    const spot = { x, y, across: within(size / width, SMALLEST, 1), down: within(size / height, SMALLEST, 1) };
    spots.push(spot);
    return spot;
  }

  function count() {
    paint();
    say("Spots", spots.length);
  }

  const at = (event) => {
    const box = drawing.getBoundingClientRect();
    return { x: within((event.clientX - box.left) / box.width, 0, 1), y: within((event.clientY - box.top) / box.height, 0, 1) };
  };

  drawing.addEventListener("pointerdown", (event) => {
    if (isShown() || held || event.button) return;
    event.preventDefault();
    drawing.focus();
    drawing.setPointerCapture(event.pointerId);
    remember();
    const from = at(event), hit = spots[event.target.dataset.place];
    chosen = hit || add(from.x, from.y);
    held = chosen && { from, hit, was: { ...chosen } };
    paint();
  });
  drawing.addEventListener("pointermove", (event) => {
    if (!held) return;
    const to = at(event), { from, hit, was } = held;
    const across = Math.abs(to.x - from.x) / 2, down = Math.abs(to.y - from.y) / 2;
    if (hit) Object.assign(chosen, { x: within(was.x + to.x - from.x, 0, 1), y: within(was.y + to.y - from.y, 0, 1) });
    else if (across > SMALLEST && down > SMALLEST) Object.assign(chosen, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, across, down });
    paint();
  });
  for (const end of ["pointerup", "pointercancel"]) drawing.addEventListener(end, () => { if (held) { held = null; count(); } });

  const MOVES = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
  const SIZES = { "+": 1.15, "=": 1.15, "-": 1 / 1.15 };
  function press(key) {
    if (key === "Delete" || key === "Backspace") spots = spots.filter((spot) => spot !== (chosen || spots.at(-1)));
    else if (key === "Enter" && chosen) chosen = null;
    else chosen = chosen || add(0.5, 0.5);
    if (!chosen || !spots.includes(chosen)) { chosen = null; return; }
    const [right, below] = MOVES[key] || [0, 0], larger = SIZES[key] || 1;
    chosen.x = within(chosen.x + right, 0, 1);
    chosen.y = within(chosen.y + below, 0, 1);
    for (const side of ["across", "down"]) chosen[side] = within(chosen[side] * larger, SMALLEST, 1);
  }
  drawing.addEventListener("keydown", (event) => {
    const known = event.key in MOVES || event.key in SIZES || ["Enter", "Delete", "Backspace"].includes(event.key);
    if (!known || isShown() || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    remember();
    press(event.key);
    count();
  });

  const acts = {
    show: () => { chosen = null; show(true); button("save").focus(); },
    back: () => { show(false); drawing.focus(); },
    undo: () => { spots = before.pop() || []; chosen = null; count(); if (!before.length) drawing.focus(); },
    close: () => root.close(),
    save,
  };
  root.addEventListener("click", (event) => acts[event.target.closest("[data-do]")?.dataset.do]?.());

  function save() {
    const body = new FormData();
    const drawn = JSON.stringify(spots.map(({ x, y, across, down }) => [x, y, across, down].map((part) => Number(part.toFixed(4)))));
    if (!isDialog) {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: "spots", value: drawn });
      root.append(field);
      root.requestSubmit();
      return;
    }
    body.append("spots", drawn);
    send(body).catch((refused) => { news.textContent = refused.message || root.dataset.wordsFailed; }).finally(() => { button("save").disabled = false; });
  }

  async function send(body) {
    button("save").disabled = true;
    const headers = { Accept: "application/json", "X-CSRFToken": root.closest("form").querySelector("[name=csrfmiddlewaretoken]").value };
    let answer = {};
    try {
      answer = await (await fetch(address("url"), { method: "POST", body, headers, redirect: "error" })).json();
    } catch { /* Nothing came through, or something else than an answer. */ }
    if (!answer.url) throw new Error(answer.error || "");
    item.querySelector("img").src = answer.url;
    item.dispatchEvent(new Event("kring:blurred", { bubbles: true }));
    root.close();
  }
  const address = (name) => root.dataset[name].replace("00000000-0000-0000-0000-000000000000", item.dataset.photo);

  /* Over the composer: a click on a thumb's link opens the dialog instead of the page. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-blur-photo]");
    if (!link || !isDialog) return;
    event.preventDefault();
    item = link.closest("li");
    if (!item.dataset.photo) return;
    [spots, before, chosen] = [[], [], null];
    news.textContent = "";
    photo.src = address("photoUrl") + "?" + Date.now();
    show(false);
    root.showModal();
    drawing.focus();
  });
  if (!isDialog) paint();
})();
