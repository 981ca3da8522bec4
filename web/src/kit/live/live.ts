import { follow, type LiveMessage } from "./stream";

/** Listens to what changes on the server, through one connection a browser where the browser can. */
export function listen(tell: (message: LiveMessage) => void): () => void {
  if (typeof SharedWorker === "undefined") return follow(() => new EventSource("/api/v1/events"), tell);
  const worker = new SharedWorker(new URL("./shared.worker.ts", import.meta.url), { type: "module", name: "dothi-live" });
  worker.port.onmessage = (event: MessageEvent<LiveMessage>) => tell(event.data);
  worker.port.start();
  const leave = () => worker.port.postMessage("leave");
  addEventListener("pagehide", leave);
  return () => {
    removeEventListener("pagehide", leave);
    leave();
    worker.port.close();
  };
}
