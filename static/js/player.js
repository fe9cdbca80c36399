// One answer: its recording, the waveform, and the words that follow it and lead into it.

const PLAY_AGAIN_MS = 10_000; // a second failure within this time is told instead of retried
const STALLED_AGAIN_MS = 30_000; // a slow line is not helped by beginning again and again

export class AnswerPlayer {
  constructor(article) {
    this.article = article;
    this.media = article.querySelector(".player__media");
    this.waveform = article.querySelector(".waveform");
    this.head = article.querySelector("[data-head]");
    this.words = [...article.querySelectorAll(".w")];
    this.timed = this.words.filter((word) => word.dataset.ms);
    this.starts = this.timed.map((word) => Number(word.dataset.ms));
    this.spoken = null;
    this.failedAt = -Infinity;
    this.refreshedAt = -Infinity;
    article.addEventListener("click", (event) => this.clicked(event));
    if (this.media) this.followMedia();
  }

  get durationMs() {
    const told = Number(this.article.dataset.durationMs);
    return told || (this.media?.duration || 0) * 1000;
  }

  followMedia() {
    this.media.addEventListener("timeupdate", () => this.follow());
    this.media.addEventListener("seeked", () => this.follow());
    this.media.addEventListener("error", () => this.failed());
    this.media.addEventListener("stalled", () => this.stalled());
    this.media.addEventListener("playing", () => this.tellError(false));
    this.media.addEventListener("play", () => {
      this.article.dispatchEvent(new CustomEvent("candor:play", { bubbles: true, detail: this }));
    });
  }

  // --- leading in ---------------------------------------------------------------------------
  clicked(event) {
    const quote = event.target.closest(".quote");
    if (quote) this.point(Number(quote.dataset.startChar), Number(quote.dataset.endChar));
    const seek = event.target.closest("[data-seek-ms]");
    const word = event.target.closest(".w[data-ms]");
    if (seek) this.playFrom(Number(seek.dataset.seekMs));
    else if (word) this.playFrom(Number(word.dataset.ms));
    else if (this.waveform?.contains(event.target)) this.playFrom(this.placeMs(event));
  }

  placeMs(event) {
    const box = this.waveform.getBoundingClientRect();
    return ((event.clientX - box.left) / box.width) * this.durationMs;
  }

  point(start, end) {
    for (const word of this.words) {
      const isInside = Number(word.dataset.char) < end && Number(word.dataset.end) > start;
      word.classList.toggle("is-pointed", isInside);
    }
    this.article.querySelector(".w.is-pointed")?.scrollIntoView({ block: "center" });
  }

  playFrom(ms) {
    if (!this.media) return;
    this.seek(ms);
    this.play();
  }

  seek(ms) {
    this.media.currentTime = Math.max(0, Math.min(ms, this.durationMs || ms)) / 1000;
  }

  skip(seconds) {
    if (this.media) this.seek((this.media.currentTime + seconds) * 1000);
  }

  toggle() {
    if (!this.media) return;
    if (this.media.paused) this.play();
    else this.media.pause();
  }

  play() {
    // A refusal is told by the media's own error event; a pause in between is no fault.
    this.media.play().catch((error) => {
      if (error.name !== "AbortError" && !this.media.error) this.tellError(true);
    });
  }

  // --- following ----------------------------------------------------------------------------
  follow() {
    const nowMs = this.media.currentTime * 1000;
    if (this.head && this.durationMs) {
      const width = this.waveform.viewBox.baseVal.width;
      this.head.setAttribute("width", Math.min(width, (nowMs / this.durationMs) * width));
    }
    this.speak(this.timed[this.indexAt(nowMs)] ?? null);
  }

  indexAt(ms) {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= ms) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  speak(word) {
    if (word === this.spoken) return;
    this.spoken?.classList.remove("is-spoken");
    word?.classList.add("is-spoken");
    this.spoken = word;
  }

  // --- failing ------------------------------------------------------------------------------
  failed() {
    const isSecond = performance.now() - this.failedAt < PLAY_AGAIN_MS;
    this.failedAt = performance.now();
    if (isSecond) {
      this.tellError(true);
      return;
    }
    this.refresh();
  }

  stalled() {
    // What a store elsewhere refuses is no error to the browser: it holds the answer back and tries
    // again, for a minute and silently.
    const isStarved = !this.media.paused && this.media.readyState < HTMLMediaElement.HAVE_FUTURE_DATA;
    if (isStarved && performance.now() - this.refreshedAt > STALLED_AGAIN_MS) this.refresh();
  }

  refresh() {
    // The address may have expired while the page stood open: asking again gives a fresh one.
    this.refreshedAt = performance.now();
    const at = this.media.currentTime;
    this.media.load();
    this.media.currentTime = at;
    this.play();
  }

  tellError(isFailed) {
    const notice = this.article.querySelector("[data-play-error]");
    if (notice) notice.hidden = !isFailed;
  }
}
