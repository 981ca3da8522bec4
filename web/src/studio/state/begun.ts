import { drawings, forgetDrawing, keepDrawing, type KeptDrawing } from "./keep";

/** Keeps one begun shape on this machine, step by step, while a tab works on it. */
export interface Begun {
  /** The newest state; those that came while the disk was busy are left out. */
  keep(drawing: KeptDrawing): void;
  /** It is in the work list, or given up. */
  forget(): void;
}

const lockOf = (person: string, of: KeptDrawing["of"]): string => `dothi-drawing-${person}-${of.layer}-${of.id}`;

/** Takes the shape for this tab; null when another tab is at it. A tab that dies lets go. */
function held(person: string, of: KeptDrawing["of"]): Promise<(() => void) | null> {
  // A page that is not served over TLS has no locks; then two tabs may go on with the same shape.
  if (!("locks" in navigator)) return Promise.resolve(() => undefined);
  return new Promise((resolve) => {
    void navigator.locks.request(lockOf(person, of), { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise<void>((release) => resolve(release));
    });
  });
}

/** Begins to keep a shape. `failed` hears when it could not be kept. */
export function begun(person: string, of: KeptDrawing["of"], failed: () => void, release?: () => void): Begun {
  const hold = release ? Promise.resolve(release) : held(person, of);
  let next: KeptDrawing | null = null, isOver = false;
  let busy: Promise<unknown> | null = null;
  const write = (): void => {
    if (busy) return;
    busy = (async () => {
      while (next && !isOver) {
        const now = next;
        next = null;
        await keepDrawing(person, now);
      }
      if (isOver) await forgetDrawing(person, of);
    })().catch(failed).finally(() => {
      busy = null;
      if (isOver) void hold.then((letGo) => letGo?.());
      else if (next) write();
    });
  };
  return {
    keep: (drawing) => { next = drawing; write(); },
    forget: () => { isOver = true; if (busy) void busy.then(write); else write(); },
  };
}

/** The shape that was being drawn when a tab or the browser went, with the right to go on with it. */
export async function leftBehind(person: string): Promise<{ drawing: KeptDrawing; release: () => void } | null> {
  for (const drawing of await drawings(person)) {
    const release = await held(person, drawing.of);
    if (release) return { drawing, release };
  }
  return null;
}
