// One recorded question: the stage, with a server and this device's storage behind it.

import { call, Refused } from "./api.js";
import * as chunks from "./chunks.js";
import { text } from "./page.js";
import { Stage } from "./stage.js";
import { sendTake, settle, verdict } from "./upload.js";

const UNPROCESSABLE = 422;
const root = document.querySelector("[data-question]");
const { response } = root.dataset;
const isOpen = ({ state }) => ["thinking", "recording", "uploading"].includes(state);

let take = null; // {id, response, mode, type, startedAt, upload?} as kept on this device

const keeper = {
  takesLeft: Number(root.dataset.takesLeft),

  async start(mode, type) {
    const started = await call("POST", `responses/${response}/takes`, { mode });
    const old = take;
    take = { id: started.id, response, mode, type, startedAt: Date.now() };
    keeper.takesLeft = Math.max(0, keeper.takesLeft - 1);
    await chunks.begin(take).catch(() => {}); // without room; the stage says so at the first piece
    if (old) await chunks.forget(old.id); // the new one takes its place
  },

  keep(piece, n) {
    return chunks.keep(take.id, n, piece);
  },

  lost() {
    return fail(take, "recorder_failed");
  },

  send,
};

const stage = new Stage(root, keeper, {
  mode: root.dataset.mode,
  thinkS: Number(root.dataset.thinkS),
  limitS: Number(root.dataset.limitS),
});

/** The technique failed before anything could be sent: that take does not count. */
async function fail(lost, reason) {
  await call("POST", `takes/${lost.id}/technical-failure`, { reason });
  await chunks.forget(lost.id);
  keeper.takesLeft += 1;
  if (take?.id === lost.id) take = null;
}

async function useFile(file) {
  if (!file) return;
  stage.forgive();
  const mode = file.type.split("/")[0];
  if (!root.dataset.modes.split(" ").includes(mode) || file.size === 0) {
    stage.complain(text("refused-title"), text("file-unfit"), text("file-unfit-fix"));
    return;
  }
  try {
    await keeper.start(mode, file.type);
  } catch (error) {
    stage.explain(error);
    return;
  }
  await chunks.keep(take.id, 0, file).catch(() => {}); // the file itself is still on the device
  stage.review(file, text("review-file", { name: file.name }));
}

// --- sending ------------------------------------------------------------------------------------

const watchers = {
  onProgress(share) {
    stage.part("upload").value = share;
    stage.part("upload-text").textContent = `${Math.round(share * 100)} %`;
  },
  onPause(seconds) {
    stage.say(text("line-broken", { n: seconds }));
  },
};

async function send() {
  stage.forgive();
  watchers.onProgress(0);
  stage.enter("sending", text("sending"));
  try {
    await sendTake(take, stage.answer, watchers).catch(sendAnew);
    await close();
  } catch (error) {
    if (error instanceof Refused && error.status === UNPROCESSABLE) {
      await giveUp(error);
      return;
    }
    stage.enter("review", text("safe-here"));
    stage.explain(error);
  }
}

/** Another device or tab gave this take up meanwhile: what was recorded becomes a take of its own. */
async function sendAnew(error) {
  if (error.problem?.code !== "take_ended") throw error;
  const { answer } = stage;
  await keeper.start(take.mode, take.type);
  await chunks.keep(take.id, 0, answer).catch(() => {}); // the page has it
  await sendTake(take, answer, watchers);
}

/** The server will never take this file, whoever sends it: the try does not count. */
async function giveUp(error) {
  await fail(take, "upload_failed");
  stage.answer = null;
  stage.enter("idle");
  stage.complain(text("unusable-title"), error.message, error.problem.suggestion ?? "");
}

/** The server has the bytes: wait for its look at them, then let go of the local copy. */
async function close() {
  stage.enter("sending", text("checking"));
  const found = await verdict(response, take.id, watchers.onPause);
  keeper.takesLeft = found.question?.takes_left ?? keeper.takesLeft;
  if (found.take?.state === "technical_failed") {
    await chunks.forget(take.id);
    take = null;
    stage.answer = null;
    stage.enter("idle");
    stage.complain(
      text("unusable-title"),
      found.take.failure?.message ?? text("unusable"),
      found.take.failure?.suggestion ?? text("unusable-fix"),
    );
    return;
  }
  await settle(response, watchers.onPause);
  await chunks.forget(take.id);
  stage.enter("saved", text(found.take?.state === "saved" ? "saved" : "received"));
}

// --- coming back --------------------------------------------------------------------------------

/** After a reload: go on where it stopped, from what this device and the server have. */
async function resume() {
  const kept = await chunks.unsent(response);
  const session = await call("GET", "session");
  const question = session.questions.find((each) => each.response_id === response);
  keeper.takesLeft = question.takes_left;
  const arrived = question.takes.find((each) => ["verifying", "saved"].includes(each.state));
  if (question.is_submitted || arrived) {
    for (const old of kept) await chunks.forget(old.id);
    take = arrived ?? null;
    if (question.is_submitted) stage.enter("saved", text("saved"));
    else await close();
    return;
  }
  let answer = null;
  for (const open of question.takes.filter(isOpen)) {
    const here = kept.find((each) => each.id === open.id);
    const blob = here && (await chunks.assemble(here.id, here.type));
    if (blob) {
      take = here;
      answer = blob;
    } else if (open === question.takes.at(-1)) {
      await fail(open, "page_closed"); // nothing of it is on this device
    }
  }
  if (answer) stage.review(answer, text("found-unsent"));
  else stage.enter(keeper.takesLeft > 0 ? "idle" : "used");
}

function open() {
  return resume().catch((error) => {
    stage.enter("idle");
    stage.explain(error);
  });
}

stage.part("file").addEventListener("change", (event) => useFile(event.target.files[0]));

// One tab at a time: a second one would offer the first one's half recording for sending. It goes
// on by itself when the first is closed. Two devices are kept apart by the server's answers.
const hold = () => open().then(() => new Promise(() => {}));
if (navigator.locks) {
  const name = `candor.${response}`;
  navigator.locks.request(name, { ifAvailable: true }, (lock) => {
    if (lock) return hold();
    stage.enter("elsewhere");
    navigator.locks.request(name, hold);
    return null;
  });
} else {
  open();
}
