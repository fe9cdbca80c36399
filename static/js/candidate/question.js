// One recorded question: get ready -> think -> record -> look again -> send -> saved.

import { call, Offline, Refused } from "./api.js";
import * as chunks from "./chunks.js";
import { countDown } from "./countdown.js";
import { closeStream, DeviceFailure, openStream } from "./devices.js";
import { watchLevel } from "./levels.js";
import { hasText, show, text } from "./page.js";
import { record, recordingType } from "./recorder.js";
import { sendTake, settle, verdict } from "./upload.js";

const UNPROCESSABLE = 422;
const root = document.querySelector("[data-question]");
const { response, mode } = root.dataset;
const thinkS = Number(root.dataset.thinkS);
const limitS = Number(root.dataset.limitS);
const part = (name) => root.querySelector(`[data-${name}]`);

let stream = null;
let stopLevel = () => {};
let stopClock = () => 0;
let recording = null;
let take = null; // {id, response, mode, type, startedAt, upload?} as kept on this device
let answer = null; // the take's Blob
let answerUrl = "";
let takesLeft = Number(root.dataset.takesLeft);
let isBusy = false;

function enter(state, words = "") {
  isBusy = ["starting", "recording", "sending"].includes(state);
  const isFree = ["idle", "review", "used", "elsewhere"].includes(state);
  for (const aside of document.querySelectorAll("[data-aside]")) {
    aside.dataset.aside = isFree ? "" : "off";
  }
  part("say").textContent = words;
  part("again").hidden = takesLeft < 1;
  part("left").textContent = text(takesLeft === 1 ? "takes-left-one" : "takes-left", {
    n: takesLeft,
  });
  show(root, state);
}

function say(words) {
  part("say").textContent = words;
}

function complain(title, words, advice = "") {
  part("problem-title").textContent = title;
  part("problem-text").textContent = words;
  part("problem-advice").textContent = advice;
  part("problem").hidden = false;
}

function forgive() {
  part("problem").hidden = true;
}

function explain(error) {
  if (error instanceof DeviceFailure) {
    complain(text("device-title"), text(error.key), text(`${error.key}-fix`));
  } else if (error instanceof Offline) {
    complain(text("offline-title"), text("offline"), text("offline-fix"));
  } else if (error instanceof Refused) {
    const known = `refused-${error.problem.code}`;
    const words = hasText(known) ? text(known) : error.message;
    complain(text("refused-title"), words, error.problem.suggestion ?? "");
  } else {
    complain(text("refused-title"), text("unexpected"), text("unexpected-fix"));
    throw error;
  }
}

// --- devices and thinking -----------------------------------------------------------------------

async function prepare() {
  forgive();
  enter("starting", text("asking-devices"));
  try {
    if (!recordingType(mode)) throw new DeviceFailure("device-unsupported");
    stream ??= await openStream(mode);
  } catch (error) {
    enter(answer ? "review" : "idle");
    explain(error);
    return;
  }
  for (const track of stream.getTracks()) track.onended = loseDevice;
  const preview = part("preview");
  if (preview) preview.srcObject = stream;
  stopLevel();
  stopLevel = watchLevel(stream, part("wave"));
  think();
}

function think() {
  if (thinkS === 0) {
    begin();
    return;
  }
  enter("thinking", text("thinking"));
  stopClock = countDown(root, thinkS, { say, onEnd: begin });
}

function release() {
  stopLevel();
  stopLevel = () => {};
  for (const track of stream?.getTracks() ?? []) track.onended = null;
  closeStream(stream);
  stream = null;
}

function loseDevice() {
  if (recording) {
    recording.stop(); // what was said so far is kept
    complain(text("device-title"), text("device-lost"), text("device-lost-fix"));
  } else {
    stopClock();
    release();
    enter("idle");
    complain(text("device-title"), text("device-lost"), text("device-lost-fix"));
  }
}

// --- recording ----------------------------------------------------------------------------------

async function newTake(takeMode, type) {
  const started = await call("POST", `responses/${response}/takes`, { mode: takeMode });
  const old = take;
  take = { id: started.id, response, mode: takeMode, type, startedAt: Date.now() };
  takesLeft = Math.max(0, takesLeft - 1);
  await chunks.begin(take);
  if (old) await chunks.forget(old.id); // the new one takes its place
  answer = null;
}

async function begin() {
  stopClock();
  if (recording || root.dataset.state === "starting") return;
  enter("starting", text("starting"));
  try {
    await newTake(mode, recordingType(mode));
    recording = record(stream, mode, (blob, n) => chunks.keep(take.id, n, blob));
  } catch (error) {
    release();
    enter(answer ? "review" : "idle");
    explain(error);
    return;
  }
  enter("recording", text("recording"));
  stopClock = countDown(root, limitS, { say, onEnd: () => recording?.stop() });
  const lock = await navigator.wakeLock?.request("screen").catch(() => null);
  await finish();
  lock?.release();
}

async function finish() {
  try {
    await recording.ended;
  } catch (error) {
    complain(text("device-title"), text("storage-full"), text("storage-full-fix"));
  }
  recording = null;
  stopClock();
  release();
  answer = await chunks.assemble(take.id, take.type);
  if (answer) {
    review(text("review"));
  } else {
    await fail(take, "recorder_failed");
    complain(text("refused-title"), text("nothing-recorded"), text("nothing-recorded-fix"));
    enter("idle");
  }
}

