"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const list = $("cards");
  if (!list) return;
  const cards = [...list.children];
  const rows = new Map([...document.querySelectorAll("[data-for]")].map((row) => [row.dataset.for, row]));
  const chips = [...document.querySelectorAll(".chip")];
  const texts = new Map();
  let sortedBy = ""; // as the file has them: by severity
  const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const orders = {
    "": (a, b) => b.dataset.level - a.dataset.level,
    confidence: (a, b) => b.dataset.confidence - a.dataset.confidence,
    oldest: (a, b) => compare(a.dataset.first || "~", b.dataset.first || "~"),
    newest: (a, b) => compare(b.dataset.first, a.dataset.first),
    path: (a, b) => compare(a.dataset.path, b.dataset.path),
    provider: (a, b) => compare(a.dataset.provider, b.dataset.provider),
  };

  function text(card) {
    let t = texts.get(card);
    if (t === undefined) texts.set(card, (t = card.textContent.toLowerCase()));
    return t;
  }

  // Moving thousands of cards is slow, so it is done only when the order changes.
  function sort() {
    sortedBy = $("sort").value;
    const order = orders[sortedBy];
    const sorted = cards.map((card, i) => [card, i]).sort((a, b) => order(a[0], b[0]) || a[1] - b[1]);
    list.replaceChildren(...sorted.map((s) => s[0]));
  }

  function show() {
    const words = $("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    const state = $("state").value;
    const wanted = new Set(chips.filter((c) => c.getAttribute("aria-pressed") === "true").map((c) => c.dataset.severity));
    let shown = 0;
    for (const card of cards) {
      const fits =
        (wanted.size === 0 || wanted.has(card.dataset.severity)) &&
        (state === "" || card.dataset.state.split(" ").includes(state)) &&
        words.every((w) => text(card).includes(w));
      card.hidden = !fits;
      const row = rows.get(card.id);
      if (row) row.hidden = !fits;
      if (fits) shown++;
    }
    if ($("sort").value !== sortedBy) sort();
    $("shown").textContent = shown === cards.length ? `${shown} shown` : `${shown} of ${cards.length} shown`;
    $("none").hidden = shown > 0;
    $("reset").hidden = shown === cards.length;
  }

  // The filters stand in the address, so that a view can be kept and passed on.
  function save() {
    const p = new URLSearchParams();
    const severity = chips.filter((c) => c.getAttribute("aria-pressed") === "true").map((c) => c.dataset.severity);
    if (severity.length) p.set("severity", severity.join("."));
    for (const id of ["q", "state", "sort"]) if ($(id).value) p.set(id, $(id).value);
    try {
      history.replaceState(null, "", "#" + p);
    } catch {
      // A frame without an address of its own cannot keep it.
    }
    show();
  }

  function load() {
    const hash = location.hash.slice(1);
    if (hash.startsWith("f-")) {
      const card = $(hash);
      if (!card) return;
      if (card.hidden) reset();
      card.focus();
      return;
    }
    const p = new URLSearchParams(hash);
    const severity = (p.get("severity") || "").split(".");
    for (const c of chips) c.setAttribute("aria-pressed", String(severity.includes(c.dataset.severity)));
    for (const id of ["q", "state", "sort"]) {
      const field = $(id), value = p.get(id) || "";
      field.value = value;
      if (field.value !== value) field.value = "";
    }
    show();
  }

  function reset() {
    for (const c of chips) c.setAttribute("aria-pressed", "false");
    $("q").value = $("state").value = "";
    show();
  }

  function move(step) {
    const visible = [...list.children].filter((c) => !c.hidden);
    const here = visible.indexOf(document.activeElement?.closest(".card"));
    const next = visible[here < 0 ? (step > 0 ? 0 : visible.length - 1) : Math.min(Math.max(here + step, 0), visible.length - 1)];
    if (next) next.focus();
  }

  function key(e) {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const at = e.target;
    if (e.key === "Escape" && at === $("q")) {
      at.value = "";
      at.blur();
      return save();
    }
    if (at.matches("input, select, textarea")) return;
    if (e.key === "/") $("q").focus();
    else if (e.key === "j") move(1);
    else if (e.key === "k") move(-1);
    else if (e.key === "o" || (e.key === "Enter" && at.matches(".card"))) {
      const details = at.closest(".card")?.querySelector("details");
      if (!details) return;
      details.open = !details.open;
    } else return;
    e.preventDefault();
  }

  for (const c of chips)
    c.addEventListener("click", () => {
      c.setAttribute("aria-pressed", String(c.getAttribute("aria-pressed") !== "true"));
      save();
    });
  for (const id of ["q", "state", "sort"]) $(id).addEventListener("input", save);
  $("reset").addEventListener("click", () => {
    reset();
    save();
  });
  addEventListener("hashchange", load);
  addEventListener("keydown", key);
  $("tools").hidden = cards.length < 2;
  show();
  load();
})();
