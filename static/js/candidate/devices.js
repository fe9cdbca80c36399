// Microphone and camera: ask for them, and tell each way of failing from the others.

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
const CHOICE = "candor.devices";

export class DeviceFailure extends Error {
  /** `key` names the page's text that explains it and says what to do. */
  constructor(key, cause) {
    super(key, { cause });
    this.key = key;
  }
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

/** Return a stream for mode "audio" or "video". Throws DeviceFailure. */
export async function openStream(mode) {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DeviceFailure(window.isSecureContext ? "device-unsupported" : "device-insecure");
  }
  const { audioinput, videoinput } = chosen();
  const audio = { channelCount: 1, ...(audioinput && { deviceId: { ideal: audioinput } }) };
  const video = {
    width: { ideal: 640 },
    height: { ideal: 480 },
    frameRate: { ideal: 24, max: 30 },
    facingMode: "user",
    ...(videoinput && { deviceId: { ideal: videoinput } }),
  };
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio,
      video: mode === "video" ? video : false,
    });
  } catch (error) {
    throw new DeviceFailure(REASONS[error.name] ?? "device-unknown", error);
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
