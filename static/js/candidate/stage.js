// Where a question is answered: get ready -> think -> record -> listen again. It sends nothing itself.
//
// What becomes of a recording is for its keeper to say:
//   start(mode, type)  a try begins; may refuse by throwing
//   keep(piece, n)     a piece was recorded; may fail: the stage has it too
//   lost()             nothing was recorded: the try was none
//   send(stage)        the candidate is content with stage.answer
//   takesLeft          how many tries are left

import { Offline, Refused } from "./api.js";
import { countDown } from "./countdown.js";
import { closeStream, DeviceFailure, openStream } from "./devices.js";
import { watchLevel } from "./levels.js";
import { hasText, show, text } from "./page.js";
import { record, recordingType } from "./recorder.js";

const QUIET_MS = 8000; // a pause for thought is shorter
const BUSY = ["starting", "recording", "sending"];
const FREE = ["idle", "review", "used", "elsewhere", "practised"];

export class Stage {
  constructor(root, keeper, { mode, thinkS, limitS }) {
    Object.assign(this, { root, keeper, mode, thinkS, limitS });
    this.stream = null;
    this.recording = null;
    this.pieces = [];
    this.answer = null; // the Blob that would be sent
    this.answerUrl = "";
    this.stopLevel = () => {};
    this.stopClock = () => {};
    this.say = this.say.bind(this);
    root.addEventListener("click", (event) => {
      const action = event.target.closest("[data-do]")?.dataset.do;
      if (action) this[action]();
    });
    addEventListener("beforeunload", (event) => {
      if (BUSY.includes(this.state)) event.preventDefault();
    });
    addEventListener("pagehide", () => this.release());
  }

  get state() {
    return this.root.dataset.state;
  }

  part(name) {
    return this.root.querySelector(`[data-${name}]`);
  }

  // --- what is shown ----------------------------------------------------------------------------

  enter(state, words = "") {
    for (const aside of document.querySelectorAll("[data-aside]")) {
      aside.dataset.aside = FREE.includes(state) ? "" : "off";
    }
    this.say(words);
    const { takesLeft } = this.keeper;
    this.part("again").hidden = takesLeft < 1;
    if (this.part("left")) {
      const key = takesLeft === 1 ? "takes-left-one" : "takes-left";
      this.part("left").textContent = text(key, { n: takesLeft });
    }
    show(this.root, state);
  }

  say(words) {
    this.part("say").textContent = words;
  }

  complain(title, words, advice = "", { canGoWithout = false } = {}) {
    this.part("problem-title").textContent = title;
    this.part("problem-text").textContent = words;
    this.part("problem-advice").textContent = advice;
    if (this.part("instead")) this.part("instead").hidden = !canGoWithout;
    this.part("problem").hidden = false;
  }

  forgive() {
    this.part("problem").hidden = true;
  }

  explain(error) {
    if (error instanceof DeviceFailure) {
      this.complain(text("device-title"), error.words, error.advice, { canGoWithout: true });
    } else if (error instanceof Offline) {
      this.complain(text("offline-title"), text("offline"), text("offline-fix"));
    } else if (error instanceof Refused) {
      const known = `refused-${error.problem.code}`;
      const words = hasText(known) ? text(known) : error.message;
      this.complain(text("refused-title"), words, error.problem.suggestion ?? "");
    } else {
      this.complain(text("refused-title"), text("unexpected"), text("unexpected-fix"));
      throw error;
    }
  }

  // --- devices and thinking ---------------------------------------------------------------------

  async prepare() {
    this.forgive();
    this.enter("starting", text("asking-devices"));
    try {
      if (!recordingType(this.mode)) throw new DeviceFailure("device-unsupported");
      this.stream ??= await openStream(this.mode);
    } catch (error) {
      this.enter(this.answer ? "review" : "idle");
      this.explain(error);
      return;
    }
    for (const track of this.stream.getTracks()) {
      track.onended = () => this.loseDevice();
      if (track.kind === "audio") track.onmute = () => this.hearNothing();
    }
    const preview = this.part("preview");
    if (preview) preview.srcObject = this.stream;
    this.stopLevel();
    this.stopLevel = watchLevel(this.stream, this.part("wave"), this.silenceWatch());
    this.think();
  }

