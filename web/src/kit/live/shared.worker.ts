/// <reference lib="webworker" />
import { follow, type LiveMessage } from "./stream";

/** One connection for all pages of a browser: HTTP/1.1 allows six a host, and each open tab would hold one. */
declare const self: SharedWorkerGlobalScope;

const ports = new Set<MessagePort>();
let last: LiveMessage | null = null;

self.onconnect = (event) => {
  const port = event.ports[0];
  if (!port) return;
  port.onmessage = ({ data }: MessageEvent<"join" | "leave">) => {
    if (data === "leave") return void ports.delete(port);
    ports.add(port);
    if (last) port.postMessage(last);
  };
};

follow(
  () => new EventSource("/api/v1/events"),
  (message) => {
    if (message.kind === "online" || message.kind === "offline") last = message;
    for (const port of ports) port.postMessage(message);
  },
);
