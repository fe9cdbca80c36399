// Try microphone and camera before anything counts: see the level, record five seconds, listen.

import { choose, closeStream, DeviceFailure, listDevices, openStream } from "./devices.js";
import { watchLevel } from "./levels.js";
import { show, text, wait } from "./page.js";
import { record, recordingType } from "./recorder.js";

const root = document.querySelector("[data-check]");
const part = (name) => root.querySelector(`[data-${name}]`);
const TEST_MS = 5000;
const SILENCE_MS = 4000;
const LITTLE_BYTES = 100 * 1024 * 1024; // a dozen long answers
const TONES_HZ = [440, 660];
const TONE_S = 0.4;

let stream = null;
let stopLevel = () => {};
let testUrl = "";

function complain(failure) {
  part("problem-text").textContent = failure.words;
  part("problem-advice").textContent = failure.advice;
  const without = part("without-camera");
  if (without) without.hidden = root.dataset.mode !== "video";
  part("problem").hidden = false;
}

function listen() {
  let heardAt = performance.now();
  let wasHeard = false;
  stopLevel = watchLevel(stream, part("wave"), ({ isHeard, isSilent }) => {
    if (isHeard) {
      heardAt = performance.now();
      if (!wasHeard) part("heard").textContent = text("heard");
      wasHeard = true;
    } else if (!wasHeard && performance.now() - heardAt > SILENCE_MS) {
      const words = text(isSilent ? "silent" : "not-heard");
      if (part("heard").textContent !== words) part("heard").textContent = words;
    }
  });
}

async function fill(kind) {
  const select = part(kind);
  if (!select) return;
  const devices = await listDevices(kind);
  const label = kind === "audioinput" ? "audio" : "video";
  const current = stream.getTracks().find((track) => track.kind === label);
  const inUse = current?.getSettings().deviceId;
  select.replaceChildren(
    ...devices.map((device, i) => {
      const name = device.label || text("device-number", { n: i + 1 });
      return new Option(name, device.deviceId, false, device.deviceId === inUse);
    }),
  );
}

function release() {
  stopLevel();
  closeStream(stream);
  stream = null;
}

async function start() {
  part("problem").hidden = true;
  part("heard").textContent = text("asking-devices");
  release();
  try {
    if (!recordingType(root.dataset.mode)) throw new DeviceFailure("device-unsupported");
    stream = await openStream(root.dataset.mode);
  } catch (error) {
    part("heard").textContent = "";
    show(root, "idle");
    if (!(error instanceof DeviceFailure)) throw error;
    complain(error);
    return;
  }
  const preview = part("preview");
  if (preview) preview.srcObject = stream;
  part("heard").textContent = text("speak");
  show(root, "open");
  listen();
  await fill("audioinput");
  await fill("videoinput");
}

async function test() {
  const pieces = [];
  show(root, "testing");
  part("heard").textContent = text("testing");
  const recording = record(stream, root.dataset.mode, (blob) => pieces.push(blob));
  await wait(TEST_MS);
  recording.stop();
  await recording.ended;
  URL.revokeObjectURL(testUrl);
  testUrl = URL.createObjectURL(new Blob(pieces, { type: recordingType(root.dataset.mode) }));
  part("player").src = testUrl;
  part("heard").textContent = text("tested");
  show(root, "tested");
}

function soundOnly() {
  root.dataset.mode = "audio";
  for (const name of ["picture", "camera"]) part(name)?.remove();
  return start();
}

/** Two tones, the second higher: short enough for everybody in the room. */
function sound() {
  const context = new AudioContext();
  const volume = new GainNode(context, { gain: 0.2 });
  volume.connect(context.destination);
  TONES_HZ.forEach((frequency, i) => {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(volume);
    tone.start(context.currentTime + i * TONE_S);
    tone.stop(context.currentTime + (i + 1) * TONE_S);
    if (i === TONES_HZ.length - 1) tone.onended = () => context.close();
  });
  document.querySelector("[data-speaker]").textContent = text("sounding");
}

async function plugged() {
  if (stream) {
    await fill("audioinput");
    await fill("videoinput");
  } else if (!part("problem").hidden) {
    part("heard").textContent = text("plugged");
  }
}

async function lookForRoom() {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota === undefined || quota - usage > LITTLE_BYTES) return;
  part("storage").textContent = text("storage-low");
  part("storage").hidden = false;
}

const actions = { start, test, soundOnly };
root.addEventListener("click", (event) => {
  const action = event.target.closest("[data-do]")?.dataset.do;
  if (action) actions[action]();
});
root.addEventListener("change", (event) => {
  const kind = event.target.dataset.kind;
  if (!kind) return;
  choose(kind, event.target.value);
  start();
});
document.querySelector("[data-sound]").addEventListener("click", sound);
navigator.mediaDevices?.addEventListener?.("devicechange", plugged);
addEventListener("pagehide", release);
lookForRoom();
