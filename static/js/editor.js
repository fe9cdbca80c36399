// Save each part of the editor by itself while it is being written. Without this, Save does it.

import { Autosave } from "./autosave.js";

const TIMES = { afterMs: 900, longestMs: 5000 };
const texts = document.querySelector("[data-editor]").dataset;

function showReadiness(answer) {
  const place = document.querySelector("[data-readiness]");
  if (answer.readiness && place) place.innerHTML = answer.readiness;
}

async function takeTheirs(part) {
  const others = parts.filter((each) => each !== part);
  if (!(await allSaved(others))) return;
  part.forget();
  location.reload();
}

const later = () => new Promise((resolve) => setTimeout(resolve));

async function allSaved(some) {
  const saved = await Promise.all(some.map((part) => part.save()));
  const first = saved.indexOf(false);
  if (first >= 0) some[first].form.scrollIntoView({ block: "nearest" });
  return first < 0;
}

/** Before a button leads to the next page everything that was typed is brought to the server. */
async function leave(event) {
  const { target: form, submitter } = event;
  const isStep = form.matches("[data-step]") || submitter?.name === "then";
  if (!isStep || form.dataset.leaving) return;
  event.preventDefault();
  await later(); // while this event is under way the browser ignores another submission
  const isRemoval = submitter?.value === "remove";
  const needed = parts.filter((part) => !isRemoval || part.form !== form);
  if (!(await allSaved(needed))) return;
  form.dataset.leaving = "yes";
  for (const part of needed) part.tell("saved");
  form.requestSubmit(submitter);
}

const parts = [...document.querySelectorAll("form[data-autosave]")].map(
  (form) => new Autosave(form, texts, { ...TIMES, answered: showReadiness, takeTheirs }),
);
let isLeaving = false;
document.addEventListener("submit", (event) => {
  if (event.target.dataset.leaving) isLeaving = true;
  leave(event);
});
window.addEventListener("beforeunload", (event) => {
  if (!isLeaving && parts.some((part) => !part.isSafe)) event.preventDefault();
});
