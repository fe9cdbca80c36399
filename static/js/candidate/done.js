// The last page: show how far the processing is until it has ended.

import { call } from "./api.js";
import { hasText, text, wait } from "./page.js";

const root = document.querySelector("[data-processing]");
const bar = root.querySelector("[data-percent]");
const words = root.querySelector("[data-stage]");
const share = root.querySelector("[data-percent-text]");
const EVERY_MS = 2000;
const AFTER_ERROR_MS = 10000;

function draw(run) {
  bar.value = run.percent;
  share.textContent = `${Math.floor(run.percent)} %`;
  const key = run.state === "completed" ? "stage-completed" : `stage-${run.current_stage}`;
  const line = text(hasText(key) ? key : "stage-waiting");
  if (words.textContent !== line) words.textContent = line;
}

async function follow() {
  for (;;) {
    let pause = EVERY_MS;
    try {
      const { run } = await call("GET", "session");
      if (run) draw(run);
      if (!run || run.state !== "open") return;
    } catch (error) {
      if (error.status === 401 || error.status === 403) return; // the link's time is over
      pause = AFTER_ERROR_MS;
    }
    await wait(pause);
  }
}

follow();
