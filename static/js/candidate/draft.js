// Keep a typed answer on this device while it is being written, and count its words.

const form = document.querySelector("[data-draft]");
const area = form.querySelector("textarea");
const status = form.querySelector("[data-draft-status]");
const count = form.querySelector("[data-word-count]");
const key = `candor.draft.${form.dataset.draft}`;
const AFTER_MS = 400;
let timer;

function countWords() {
  count.textContent = area.value.trim() ? area.value.trim().split(/\s+/).length : 0;
}

const kept = localStorage.getItem(key);
if (kept && kept !== area.value) {
  area.value = kept;
  status.textContent = status.dataset.found;
}
countWords();

area.addEventListener("input", () => {
  countWords();
  clearTimeout(timer);
  timer = setTimeout(() => {
    localStorage.setItem(key, area.value);
    status.textContent = status.dataset.kept;
  }, AFTER_MS);
});
form.addEventListener("submit", () => {
  clearTimeout(timer);
  localStorage.setItem(key, area.value); // until a page shows that the server has it
});
