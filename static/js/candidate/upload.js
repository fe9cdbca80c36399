// Send a take: grant, PUT, complete, wait until the server has looked at it. Lines may break.

import { call, Offline, Refused } from "./api.js";
import { begin } from "./chunks.js";
import { wait } from "./page.js";
import { noteUpload } from "./uplink.js";

const FIRST_PAUSE_S = 1;
const LONGEST_PAUSE_S = 30;
const NEW_GRANTS = 3; // a grant that ran out or was used is replaced, but not for ever
const LOOK_EVERY_MS = 700;
const LOOK_FOR_MS = 20000; // then the candidate may go on; the check continues on the server
const HASH_UP_TO_BYTES = 64 * 1024 * 1024; // a hash needs the whole file in memory

/** Repeat `work` while the line is down; `onPause(seconds)` is told before each pause. */
async function persist(work, onPause) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isPassing = error instanceof Offline || (error instanceof Refused && error.isPassing);
      if (!isPassing) throw error;
      const backoff = Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** attempt);
      await pause(error.retryAfterS ?? backoff, onPause);
    }
  }
}

/** Wait, but not longer than until the line is back. */
function pause(seconds, onPause) {
  onPause(Math.ceil(seconds));
  return Promise.race([wait(seconds * 1000), untilOnline()]);
}

function untilOnline() {
  return new Promise((resolve) => {
    addEventListener("online", resolve, { once: true });
  });
}

async function fingerprint(blob) {
  if (!crypto.subtle || blob.size > HASH_UP_TO_BYTES) return "";
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send `blob` by the one PUT that `place` ({url, headers}) allows; `onBytes(n)` as they go. */
function put(place, blob, onBytes) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing about how far an upload is
    request.open("PUT", place.url);
    for (const [name, value] of Object.entries(place.headers ?? {})) {
      if (!["content-length", "host"].includes(name.toLowerCase())) {
        request.setRequestHeader(name, value);
      }
    }
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onerror = () => reject(new Offline("The line broke"));
    request.ontimeout = request.onerror;
    const startedAt = performance.now();
    request.onload = () => {
      if (request.status < 300) {
        noteUpload(blob.size, performance.now() - startedAt);
        resolve();
      } else reject(new Refused(request.status, { title: request.statusText }));
    };
    request.send(blob);
  });
}

const isSpent = (error) => error instanceof Refused && !error.isPassing;

async function ask(take, blob, sha256, onPause) {
  const wish = {
    bytes: blob.size,
    content_type: blob.type.split(";")[0],
    ...(sha256 && { sha256 }),
  };
  try {
    return await persist(() => call("POST", `takes/${take.id}/upload`, wish), onPause);
  } catch (error) {
    if (error.problem?.code === "upload_received") return null; // only the answer got lost
    throw error;
  }
}

function renew(upload, numbers, onPause) {
  return persist(() => call("POST", `uploads/${upload}/renew`, { parts: numbers }), onPause);
}

/** Go on with an upload in parts: fresh URLs for those the server lacks; null: begin anew. */
async function goOn(take, blob, onPause) {
  if (!take.upload) return null;
  try {
    const kept = await persist(() => call("GET", `uploads/${take.upload}`), onPause);
    const isHalf = kept.state === "granted" && kept.part_bytes > 0;
    if (!isHalf || kept.size_bytes !== blob.size) return null;
    const count = Math.ceil(blob.size / kept.part_bytes);
    const here = new Set(kept.parts.map((part) => part.number));
    const lacking = Array.from({ length: count }, (_, n) => n + 1).filter((n) => !here.has(n));
    return lacking.length ? await renew(take.upload, lacking, onPause) : { ...kept, parts: [] };
  } catch (error) {
    if (isSpent(error)) return null; // it ended meanwhile
    throw error;
  }
}

/** Send one part; a URL that ended is replaced, for that part alone. */
async function putPart(upload, part, blob, onBytes, onPause) {
  let place = part;
  for (let tries = 1, spent = 0; ; tries += 1) {
    try {
      await put(place, blob.slice(part.first_byte, part.first_byte + part.size_bytes), onBytes);
      return;
    } catch (error) {
      if (isSpent(error)) spent += 1;
      if (spent >= NEW_GRANTS) throw error;
      onBytes(0);
      await pause(Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (tries - 1)), onPause);
      [place] = (await renew(upload, [part.number], onPause)).parts;
    }
  }
}

async function putParts(grant, blob, { onProgress, onPause }) {
  let there = blob.size - grant.parts.reduce((sum, part) => sum + part.size_bytes, 0);
  for (const part of grant.parts) {
    const onBytes = (sent) => onProgress((there + sent) / blob.size);
    onBytes(0);
    await putPart(grant.upload_id, part, blob, onBytes, onPause);
    there += part.size_bytes;
  }
}

/** Bring the bytes to the server; returns the id of the upload that holds them. */
async function deliver(take, blob, sha256, watchers) {
  const { onProgress, onPause } = watchers;
  for (let grants = 1; ; grants += 1) {
    const grant = (await goOn(take, blob, onPause)) ?? (await ask(take, blob, sha256, onPause));
    if (grant === null) return take.upload;
    take.upload = grant.upload_id;
    // A reload must know which upload to complete; a device without room has no reload to fear for.
    await begin(take).catch(() => {});
    try {
      if (grant.part_bytes) await putParts(grant, blob, watchers);
      else await put(grant, blob, (sent) => onProgress(sent / blob.size));
      return grant.upload_id;
    } catch (error) {
      // An object is written once: after a broken PUT only a new grant is sure to be clean.
      if (isSpent(error) && grants >= NEW_GRANTS) throw error;
      onProgress(0);
      await pause(Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (grants - 1)), onPause);
    }
  }
}

/** Send `blob` as `take`; resolves once the server has every byte. */
export async function sendTake(take, blob, watchers) {
  const sha256 = await fingerprint(blob);
  for (let rounds = 1; ; rounds += 1) {
    const upload = await deliver(take, blob, sha256, watchers);
    watchers.onProgress(1);
    try {
      await persist(() => call("POST", `uploads/${upload}/complete`, {}), watchers.onPause);
      return;
    } catch (error) {
      // Only what the server lists has arrived, whatever the answers to the PUTs said.
      if (error.problem?.code !== "upload_not_received" || rounds >= NEW_GRANTS) throw error;
    }
  }
}

/**
 * Wait for the server's look at a take. Returns the take as the session now has it: "saved" or
 * "technical_failed", or still "verifying" when that lasts.
 */
export async function verdict(responseId, takeId, onPause) {
  const until = Date.now() + LOOK_FOR_MS;
  for (;;) {
    const session = await persist(() => call("GET", "session"), onPause);
    const question = session.questions.find((each) => each.response_id === responseId);
    const take = question?.takes.find((each) => each.id === takeId);
    if (!take || take.state !== "verifying" || Date.now() > until) return { take, question };
    await wait(LOOK_EVERY_MS);
  }
}

/** Say that what arrived is the answer. */
export function settle(responseId, onPause) {
  return persist(() => call("POST", `responses/${responseId}/submit`, {}), onPause);
}
