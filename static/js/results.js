// A session's results: hear the answers, follow and search their words, see the evidence.

import { debounced } from "./debounce.js";
import { followRun } from "./live.js";
import { AnswerPlayer } from "./player.js";
import { showPercent } from "./progress.js";
import { Search } from "./search.js";

const STEP_S = 5;
const TAKES_TEXT = "input:not([type=radio], [type=checkbox]), textarea, select";
const TAKES_SPACE = "button, a, summary, audio, video, input";

for (const element of document.querySelectorAll("[data-scripted]")) element.hidden = false;
const articles = [...document.querySelectorAll(".answer")];
const players = articles.map((article) => new AnswerPlayer(article));
const heard = players.filter((player) => player.media);
const speed = document.getElementById("speed");
const field = document.getElementById("search");
const help = document.getElementById("help");
const card = document.getElementById("scorecard");

if (field) new Search(field, document.getElementById("search-count"), document);

// --- one voice at a time ----------------------------------------------------------------------
let current = heard[0] ?? null;

document.addEventListener("candor:play", ({ detail: player }) => {
  current?.article.classList.remove("is-current");
  current = player;
  player.article.classList.add("is-current");
  player.media.playbackRate = Number(speed.value);
  for (const other of heard) if (other !== player) other.media.pause();
});
speed?.addEventListener("change", () => {
  for (const player of heard) player.media.playbackRate = Number(speed.value);
});

// --- the keyboard -----------------------------------------------------------------------------
function goToAnswer(step) {
  // Where the keyboard is, else what is being heard.
  const place = document.activeElement?.closest(".answer") ?? document.querySelector(".is-current");
  const here = articles.indexOf(place);
  const next = Math.min(articles.length - 1, Math.max(0, here + step));
  articles[next]?.focus();
  if (players[next]?.media) current = players[next];
}

function goToPassage(event, step) {
  const passage = document.activeElement?.closest(".passage");
  if (!passage) return;
  event.preventDefault();
  const next = step > 0 ? passage.nextElementSibling : passage.previousElementSibling;
  next?.querySelector(".passage__at").focus();
}

const KEYS = {
  k: () => current?.toggle(),
  " ": (event) => {
    if (document.activeElement?.matches(TAKES_SPACE)) return;
    event.preventDefault();
    current?.toggle();
  },
  j: () => current?.skip(-STEP_S),
  l: () => current?.skip(STEP_S),
  n: () => goToAnswer(1),
  p: () => goToAnswer(-1),
  "/": (event) => {
    event.preventDefault();
    field?.focus();
  },
  s: (event) => {
    event.preventDefault();
    (document.querySelector("[data-scorecard] input:checked") ?? card)?.focus();
  },
  "?": () => help.showModal(),
  ArrowDown: (event) => goToPassage(event, 1),
  ArrowUp: (event) => goToPassage(event, -1),
};

document.getElementById("help-open")?.addEventListener("click", () => help.showModal());
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (!event.target.closest(TAKES_TEXT)) KEYS[event.key]?.(event);
});

// --- what is still being made -----------------------------------------------------------------
const progress = () => document.getElementById("progress");
const refreshProgress = debounced(() => window.htmx.trigger(progress(), "refresh"));

// New results never pull the page away under a reader: they are offered.
function offerResults() {
  document.getElementById("new-results").hidden = false;
}

document.addEventListener("candor:event", ({ detail: event }) => {
  if (event.type === "progress") {
    showPercent(progress(), event.percent);
    return;
  }
  refreshProgress();
  const isOver = event.type === "connected" && event.run.state !== "open";
  if (event.type === "completed" || isOver) offerResults();
});

if (progress().dataset.open) followRun(progress().dataset.run);
