/// <reference lib="webworker" />
import { follow, type LiveMessage } from "./stream";

/** One connection for all pages of a browser: HTTP/1.1 allows six a host, and each open tab would hold one. */
declare const self: SharedWorkerGlobalScope;

const ports = new Set<MessagePort>();
let last: LiveMessage | null = null;

const open = () => new EventSource("/api/v1/events");
const tell = (message: LiveMessage) => {
  if (message.kind === "online" || message.kind === "offline") last = message;
  for (const port of ports) port.postMessage(message);
};
let stop = follow(open, tell);

self.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<"join" | "leave" | "again">) => {
    if (data === "leave") return void ports.delete(port);
    if (data === "again") {
      stop();
      stop = follow(open, tell, undefined, undefined, true);
      return;
    }
    ports.add(port);
    if (last) port.postMessage(last);
  };
};
