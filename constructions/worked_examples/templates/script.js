"use strict";
(() => {
  const sections = [...document.querySelectorAll("section")];
  if (!sections.length) return;
  const byId = (id) => document.getElementById(id);
  const tape = byId("tape"), back = byId("back"), on = byId("on"), slide = byId("slide"), where = byId("where");
  const tokens = [...tape.children];
  let now = -1;

  function mark(name, places) {
    for (const token of tokens) token.classList.remove(name);
    for (const place of places) if (tokens[place]) tokens[place].classList.add(name);
  }
  const numbers = (text) => (text ? text.split(" ").map(Number) : []);

  function highlight(row) {
    const span = numbers(row && row.dataset.span);
    mark("picked", numbers(row && row.dataset.picks));
    mark("second", numbers(row && row.dataset.second));
    mark("span", span.length ? Array.from({length: span[1] - span[0]}, (_, k) => span[0] + k) : []);
    into(tape.querySelector(".picked") || tokens[Number(sections[now].dataset.here)]);
  }
  function into(token) {
    const low = token.offsetTop, high = low + token.offsetHeight;  // the tape is positioned, so this is relative to it
    if (low < tape.scrollTop) tape.scrollTop = low - 6;
    else if (high > tape.scrollTop + tape.clientHeight) tape.scrollTop = high - tape.clientHeight + 6;
  }
  function show(index) {
    const next = Math.max(0, Math.min(sections.length - 1, index));
    if (next === now) return;
    now = next;
    const here = Number(sections[now].dataset.here);
    sections.forEach((section, place) => section.classList.toggle("now", place === now));
    tokens.forEach((token, place) => token.classList.toggle("later", place > here));
    highlight(null);
    mark("here", [here]);
    for (const step of document.querySelectorAll(".step")) step.classList.toggle("later", Number(step.dataset.at) > here);
    let last = null;
    for (const visit of document.querySelectorAll(".visit")) {
      visit.classList.remove("now");
      if (Number(visit.dataset.at) <= here) last = visit;
    }
    if (last) last.classList.add("now");
    back.disabled = now === 0;
    on.disabled = now === sections.length - 1;
    slide.value = String(now);
    where.textContent = `${now + 1} of ${sections.length}`;
  }
  function fromHash() {
    const place = sections.findIndex((section) => `#${section.id}` === location.hash);
    show(place < 0 ? 0 : place);
  }

  document.documentElement.classList.add("js");
  byId("steps").hidden = false;
  back.addEventListener("click", () => show(now - 1));
  on.addEventListener("click", () => show(now + 1));
  slide.addEventListener("input", () => show(Number(slide.value)));
  tape.addEventListener("click", (event) => {
    const link = event.target.closest("li")?.querySelector("a");
    if (!link) return;
    event.preventDefault();
    show(sections.findIndex((section) => `#${section.id}` === link.getAttribute("href")));
  });
  window.addEventListener("hashchange", fromHash);
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target === slide) return;
    const to = {ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: sections.length - 1}[event.key];
    if (to === undefined) return;
    event.preventDefault();
    show(to);
  });
  for (const [enter, leave] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    document.addEventListener(enter, (event) => {
      const row = event.target.closest("[data-picks]");
      if (row) highlight(row);
    });
    document.addEventListener(leave, (event) => {
      if (event.target.closest("[data-picks]")) highlight(document.activeElement.closest("[data-picks]"));
    });
  }
  fromHash();
})();
