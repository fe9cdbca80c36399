// Call `work` once things have been quiet for `waitMs`, but at least every `longestMs`.
export function debounced(work, waitMs = 200, longestMs = 1000) {
  let timer = null;
  let since = 0;
  return () => {
    const now = performance.now();
    if (timer === null) since = now;
    clearTimeout(timer);
    const delay = Math.max(0, Math.min(waitMs, since + longestMs - now));
    timer = setTimeout(() => {
      timer = null;
      work();
    }, delay);
  };
}
