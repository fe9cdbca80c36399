// Live progress of a run or of an interview's board, kept up through lost connections.
//
//   import { followRun, followBoard } from the file beside yours, live.js
//   const live = followRun(runId);            // or followBoard(interviewKey)
//   document.addEventListener("candor:event", (e) => draw(e.detail));
//   live.close();                             // leaving the page closes it too
//
// Options of both: { target = document }      // where the events are dispatched
//
// `detail` is what the server sent, by `type`:
//   connected     the present state, again after every reconnection: `run` on a run's socket, `runs`
//                 (the newest of each session) on a board's. Draw from it; do not wait for events.
//   progress      {run_id, seq, percent, current_stage, estimated_completion_s, estimated_error_s}
//   stage, failed, completed, consent, upload, answer, submitted, sealed: {run_id, seq, ...}
//   stream_ended  {reason}: nothing more will come ("access_ended", "signed_out", ...)
// and made here:
//   stale         sockets do not work here and what is shown may be old: fetch your parts again.
// Events of one run come once each and in order of `seq`. Heartbeats are not passed on.
//
// A page shows how the connection is by including templates/components/live_notice.html, which
// holds the words; this module fills it.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const SILENCE_MS = 40_000; // the server's heartbeat comes every 15 s
const SOCKET_TRIES = 4; // that never opened, before another way is taken
const SOCKET_AGAIN_MS = 15_000; // a restarted server, a network that lets sockets through again
const POLL_MS = 5_000;
const FINAL_CODES = new Set([4400, 4403, 1009]); // asking again would be refused again
const NO_ACCESS = new Set([401, 403, 404]);
const STREAM_TYPES = [
  "connected", "progress", "stage", "failed", "completed", "consent", "upload", "answer",
  "submitted", "withdrawn", "expired", "sealed", "stream_ended",
];

class Live {
  constructor({ socketPath, streamUrl = null, statusUrl = null, target = document }) {
    this.socketPath = socketPath;
    this.streamUrl = streamUrl;
    this.statusUrl = statusUrl;
    this.target = target;
    this.seen = new Map(); // run id -> the last seq that was passed on
    this.failures = 0;
    this.refusals = 0; // sockets in a row that never opened
    this.isClosed = false;
    this.timers = new Set();
    this.retryNow = () => this.socket === null && !this.isClosed && this.openSocket();
    window.addEventListener("online", this.retryNow);
    window.addEventListener("pagehide", (event) => event.persisted || this.close());
    this.openSocket();
  }

  close() {
    this.isClosed = true;
    window.removeEventListener("online", this.retryNow);
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.stream?.close();
    this.socket?.close(1000);
  }

