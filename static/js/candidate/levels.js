// A row of bars that moves with the microphone's level.

const BARS = 48;
const SVG = "http://www.w3.org/2000/svg";
const EVERY_MS = 70;
const FLOOR_DB = -60; // shown as an empty bar
const HEARD_DB = -45; // below it nobody would understand a word
const SILENT_DB = -90; // less than the noise of any microphone that is on

function makeBars(svg) {
  const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
  const step = width / BARS;
  svg.replaceChildren(
    ...Array.from({ length: BARS }, (_, i) => {
      const bar = document.createElementNS(SVG, "rect");
      bar.setAttribute("x", (i * step + step * 0.2).toFixed(1));
      bar.setAttribute("width", (step * 0.6).toFixed(1));
      bar.setAttribute("rx", (step * 0.3).toFixed(1));
      return bar;
    }),
  );
  return { bars: [...svg.children], height };
}

function draw(bar, share, height) {
  const size = Math.max(2, share * height);
  bar.setAttribute("height", size.toFixed(1));
  bar.setAttribute("y", ((height - size) / 2).toFixed(1));
}

/**
 * Draw the level of `stream` into `svg` until the returned function is called.
 * `onLevel({ isHeard, isSilent })` is told with every step.
 */
export function watchLevel(stream, svg, onLevel = () => {}) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  context.resume();
  const samples = new Float32Array(analyser.fftSize);
  const { bars, height } = makeBars(svg);
  const history = new Array(BARS).fill(0);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
    const level = 10 * Math.log10(power || 1e-12);
    history.push(Math.min(1, Math.max(0, 1 - level / FLOOR_DB)));
    history.shift();
    bars.forEach((bar, i) => draw(bar, history[i], height));
    onLevel({ isHeard: level > HEARD_DB, isSilent: level < SILENT_DB });
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    context.close();
  };
}
