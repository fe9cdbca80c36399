// Save each part of the editor by itself while it is being written. Without this, Save does it.

import { debounced } from "./debounce.js";

const AFTER_MS = 900;
const LONGEST_MS = 5000;
const AGAIN_MS = 5000;
const texts = document.querySelector("[data-editor]").dataset;

/** A form that is saved by itself. It saves one text at a time, the newest one last. */
class Part {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-status]");
    this.outcome = form.querySelector("[data-outcome]");
    this.isDirty = false;
    this.running = null;
    this.state = "saved";
    this.soon = debounced(() => this.save(), AFTER_MS, LONGEST_MS);
    form.addEventListener("input", () => {
      this.isDirty = true;
      this.tell("unsaved");
      this.soon();
    });
    form.addEventListener("submit", (event) => this.submitted(event));
    this.outcome.addEventListener("click", (event) => {
      const link = event.target.closest("[data-take-theirs]");
      if (!link) return;
      event.preventDefault();
      this.takeTheirs();
    });
  }

  get isSafe() {
    return !this.isDirty && !this.running && this.state === "saved";
  }

  tell(state) {
    this.state = state;
    this.status.textContent = texts[state];
  }

  /** Save what is typed now; answer whether the server has it. */
  async save(over = null) {
    while (this.running) await this.running;
    if (!this.isDirty && over === null) return this.state === "saved";
    this.running = this.send(over);
    const isSaved = await this.running;
    this.running = null;
    return isSaved;
  }

  async send(over) {
    const body = new FormData(this.form);
    if (over !== null) body.set("over", over);
    this.isDirty = false;
    this.tell("saving");
    let response;
    try {
      response = await fetch(this.form.action, {
        method: "POST",
        body,
        credentials: "same-origin",
        headers: { Accept: "application/json" },
      });
    } catch {
      return this.again(over, "offline");
    }
    if (response.status >= 500 || response.status === 429) return this.again(over, "offline");
    const isOurs = response.headers.get("Content-Type")?.startsWith("application/json");
    if (!isOurs || response.redirected) {
      this.isDirty = true;
      this.tell("gone");
      return false;
    }
    return this.settle(response.ok, await response.json());
  }

  again(over, state) {
    this.isDirty = true;
    this.tell(state);
    setTimeout(() => this.save(over), AGAIN_MS);
    return false;
  }

  settle(isSaved, answer) {
    this.outcome.innerHTML = answer.notice ?? ""; // our own server's template, escaped there
    if (answer.readiness) {
      const place = document.querySelector("[data-readiness]");
      if (place) place.innerHTML = answer.readiness;
    }
    if (!isSaved) {
      this.tell("refused");
      return false;
    }
    this.form.elements.edit_number.value = answer.edit_number;
    if (!this.isDirty) this.tell("saved");
    return true;
  }

  async submitted(event) {
    const button = event.submitter;
    if (button?.name === "then") return; // leaves the page: see `leave`
    event.preventDefault();
    this.isDirty = true;
    const over = button?.name === "over" ? button.value : null;
    if ((await this.save(over)) && over !== null) this.form.focus();
  }

  async takeTheirs() {
    const others = parts.filter((part) => part !== this);
    if (!(await allSaved(others))) return;
    this.isDirty = false;
    this.tell("saved");
    location.reload();
  }
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

const parts = [...document.querySelectorAll("form[data-autosave]")].map((form) => new Part(form));
let isLeaving = false;
document.addEventListener("submit", (event) => {
  if (event.target.dataset.leaving) isLeaving = true;
  leave(event);
});
window.addEventListener("beforeunload", (event) => {
  if (!isLeaving && parts.some((part) => !part.isSafe)) event.preventDefault();
});
