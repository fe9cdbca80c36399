// After the end: what was recorded, never sent, and is still on this device and nowhere else.

import * as chunks from "./chunks.js";

const root = document.querySelector("[data-left-here]");
const words = root.querySelector("template").content;
const status = root.querySelector("[data-left-text]");
const list = root.querySelector("[data-left-list]");
const button = root.querySelector("[data-do=forget]");

function text(key, n) {
  return words.querySelector(`[data-key="${key}"]`).textContent.replace("{n}", n);
}

function link(blob, n) {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(blob);
  anchor.download = `answer-${n}.${blob.type.includes("mp4") ? "mp4" : "webm"}`;
  anchor.textContent = text("left-save", n);
  const item = document.createElement("li");
  item.append(anchor);
  return item;
}

async function tell() {
  const kept = [];
  for (const take of await chunks.everything()) {
    const blob = await chunks.assemble(take.id, take.type);
    if (blob) kept.push({ take, blob });
  }
  if (kept.length === 0) return;
  status.textContent = text(kept.length === 1 ? "left-one" : "left", kept.length);
  list.replaceChildren(...kept.map(({ blob }, i) => link(blob, i + 1)));
  root.hidden = false;
  button.addEventListener("click", async () => {
    for (const { take } of kept) await chunks.forget(take.id);
    list.replaceChildren();
    button.hidden = true;
    status.textContent = text("left-none");
  });
}

tell();
