import { follow, type LiveMessage } from "./stream";

type Tell = (message: LiveMessage) => void;

/** What listens in this page. */
const lines = new Set<Line>();

/** Listens anew, as whoever is signed in now: a connection goes on hearing what it might hear when it began. */
export function listenAgain(): void {
  for (const line of lines) line.again();
}

/**
 * Listens to what changes on the server, through one connection a browser where the browser can. A page that the browser
 * puts aside lets go, and reloads its data when it is taken up again: what happened meanwhile was not heard.
 */
export function listen(tell: Tell): () => void {
  const line = typeof SharedWorker === "undefined" ? alone(tell) : together(tell);
  const { join, leave } = line;
  lines.add(line);
  const back = (event: PageTransitionEvent) => {
    if (!event.persisted) return;
    join();
    tell({ kind: "reload" });
  };
  addEventListener("pagehide", leave);
  addEventListener("pageshow", back);
  join();
  return () => {
    removeEventListener("pagehide", leave);
    removeEventListener("pageshow", back);
    leave();
    lines.delete(line);
  };
}

interface Line {
  join: () => void;
  leave: () => void;
  again: () => void;
}

function together(tell: Tell): Line {
  const worker = new SharedWorker(new URL("./shared.worker.ts", import.meta.url), { type: "module", name: "dothi-live" });
  worker.port.onmessage = (event: MessageEvent<LiveMessage>) => tell(event.data);
  worker.port.start();
  return { join: () => worker.port.postMessage("join"), leave: () => worker.port.postMessage("leave"), again: () => worker.port.postMessage("again") };
}

function alone(tell: Tell): Line {
  let stop: (() => void) | null = null;
  return {
    join: () => { stop ??= follow(() => new EventSource("/api/v1/events"), tell); },
    leave: () => { stop?.(); stop = null; },
    again: () => { stop?.(); stop = follow(() => new EventSource("/api/v1/events"), tell, undefined, undefined, true); },
  };
}
