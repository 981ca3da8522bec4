import { NOTHING, type Pending, type Step, type Work } from "./work";

/** What is kept on this machine until it is published: one entry a person. */
interface Kept { items: [string, Pending][]; done: Step[][]; undone: Step[][] }

const STORE = "work";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("dothi-studio", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

function once<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB"));
  });
}

/** Reads what a person has not published yet. */
export async function read(person: string): Promise<Work> {
  const database = await open();
  try {
    const kept = await once<Kept | undefined>(database.transaction(STORE).objectStore(STORE).get(person));
    return kept ? { items: new Map(kept.items), done: kept.done, undone: kept.undone } : NOTHING;
  } finally {
    database.close();
  }
}

/** Keeps it. `strict` asks the browser to have it on the disk before it says so. */
export async function write(person: string, work: Work): Promise<void> {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    const kept: Kept = { items: [...work.items], done: [...work.done], undone: [...work.undone] };
    transaction.objectStore(STORE).put(kept, person);
    await new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB"));
    });
  } finally {
    database.close();
  }
}