  // --- the socket ---------------------------------------------------------------------------
  openSocket() {
    if (this.isClosed) return;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}${this.socketPath}`);
    let hasOpened = false;
    this.socket = socket;
    this.expectWord(socket);
    socket.addEventListener("open", () => {
      hasOpened = true;
      this.refusals = 0;
      // What was missed comes before anything newer: the server waits a moment for this word.
      if (this.seen.size > 0) socket.send(JSON.stringify({ after: this.known() }));
    });
    socket.addEventListener("message", (message) => {
      this.expectWord(socket);
      this.failures = 0;
      this.leaveFallback();
      this.tell("");
      this.pass(JSON.parse(message.data));
    });
    socket.addEventListener("close", (event) => this.socketClosed(socket, event, hasOpened));
  }

  known() {
    return Object.fromEntries(this.seen);
  }

  expectWord(socket) {
    this.cancel(this.watchdog);
    this.watchdog = this.later(SILENCE_MS, () => socket.close(4000));
  }

  socketClosed(socket, event, hasOpened) {
    if (this.socket !== socket) return;
    this.socket = null;
    this.cancel(this.watchdog);
    if (this.isClosed) return;
    if (FINAL_CODES.has(event.code)) {
      this.end();
      return;
    }
    if (!hasOpened) this.refusals += 1;
    if (this.refusals >= SOCKET_TRIES) {
      this.takeFallback();
      this.later(SOCKET_AGAIN_MS, () => this.retryNow());
      return;
    }
    this.tell("reconnecting");
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures);
    this.failures += 1;
    this.later(wait * (0.5 + Math.random() / 2), () => this.retryNow());
  }

  // --- without sockets ----------------------------------------------------------------------
  takeFallback() {
    if (this.inFallback) return;
    this.inFallback = true;
    this.tell("polling");
    if (this.streamUrl === null) this.poll();
    else this.openStream();
  }

  leaveFallback() {
    if (!this.inFallback) return;
    this.inFallback = false;
    this.cancel(this.pollTimer);
    this.stream?.close();
    this.stream = null;
  }

  openStream() {
    this.stream = new EventSource(this.streamUrl); // resumes by Last-Event-ID on its own
    for (const type of STREAM_TYPES) {
      this.stream.addEventListener(type, (message) => this.pass(JSON.parse(message.data)));
    }
    this.stream.addEventListener("error", () => {
      if (!this.inFallback || this.stream?.readyState !== EventSource.CLOSED) return;
      this.stream = null;
      this.poll();
    });
  }

  async poll() {
    if (this.isClosed || !this.inFallback) return;
    if (this.statusUrl === null) {
      this.dispatch({ type: "stale" });
    } else {
      try {
        const response = await fetch(this.statusUrl, { headers: { Accept: "application/json" } });
        if (NO_ACCESS.has(response.status)) {
          this.pass({ type: "stream_ended", reason: "access_ended" });
          return;
        }
        if (response.ok) this.polled(await response.json());
      } catch {
        this.tell("reconnecting"); // offline: the next poll tells
      }
    }
    this.pollTimer = this.later(POLL_MS, () => this.poll());
  }

  polled(status) {
    this.tell("polling");
    if (this.seen.get(status.run_id) === status.last_event_seq) return;
    this.seen.set(status.run_id, status.last_event_seq);
    this.dispatch({ ...status, type: "progress", seq: status.last_event_seq });
    this.dispatch({ type: "stale" });
  }

  // --- what came ----------------------------------------------------------------------------
  pass(event) {
    if (event.type === "heartbeat") return;
    if (event.type === "connected") {
      for (const run of event.runs ?? [event.run]) this.snapshot(run);
    } else if (event.type === "stream_ended") {
      if (event.reason === "completed" || event.reason === "cancelled") {
        this.leaveFallback(); // a stream ends with its run; a socket stays
        return;
      }
      this.dispatch(event);
      this.end();
      return;
    } else if (event.seq <= (this.seen.get(event.run_id) ?? 0)) {
      return;
    } else {
      this.seen.set(event.run_id, event.seq);
    }
    this.dispatch(event);
  }

  snapshot(run) {
    // Runs that were followed before keep their place: what they missed is replayed.
    if (!this.seen.has(run.id)) this.seen.set(run.id, run.last_event_seq);
  }

  end() {
    this.close();
    this.tell("ended");
  }

  dispatch(detail) {
    this.target.dispatchEvent(new CustomEvent("candor:event", { detail }));
  }

  // --- small things -------------------------------------------------------------------------
  tell(state) {
    const notice = document.querySelector("[data-live-notice]");
    if (notice === null || notice.dataset.state === state) return;
    notice.dataset.state = state;
    notice.textContent = state === "" ? "" : (notice.dataset[state] ?? "");
    notice.hidden = false; // a live region must be there before its words change
  }

  later(delayMs, work) {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, delayMs);
    this.timers.add(timer);
    return timer;
  }

  cancel(timer) {
    clearTimeout(timer);
    this.timers.delete(timer);
  }
}

class LiveRun extends Live {
  constructor(runId, options) {
    super({
      socketPath: `/ws/runs/${runId}/`,
      streamUrl: `/api/v1/analysis/${runId}/stream`,
      statusUrl: `/api/v1/analysis/${runId}/status`,
      ...options,
    });
  }

  known() {
    const [seq] = this.seen.values();
    return seq;
  }
}

export function followRun(runId, options = {}) {
  return new LiveRun(runId, options);
}

export function followBoard(key, options = {}) {
  return new Live({ socketPath: `/ws/interviews/${key}/`, ...options });
}
