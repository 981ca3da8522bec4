/**
 * Whether somebody sits before the page. What a page asks by itself must not keep a session awake (`dothi-unattended`), and
 * what somebody does without asking the server, as drawing, must.
 */

/** How long after the last touch a question still counts as somebody's, ms. */
const LATELY = 60_000;

let touched = -Infinity;
let told = -Infinity;

/** Headers for a question that is asked now. */
export function attendance(now = performance.now()): Record<string, string> {
  if (now - touched > LATELY) return { "dothi-unattended": "1" };
  told = now;
  return {};
}

/** Listens for touches from now on, and tells the server of them where nothing else does. Answers how to stop. */
export function watchAttendance(tell: () => void, on: EventTarget = globalThis, clock = () => performance.now()): () => void {
  const touch = () => {
    touched = clock();
    if (touched - told <= LATELY) return;
    told = touched;
    tell();
  };
  const kinds = ["pointerdown", "keydown", "wheel"];
  for (const kind of kinds) on.addEventListener(kind, touch, { passive: true, capture: true });
  // Who has just opened the page is before it.
  touched = clock();
  return () => {
    for (const kind of kinds) on.removeEventListener(kind, touch, { capture: true });
  };
}
