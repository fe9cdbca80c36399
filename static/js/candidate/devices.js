// Microphone and camera: ask for them, and tell each way of failing from the others.

import { hasText, text } from "./page.js";

const REASONS = {
  NotAllowedError: "device-denied",
  SecurityError: "device-denied",
  NotFoundError: "device-missing",
  DevicesNotFoundError: "device-missing",
  NotReadableError: "device-busy",
  TrackStartError: "device-busy",
  AbortError: "device-busy",
  OverconstrainedError: "device-unfit",
};
// The same when the microphone alone can be had.
const CAMERA_REASONS = {
  "device-denied": "device-cameradenied",
  "device-missing": "device-nocamera",
  "device-busy": "device-camerabusy",
};
const CHOICE = "candor.devices";

export class DeviceFailure extends Error {
  /** `key` names the page's text that explains it and says what to do. */
  constructor(key, cause) {
    super(key, { cause });
    this.key = key;
  }

  /** Whether everything but the camera works. */
  get isCameraOnly() {
    return Object.values(CAMERA_REASONS).includes(this.key);
  }

  get words() {
    return text(this.key);
  }

  /** What to do, where it differs in the words for this very browser. */
  get advice() {
    const own = `${this.key}-fix-${browser()}`;
    return text(hasText(own) ? own : `${this.key}-fix`);
  }
}

function browser(agent = navigator.userAgent) {
  if (/iPhone|iPad/.test(agent)) return "ios";
  if (/Android/.test(agent)) return "android";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Safari\//.test(agent) && !/Chrom/.test(agent)) return "safari";
  return "chromium";
}

export function chosen() {
  try {
    return JSON.parse(localStorage.getItem(CHOICE)) ?? {};
  } catch {
    return {}; // storage is off or was written by somebody else: the browser's default device
  }
}

export function choose(kind, id) {
  localStorage.setItem(CHOICE, JSON.stringify({ ...chosen(), [kind]: id }));
}

function wish(mode) {
  const { audioinput, videoinput } = chosen();
  const audio = { channelCount: 1, ...(audioinput && { deviceId: { ideal: audioinput } }) };
  const video = {
    width: { ideal: 640 },
    height: { ideal: 480 },
    frameRate: { ideal: 24, max: 30 },
    facingMode: "user",
    ...(videoinput && { deviceId: { ideal: videoinput } }),
  };
  return { audio, video: mode === "video" ? video : false };
}

/** Return a stream for mode "audio" or "video". Throws DeviceFailure. */
export async function openStream(mode) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DeviceFailure(window.isSecureContext ? "device-unsupported" : "device-insecure");
  }
  try {
    return await navigator.mediaDevices.getUserMedia(wish(mode));
  } catch (error) {
    throw new DeviceFailure(await reason(error, mode), error);
  }
}

async function reason(error, mode) {
  const key = REASONS[error.name] ?? "device-unknown";
  if (key === "device-denied") {
    if (/system/i.test(error.message)) return "device-system";
    if (/dismissed/i.test(error.message)) return "device-dismissed";
  }
  if (mode !== "video" || !(key in CAMERA_REASONS)) return key;
  // Ask no second time somebody who has just said no.
  if (key === "device-denied" && !(await isMicrophoneGranted())) return key;
  return (await canHear()) ? CAMERA_REASONS[key] : key;
}

async function isMicrophoneGranted() {
  try {
    return (await navigator.permissions.query({ name: "microphone" })).state === "granted";
  } catch {
    return false; // a browser that does not know this question
  }
}

async function canHear() {
  try {
    closeStream(await navigator.mediaDevices.getUserMedia(wish("audio")));
    return true;
  } catch {
    return false; // then it is not the camera alone
  }
}

export function closeStream(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Return the devices of a kind ("audioinput", "videoinput"); names are known once permitted. */
export async function listDevices(kind) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === kind && device.deviceId);
}
