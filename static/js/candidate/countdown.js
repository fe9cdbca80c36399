// Count down on the ring: by the clock, so that a sleeping tab does not stretch the time.

import { clock, text } from "./page.js";

const EVERY_MS = 200;
const SPOKEN_AT_S = [30, 10]; // said aloud to those who do not see the ring

/**
 * Count `seconds` down inside `root` ([data-clock], [data-ring]); `say(words)` speaks.
 * Calls `onEnd` at zero. Returns a function that stops it and tells the seconds that were left.
 */
export function countDown(root, seconds, { say, onEnd }) {
  const face = root.querySelector("[data-clock]");
  const ring = root.querySelector("[data-ring]");
  const circumference = 2 * Math.PI * Number(ring.getAttribute("r"));
  const endsAt = performance.now() + seconds * 1000;
  const toSay = SPOKEN_AT_S.filter((at) => at < seconds);
  ring.setAttribute("stroke-dasharray", circumference.toFixed(1));
  const left = () => Math.max(0, (endsAt - performance.now()) / 1000);
  const draw = () => {
    face.textContent = clock(left());
    ring.setAttribute("stroke-dashoffset", (circumference * (1 - left() / seconds)).toFixed(1));
  };
  const timer = setInterval(() => {
    draw();
    if (toSay.length && left() <= toSay[0]) say(text("time-left", { n: toSay.shift() }));
    if (left() === 0) {
      clearInterval(timer);
      onEnd();
    }
  }, EVERY_MS);
  draw();
  return () => {
    clearInterval(timer);
    return left();
  };
}
