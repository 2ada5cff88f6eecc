// The page is complete without this script, which only filters its lists.
"use strict";
document.documentElement.classList.remove("no-script");

const find = (id) => document.getElementById(id);
const [text, verdict, topic] = [find("f-text"), find("f-verdict"), find("f-topic")];
// This filter exists only if there are several engines.
const engine = find("f-engine") || { value: "" };
const lists = Array.from(document.querySelectorAll("[data-list]"), (list) => ({
  rows: Array.from(list.querySelectorAll("[data-verdict]"), (row) => ({
    row,
    verdicts: row.dataset.verdict.split(" "),
    topics: row.dataset.topic.split("\n"),
    engines: row.dataset.engine.split("\n"),
    // A row of several VMs names those that fail.
    failing: row.dataset.failing && row.dataset.failing.split("\n"),
    // The line of the list; program and outputs are searched only if it does not match.
    head: (row.querySelector("summary, .row, th") || row).textContent.toLowerCase(),
  })),
  count: find(list.dataset.list + "-count"),
  noun: list.dataset.list,
}));

function shown(entry, words) {
  const fine = engine.value && entry.failing && !entry.failing.includes(engine.value);
  const verdicts = fine ? ["agrees"] : entry.verdicts;
  if (verdict.value && !verdicts.includes(verdict.value)) return false;
  if (topic.value && !entry.topics.includes(topic.value)) return false;
  if (engine.value && !entry.engines.includes(engine.value)) return false;
  return words.every((word) =>
    entry.head.includes(word) || entry.row.textContent.toLowerCase().includes(word));
}

function filter() {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { rows, count, noun } of lists) {
    let seen = 0;
    for (const entry of rows) {
      const show = shown(entry, words);
      entry.row.hidden = !show;
      if (show) seen += 1;
    }
    if (count) count.textContent = `${seen} of ${rows.length} ${noun} shown`;
  }
}

function reset() {
  text.value = verdict.value = topic.value = engine.value = "";
  filter();
}

// A link shows its target even if that is filtered out or folded.
function follow() {
  let name = "";
  try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
  const target = name && find(name);
  if (!target) return;
  if (target.hidden) reset();
  const details = target.querySelector("details");
  if (details) details.open = true;
  target.scrollIntoView();
  const focus = target.querySelector("summary, a, button") || target;
  focus.focus({ preventScroll: true });
}

if (text) {
  let waiting = 0;
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 120);
  });
  for (const choice of [verdict, topic, engine]) choice.addEventListener?.("change", filter);
  find("f-reset").addEventListener("click", () => { reset(); text.focus(); });
  for (const button of document.querySelectorAll("button[data-choose]")) {
    button.addEventListener("click", () => {
      text.value = verdict.value = "";
      topic.value = button.dataset.choose;
      engine.value = button.dataset.engine || "";
      filter();
      find("cases").scrollIntoView();
      topic.focus({ preventScroll: true });
    });
  }
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      find("cases").scrollIntoView();
      text.focus({ preventScroll: true });
    } else if (event.key === "Escape" && event.target === text) {
      reset();
    }
  });
  filter();
}
addEventListener("hashchange", follow);
follow();
