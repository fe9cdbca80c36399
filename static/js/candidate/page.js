// What every page of the candidate's shares: its words, which come from the template, and its states.

/** Return the template's text for `key`, with {name} replaced from `values`. */
export function text(key, values = {}) {
  const words = document.getElementById("texts")?.content.querySelector(`[data-key="${key}"]`);
  if (!words) throw new Error(`The page has no text "${key}"`);
  return words.textContent.trim().replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Whether the page has a text of that name. */
export function hasText(key) {
  return Boolean(document.getElementById("texts")?.content.querySelector(`[data-key="${key}"]`));
}

let isFocusOwed = false; // a passing state without a button took the keyboard's place away

/** Show what belongs to `state` inside `root`, hide the rest; keep the keyboard where work goes on. */
export function show(root, state) {
  const focused = document.activeElement;
  root.dataset.state = state;
  for (const part of root.querySelectorAll("[data-show]")) {
    part.hidden = !part.dataset.show.split(" ").includes(state);
  }
  const isLost = root.contains(focused) && focused.closest("[hidden]");
  const isNowhere = isFocusOwed && (focused === document.body || focused === null);
  if (!isLost && !isNowhere) {
    isFocusOwed = false;
    return;
  }
  const target = root.querySelector(`[data-focus~="${state}"]`);
  isFocusOwed = target === null;
  target?.focus();
}

/** Return "1:05" for 65 seconds. */
export function clock(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function wait(ms) {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
