// The live board: every session of an interview as it moves, without a reload.

import { debounced } from "./debounce.js";
import { followBoard } from "./live.js";
import { showPercent } from "./progress.js";

const news = document.getElementById("board-news");
const refreshers = new Map(); // element id -> its refresh, for events come in bursts

const list = () => document.getElementById("board-rows");
const rowOf = (runId) => document.querySelector(`[data-run="${CSS.escape(runId)}"]`);

function refresh({ id }) {
  if (!refreshers.has(id)) {
    const act = () => {
      const element = document.getElementById(id); // a swap may have replaced it since
      if (element) window.htmx.trigger(element, "refresh");
    };
    refreshers.set(id, debounced(act));
  }
  refreshers.get(id)();
}

function say(row, words) {
  news.textContent = words.replace("{name}", row.dataset.name);
}

function draw(event) {
  if (event.type === "connected" || event.type === "stale") {
    refresh(list()); // what happened while nobody listened
    return;
  }
  if (!event.run_id) return;
  const row = rowOf(event.run_id);
  if (!row) {
    refresh(list()); // a session that was not there yet
    return;
  }
  if (event.type === "progress") showPercent(row, event.percent);
  if (event.type === "completed") say(row, news.dataset.ready);
  if (event.type === "failed") say(row, news.dataset.failed);
  refresh(row);
}

// A refresh replaces what has the keyboard's place, and the ticks: give both back. (htmx can keep an
// element through a swap, but a list and its row that arrive together lose it between them.)
const ticked = new Set(); // ids of sessions
let focusedId = "";
document.addEventListener("change", ({ target }) => {
  if (target.name !== "session") return;
  if (target.checked) ticked.add(target.value);
  else ticked.delete(target.value);
});
document.addEventListener("htmx:beforeSwap", () => {
  focusedId = document.activeElement?.id ?? "";
});
document.addEventListener("htmx:afterSwap", () => {
  for (const box of document.querySelectorAll("input[name=session]")) {
    box.checked = ticked.has(box.value);
  }
  if (focusedId && document.activeElement === document.body) {
    document.getElementById(focusedId)?.focus({ preventScroll: true });
  }
});

document.addEventListener("candor:event", (event) => draw(event.detail));
followBoard(list().dataset.key);
