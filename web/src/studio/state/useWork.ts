import { useCallback, useEffect, useRef, useState } from "react";
import { read, write } from "./keep";
import { NOTHING, redo, settled, type Step, take, undo, type Work } from "./work";

/** The work list of a person, kept on this machine with every step; the same in all tabs of the browser. */
export interface WorkList {
  work: Work;
  /** Has it been read from this machine? */
  ready: boolean;
  /** It could not be kept (private window, full disk): the person must know. */
  unkept: boolean;
  take(steps: Step[]): void;
  undo(): void;
  redo(): void;
  settle(keys: ReadonlySet<string>): void;
  /** Something else of this person could not be kept here. */
  unkeepable(): void;
}

export function useWork(person: string): WorkList {
  const [work, setWork] = useState<Work>(NOTHING);
  const [ready, setReady] = useState(false);
  const [unkept, setUnkept] = useState(false);
  const current = useRef<Work>(NOTHING);
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const channel = useRef<BroadcastChannel | null>(null);

  useEffect(() => {
    let gone = false;
    const load = async () => {
      try {
        const kept = await read(person);
        if (gone) return;
        current.current = kept;
        setWork(kept);
      } catch {
        if (!gone) setUnkept(true);
      }
      if (!gone) setReady(true);
    };
    setReady(false);
    void load();
    const others = new BroadcastChannel(`dothi-studio-${person}`);
    others.onmessage = () => void load();
    channel.current = others;
    return () => {
      gone = true;
      others.close();
    };
  }, [person]);

  const change = useCallback(
    (next: (work: Work) => Work) => {
      const after = next(current.current);
      if (after === current.current) return;
      current.current = after;
      setWork(after);
      // One after the other: the last step is the one that stays.
      queue.current = queue.current.then(() => write(person, after)).then(
        () => {
          setUnkept(false);
          channel.current?.postMessage("changed");
        },
        () => setUnkept(true),
      );
    },
    [person],
  );

  return {
    work, ready, unkept,
    take: useCallback((steps) => change((now) => take(now, steps)), [change]),
    undo: useCallback(() => change(undo), [change]),
    redo: useCallback(() => change(redo), [change]),
    unkeepable: useCallback(() => setUnkept(true), []),
    settle: useCallback((keys) => change((now) => settled(now, keys)), [change]),
  };
}
