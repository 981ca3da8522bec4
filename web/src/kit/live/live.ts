import { follow, type LiveMessage } from "./stream";

type Tell = (message: LiveMessage) => void;

/**
 * Listens to what changes on the server, through one connection a browser where the browser can. A page that the browser
 * puts aside lets go, and reloads its data when it is taken up again: what happened meanwhile was not heard.
 */
export function listen(tell: Tell): () => void {
  const { join, leave } = typeof SharedWorker === "undefined" ? alone(tell) : together(tell);
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
  };
}

interface Line {
  join: () => void;
  leave: () => void;
}

function together(tell: Tell): Line {
  const worker = new SharedWorker(new URL("./shared.worker.ts", import.meta.url), { type: "module", name: "dothi-live" });
  worker.port.onmessage = (event: MessageEvent<LiveMessage>) => tell(event.data);
  worker.port.start();
  return { join: () => worker.port.postMessage("join"), leave: () => worker.port.postMessage("leave") };
}

function alone(tell: Tell): Line {
  let stop: (() => void) | null = null;
  return {
    join: () => { stop ??= follow(() => new EventSource("/api/v1/events"), tell); },
    leave: () => { stop?.(); stop = null; },
  };
}
