// A scorecard: it saves itself, and digits give levels. Without this its buttons do.

import { Autosave } from "./autosave.js";

const TIMES = { afterMs: 600, longestMs: 1500 };
const form = document.querySelector("[data-scorecard]");
const TAKES_TEXT = "textarea, select";
const INSUFFICIENT = "0";

/** A digit in a competency chooses its level. */
function choose(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TAKES_TEXT)) return;
  const value = event.key === INSUFFICIENT ? "insufficient" : event.key;
  if (!/^([1-5]|insufficient)$/.test(value)) return;
  const radio = event.target
    .closest("[data-scale]")
    ?.querySelector(`input[type=radio][value="${value}"]`);
  if (!radio) return;
  event.preventDefault();
  radio.focus();
  radio.click();
}

function follow() {
  const texts = form.dataset;
  let isLeaving = false;
  const saving = new Autosave(form, texts, {
    ...TIMES,
    takeTheirs: (part) => {
      part.forget();
      location.reload();
    },
  });
  if (saving.outcome.children.length > 0) saving.tell("refused");
  form.addEventListener("keydown", choose);
  // The page that confirms shows what is stored: everything typed is brought to the server first.
  form.addEventListener("submit", async (event) => {
    if (event.submitter?.name !== "then" || isLeaving) return;
    event.preventDefault();
    // While this event is under way the browser ignores another submission.
    await new Promise((resolve) => setTimeout(resolve));
    if (!(await saving.save())) return;
    isLeaving = true;
    form.requestSubmit(event.submitter);
  });
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && !saving.isSafe) event.preventDefault();
  });
}

if (form) follow();
