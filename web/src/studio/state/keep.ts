import type { KeptShape, Subject } from "../draw";
import { NOTHING, type Pending, type Row, type Step, type Work } from "./work";

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

/** Open while the page is: a step is on its way to the disk before the page can go. */
let kept: Promise<IDBDatabase> | null = null;

async function database(): Promise<IDBDatabase> {
  kept ??= open();
  try {
    const opened = await kept;
    // Another version of the page wants to change the store, or the browser threw it away: it is opened again when it is needed.
    opened.onversionchange = () => { opened.close(); kept = null; };
    opened.onclose = () => { kept = null; };
    return opened;
  } catch (error) {
    kept = null;
    throw error;
  }
}

/** Reads what a person has not published yet. */
export async function read(person: string): Promise<Work> {
  const found = await once<Kept | undefined>((await database()).transaction(STORE).objectStore(STORE).get(person));
  return found ? { items: new Map(found.items), done: found.done, undone: found.undone } : NOTHING;
}

/** Keeps it. `strict` asks the browser to have it on the disk before it says so; committed at once, it outlives the page. */
export async function write(person: string, work: Work): Promise<void> {
  const given: Kept = { items: [...work.items], done: [...work.done], undone: [...work.undone] };
  await written((store) => store.put(given, person));
}

async function written(change: (store: IDBObjectStore) => void): Promise<void> {
  const transaction = (await database()).transaction(STORE, "readwrite", { durability: "strict" });
  change(transaction.objectStore(STORE));
  transaction.commit();
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error("IndexedDB"));
  });
}

/** A shape that is begun and not yet in the work list, with every step of it. */
export interface KeptDrawing { of: { layer: string; id: string; isNew: boolean }; row: Row | null; subject: Subject; shape: KeptShape }

const drawingKey = (person: string, of: KeptDrawing["of"]): string[] => ["drawing", person, of.layer, of.id];

/** The shapes that a person has begun, in whatever tab. */
export async function drawings(person: string): Promise<KeptDrawing[]> {
  const store = (await database()).transaction(STORE).objectStore(STORE);
  return once<KeptDrawing[]>(store.getAll(IDBKeyRange.bound(["drawing", person], ["drawing", person, []])));
}

export const keepDrawing = (person: string, drawing: KeptDrawing): Promise<void> => written((store) => store.put(drawing, drawingKey(person, drawing.of)));
export const forgetDrawing = (person: string, of: KeptDrawing["of"]): Promise<void> => written((store) => store.delete(drawingKey(person, of)));
