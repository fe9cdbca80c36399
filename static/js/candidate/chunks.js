// Recorded pieces on this device, so that neither a reload nor a crash loses an answer.

const NAME = "candor";
const VERSION = 1;
let opened;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("takes", { keyPath: "id" });
      request.result.createObjectStore("chunks", { keyPath: ["take", "n"] });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

async function run(stores, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode);
    const request = work(transaction);
    transaction.oncomplete = () => resolve(request?.result);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });
}

const ofTake = (take) => IDBKeyRange.bound([take, 0], [take, Number.MAX_SAFE_INTEGER]);

/** Remember a take: {id, response, mode, type, startedAt}. */
export function begin(take) {
  return run(["takes"], "readwrite", (t) => t.objectStore("takes").put(take));
}

/** Keep the n-th piece of a take. */
export function keep(take, n, blob) {
  return run(["chunks"], "readwrite", (t) => t.objectStore("chunks").put({ take, n, blob }));
}

/** Return the take put together from its pieces in order, or null when nothing was kept. */
export async function assemble(take, type) {
  const pieces = await run(["chunks"], "readonly", (t) =>
    t.objectStore("chunks").getAll(ofTake(take)),
  );
  const blobs = pieces.map((piece) => piece.blob).filter((blob) => blob.size > 0);
  return blobs.length ? new Blob(blobs, { type }) : null;
}

/** Return every take that is still on this device, oldest first; none where storage is closed. */
export async function everything() {
  let takes;
  try {
    takes = await run(["takes"], "readonly", (t) => t.objectStore("takes").getAll());
  } catch {
    return []; // a browser that keeps nothing for this page has nothing to give back
  }
  return takes.sort((a, b) => a.startedAt - b.startedAt);
}

/** Return the takes of a response that are still on this device, oldest first. */
export async function unsent(response) {
  return (await everything()).filter((take) => take.response === response);
}

/** Forget a take and its pieces. */
export async function forget(take) {
  try {
    await run(["takes", "chunks"], "readwrite", (t) => {
      t.objectStore("takes").delete(take);
      return t.objectStore("chunks").delete(ofTake(take));
    });
  } catch (error) {
    console.debug("Nothing to forget: storage is closed to this page", error);
  }
}
