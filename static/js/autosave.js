// A form that saves itself while it is being written. Without this its buttons do it.
//
// The form has a [data-status] for one of `texts` (saved, unsaved, saving, offline, gone, refused),
// an [data-outcome] for the notice of a refusal, and the `edit_number` that it started from.

import { debounced } from "./debounce.js";

const AGAIN_MS = 5000;

/** It saves one text at a time, the newest one last. */
export class Autosave {
  constructor(form, texts, { afterMs, longestMs, answered = () => {}, takeTheirs }) {
    this.form = form;
    this.texts = texts;
    this.answered = answered;
    this.status = form.querySelector("[data-status]");
    this.outcome = form.querySelector("[data-outcome]");
    this.isDirty = false;
    this.running = null;
    this.state = "saved";
    this.soon = debounced(() => this.save(), afterMs, longestMs);
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
      takeTheirs(this);
    });
  }

  get isSafe() {
    return !this.isDirty && !this.running && this.state === "saved";
  }

  tell(state) {
    this.state = state;
    this.status.textContent = this.texts[state];
  }

  /** Leave what is typed behind: the page is loaded anew. */
  forget() {
    this.isDirty = false;
    this.tell("saved");
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
    this.answered(answer);
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
    if (button?.name === "then") return; // leaves the page: the page's own script saves first
    event.preventDefault();
    this.isDirty = true;
    const over = button?.name === "over" ? button.value : null;
    if ((await this.save(over)) && over !== null) this.form.focus();
  }
}