  again() {
    return this.prepare();
  }

  think() {
    if (this.thinkS === 0) {
      this.begin();
      return;
    }
    this.enter("thinking", text("thinking"));
    const onEnd = () => this.begin();
    this.stopClock = countDown(this.root, this.thinkS, { say: this.say, onEnd });
  }

  /** Return a listener that says once when nothing was heard for a while of a recording. */
  silenceWatch() {
    let heardAt = performance.now();
    let isTold = false;
    return ({ isHeard }) => {
      if (isHeard || this.state !== "recording") heardAt = performance.now();
      else if (!isTold && performance.now() - heardAt > QUIET_MS) {
        isTold = true;
        this.say(text("quiet"));
      }
    };
  }

  hearNothing() {
    this.complain(text("device-title"), text("muted"), text("muted-fix"));
  }

  release() {
    this.stopLevel();
    this.stopLevel = () => {};
    for (const track of this.stream?.getTracks() ?? []) {
      track.onended = null;
      track.onmute = null;
    }
    closeStream(this.stream);
    this.stream = null;
  }

  loseDevice() {
    if (this.recording) {
      this.recording.stop(); // what was said so far is kept
    } else {
      this.stopClock();
      this.release();
      this.enter("idle");
    }
    this.complain(text("device-title"), text("device-lost"), text("device-lost-fix"));
  }

  // --- recording --------------------------------------------------------------------------------

  async begin() {
    this.stopClock();
    if (this.recording || this.state === "starting") return;
    this.enter("starting", text("starting"));
    const type = recordingType(this.mode);
    try {
      await this.keeper.start(this.mode, type);
      this.answer = null;
      this.pieces = [];
      this.recording = record(this.stream, this.mode, (piece, n) => this.take(piece, n));
    } catch (error) {
      this.release();
      this.enter(this.answer ? "review" : "idle");
      this.explain(error);
      return;
    }
    this.enter("recording", text("recording"));
    const onEnd = () => this.stop();
    this.stopClock = countDown(this.root, this.limitS, { say: this.say, onEnd });
    const lock = await navigator.wakeLock?.request("screen").catch(() => null);
    await this.finish(type);
    lock?.release();
  }

  stop() {
    this.recording?.stop();
  }

  /** Keep a piece in the page as well: a device without room loses nothing while the page is open. */
  async take(piece, n) {
    this.pieces.push(piece);
    try {
      await this.keeper.keep(piece, n);
    } catch {
      this.complain(text("storage-title"), text("storage-full"), text("storage-full-fix"));
    }
  }

  async finish(type) {
    try {
      await this.recording.ended;
    } catch {
      this.complain(text("device-title"), text("device-lost"), text("device-lost-fix"));
    }
    this.recording = null;
    this.stopClock();
    this.release();
    if (this.pieces.length) {
      this.review(new Blob(this.pieces, { type }), text("review"));
      return;
    }
    await this.keeper.lost();
    this.complain(
      text("refused-title"),
      text("nothing-recorded"),
      text("nothing-recorded-fix"),
    );
    this.enter("idle");
  }

  review(answer, words) {
    this.answer = answer;
    URL.revokeObjectURL(this.answerUrl);
    this.answerUrl = URL.createObjectURL(answer);
    const player = this.part("player");
    player.src = this.answerUrl;
    player.onloadedmetadata = () => {
      if (player.duration !== Infinity) return;
      player.ondurationchange = () => {
        player.ondurationchange = null;
        player.currentTime = 0;
      };
      player.currentTime = 1e7; // a recorder writes no length: going to the end makes it known
    };
    this.enter("review", words);
  }

  send() {
    return this.keeper.send(this);
  }
}
