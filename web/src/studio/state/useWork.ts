import { useCallback, useEffect, useRef, useState } from "react";
import { read, write } from "./keep";
import { WorkStore } from "./store";
import { NOTHING, type Pending, redo, settled, type Step, take, undo, type Work } from "./work";

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
  settle(sent: readonly Pending[], versions?: ReadonlyMap<string, number>): void;
  /** Something else of this person could not be kept here. */
  unkeepable(): void;
}

export function useWork(person: string): WorkList {
  const [work, setWork] = useState<Work>(NOTHING);
  const [ready, setReady] = useState(false);
  const [unkept, setUnkept] = useState(false);
  const store = useRef<WorkStore | null>(null);

  useEffect(() => {
    const others = new BroadcastChannel(`dothi-studio-${person}`);
    const own = new WorkStore({ read: () => read(person), write: (next) => write(person, next) }, {
      onWork: setWork, onReady: () => setReady(true), onKept: (isKept) => setUnkept(!isKept), onWritten: () => others.postMessage("changed"),
    });
    setReady(false);
    setWork(NOTHING);
    store.current = own;
    others.onmessage = () => void own.heard();
    void own.open();
    return () => {
      own.close();
      others.close();
    };
  }, [person]);

  const change = useCallback((next: (work: Work) => Work) => store.current?.change(next), []);

  return {
    work, ready, unkept,
    take: useCallback((steps) => change((now) => take(now, steps)), [change]),
    undo: useCallback(() => change(undo), [change]),
    redo: useCallback(() => change(redo), [change]),
    unkeepable: useCallback(() => setUnkept(true), []),
    settle: useCallback((sent, versions) => change((now) => settled(now, sent, versions)), [change]),
  };
}
