import type { LayerChange } from "../api/types";

/** What the server tells an open page. */
export type LiveMessage =
  | { kind: "online" }
  | { kind: "offline" }
  | { kind: "change"; layers: Record<string, LayerChange> }
  | { kind: "reload" };

/** The part of EventSource that is used here, so that a test can stand in for it. */
export interface Source {
  addEventListener(type: string, listener: (event: { data?: string }) => void): void;
  close(): void;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** How long to wait before the nth attempt in a row: doubling, with a little chance in it so that pages do not come together. */
export const waitBefore = (attempt: number, chance: number): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.75 + chance / 2);

/**
 * Follows the server's events for ever. After a broken connection it tries again, and whoever listens is told to
 * reload once, because what happened in between was not heard; with `missed` after the first connection already.
 */
export function follow(
  open: () => Source,
  tell: (message: LiveMessage) => void,
  later: (run: () => void, ms: number) => unknown = (run, ms) => setTimeout(run, ms),
  chance: () => number = Math.random,
  missed = false,
): () => void {
  let source: Source | null = null;
  let attempt = 0;
  let stopped = false;

  const connect = () => {
    if (stopped) return;
    source = open();
    source.addEventListener("hello", () => {
      attempt = 0;
      tell({ kind: "online" });
      if (missed) tell({ kind: "reload" });
      missed = false;
    });
    source.addEventListener("change", (event) => {
      const change = parse(event.data);
      tell(change ? { kind: "change", layers: change } : { kind: "reload" });
    });
    source.addEventListener("reload", () => tell({ kind: "reload" }));
    source.addEventListener("error", () => {
      source?.close();
      missed = true;
      if (attempt > 0) tell({ kind: "offline" });
      later(connect, waitBefore(attempt++, chance()));
    });
  };

  connect();
  return () => {
    stopped = true;
    source?.close();
  };
}

function parse(data: string | undefined): Record<string, LayerChange> | null {
  try {
    const body = JSON.parse(data ?? "") as { layers?: Record<string, LayerChange> };
    return body.layers ?? null;
  } catch {
    return null;
  }
}
