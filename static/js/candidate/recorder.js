// Record a stream in pieces of two seconds, in the first container that the browser can write.

import { videoBits } from "./uplink.js";

const PIECE_MS = 2000;
const AUDIO_BITS = 24000; // 3 KB/s: speech stays clear, and a weak line can carry it
const TYPES = {
  video: [
    "video/webm;codecs=vp9,opus",
    "video/webm;codecs=vp8,opus",
    "video/webm",
    "video/mp4;codecs=avc1,mp4a.40.2",
    "video/mp4",
  ],
  audio: [
    "audio/webm;codecs=opus",
    "audio/webm",
    "audio/mp4;codecs=mp4a.40.2",
    "audio/mp4",
  ],
};

/** Return the type to record in, or null when this browser can't record. */
export function recordingType(mode) {
  if (typeof MediaRecorder === "undefined") return null;
  return TYPES[mode].find((type) => MediaRecorder.isTypeSupported(type)) ?? null;
}

/**
 * Start recording. `onPiece(blob, n)` stores a piece and may return a promise.
 * Returns { stop, ended }: `ended` resolves once every piece is stored, however it ended: a
 * microphone that is unplugged stops the recording as well.
 */
export function record(stream, mode, onPiece) {
  const recorder = new MediaRecorder(stream, {
    mimeType: recordingType(mode),
    audioBitsPerSecond: AUDIO_BITS,
    ...(mode === "video" && { videoBitsPerSecond: videoBits() }),
  });
  let count = 0;
  const stored = [];
  const ended = new Promise((resolve, reject) => {
    recorder.onstop = () => Promise.all(stored).then(resolve, reject);
    recorder.onerror = (event) => reject(event.error ?? new Error("The recorder failed"));
  });
  recorder.ondataavailable = (event) => {
    if (event.data.size === 0) return; // Safari sends empty pieces
    const piece = onPiece(event.data, count);
    count += 1;
    stored.push(piece);
  };
  recorder.start(PIECE_MS);
  const stop = () => {
    if (recorder.state !== "inactive") recorder.stop();
  };
  return { stop, ended };
}
