// How fast this device's line carries bytes away, and how large a picture it can bear.

const KEPT_AS = "candor-uplink-kbps"; // for this tab: another place has another line
const ENOUGH_BYTES = 64 * 1024; // less says more about the delay than about the line
const SHARE = 0.75; // of the line: sending must end soon after speaking
const SOUND_KBPS = 24;
const LEAST_KBPS = 100; // below that a face is a smear: better the sound alone
const MOST_KBPS = 300; // 640x480 of a person talking
// What browsers that know their network's kind say before anything was sent.
const EXPECTED_KBPS = { "slow-2g": 40, "2g": 60, "3g": 400 };

/** Note that `bytes` went away within `ms`. */
export function noteUpload(bytes, ms) {
  if (bytes < ENOUGH_BYTES || ms <= 0) return;
  const kbps = (bytes * 8) / ms;
  const before = measuredKbps();
  try {
    // A line varies: the new measurement counts as much as all before it.
    sessionStorage.setItem(KEPT_AS, String(Math.round(before ? (before + kbps) / 2 : kbps)));
  } catch {
    // A browser that keeps nothing records at the usual rate.
  }
}

function measuredKbps() {
  try {
    return Number(sessionStorage.getItem(KEPT_AS)) || null;
  } catch {
    return null;
  }
}

/** Return the bits a second to record the picture with: what the line carries, within bounds. */
export function videoBits() {
  const kbps = measuredKbps() ?? EXPECTED_KBPS[navigator.connection?.effectiveType];
  if (!kbps) return MOST_KBPS * 1000;
  const room = kbps * SHARE - SOUND_KBPS;
  return Math.round(Math.min(MOST_KBPS, Math.max(LEAST_KBPS, room))) * 1000;
}
