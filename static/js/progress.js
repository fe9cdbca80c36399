// Write a percentage into a bar and its words, without fetching anything.
export function showPercent(root, percent) {
  const bar = root?.querySelector("progress");
  if (!bar || percent <= bar.value) return; // it never falls
  bar.value = percent;
  const words = root.querySelector("[data-percent]");
  if (words) words.textContent = Math.round(percent);
}