/** The technique failed before anything could be sent: that take does not count. */
async function fail(lost, reason) {
  await call("POST", `takes/${lost.id}/technical-failure`, { reason });
  await chunks.forget(lost.id);
  takesLeft += 1;
  if (take?.id === lost.id) take = null;
}

function review(words) {
  URL.revokeObjectURL(answerUrl);
  answerUrl = URL.createObjectURL(answer);
  const player = part("player");
  player.src = answerUrl;
  player.onloadedmetadata = () => {
    if (player.duration !== Infinity) return;
    player.ondurationchange = () => {
      player.ondurationchange = null;
      player.currentTime = 0;
    };
    player.currentTime = 1e7; // a recorder writes no length: going to the end makes it known
  };
  enter("review", words);
}

async function useFile(file) {
  if (!file) return;
  forgive();
  const fileMode = file.type.split("/")[0];
  if (!root.dataset.modes.split(" ").includes(fileMode) || file.size === 0) {
    complain(text("refused-title"), text("file-unfit"), text("file-unfit-fix"));
    return;
  }
  try {
    await newTake(fileMode, file.type);
    await chunks.keep(take.id, 0, file);
  } catch (error) {
    explain(error);
    return;
  }
  answer = file;
  review(text("review-file", { name: file.name }));
}

// --- sending ------------------------------------------------------------------------------------

const watchers = {
  onProgress(share) {
    part("upload").value = share;
    part("upload-text").textContent = `${Math.round(share * 100)} %`;
  },
  onPause(seconds) {
    say(text("line-broken", { n: seconds }));
  },
};

async function send() {
  forgive();
  watchers.onProgress(0);
  enter("sending", text("sending"));
  try {
    await sendTake(take, answer, watchers);
    await close();
  } catch (error) {
    if (error instanceof Refused && error.status === UNPROCESSABLE) {
      await giveUp(error);
      return;
    }
    review(text("safe-here"));
    explain(error);
  }
}

/** The server will never take this file, whoever sends it: the try does not count. */
async function giveUp(error) {
  await fail(take, "upload_failed");
  answer = null;
  enter("idle");
  complain(text("unusable-title"), error.message, error.problem.suggestion ?? "");
}

/** The server has the bytes: wait for its look at them, then let go of the local copy. */
async function close() {
  enter("sending", text("checking"));
  const found = await verdict(response, take.id, watchers.onPause);
  takesLeft = found.question?.takes_left ?? takesLeft;
  if (found.take?.state === "technical_failed") {
    await chunks.forget(take.id);
    take = null;
    answer = null;
    enter("idle");
    complain(
      text("unusable-title"),
      found.take.failure?.message ?? text("unusable"),
      found.take.failure?.suggestion ?? text("unusable-fix"),
    );
    return;
  }
  await settle(response, watchers.onPause);
  await chunks.forget(take.id);
  enter("saved", text(found.take?.state === "saved" ? "saved" : "received"));
}

// --- coming back --------------------------------------------------------------------------------

/** After a reload: go on where it stopped, from what this device and the server have. */
async function resume() {
  const kept = await chunks.unsent(response);
  const session = await call("GET", "session");
  const question = session.questions.find((each) => each.response_id === response);
  takesLeft = question.takes_left;
  const arrived = question.takes.find((each) => ["verifying", "saved"].includes(each.state));
  if (question.is_submitted || arrived) {
    for (const old of kept) await chunks.forget(old.id);
    take = arrived ?? null;
    if (question.is_submitted) enter("saved", text("saved"));
    else await close();
    return;
  }
  const isOpen = (state) => ["thinking", "recording", "uploading"].includes(state);
  for (const open of question.takes.filter((each) => isOpen(each.state))) {
    const here = kept.find((each) => each.id === open.id);
    const blob = here && (await chunks.assemble(here.id, here.type));
    if (blob) {
      take = here;
      answer = blob;
    } else if (open === question.takes.at(-1)) {
      await fail(open, "page_closed"); // nothing of it is on this device
    }
  }
  if (answer) review(text("found-unsent"));
  else enter(takesLeft > 0 ? "idle" : "used");
}

// --- wiring -------------------------------------------------------------------------------------

const actions = {
  prepare,
  begin,
  stop: () => recording?.stop(),
  send,
  again: prepare,
};
root.addEventListener("click", (event) => {
  const action = event.target.closest("[data-do]")?.dataset.do;
  if (action) actions[action]();
});
part("file").addEventListener("change", (event) => useFile(event.target.files[0]));
addEventListener("beforeunload", (event) => {
  if (isBusy) event.preventDefault();
});
addEventListener("pagehide", release);

function open() {
  return resume().catch((error) => {
    enter("idle");
    explain(error);
  });
}

// One tab at a time: a second one would offer the first one's half recording for sending.
if (navigator.locks) {
  navigator.locks.request(`candor.${response}`, { ifAvailable: true }, (lock) =>
    lock ? open().then(() => new Promise(() => {})) : enter("elsewhere"),
  );
} else {
  open();
}
