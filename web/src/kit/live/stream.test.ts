import { describe, expect, it } from "vitest";
import { follow, waitBefore, type LiveMessage, type Source } from "./stream";

class FakeSource implements Source {
  listeners = new Map<string, (event: { data?: string }) => void>();
  closed = false;
  addEventListener(type: string, listener: (event: { data?: string }) => void) {
    this.listeners.set(type, listener);
  }
  close() {
    this.closed = true;
  }
  say(type: string, data?: unknown) {
    this.listeners.get(type)?.(data === undefined ? {} : { data: JSON.stringify(data) });
  }
}

function following() {
  const sources: FakeSource[] = [];
  const waiting: (() => void)[] = [];
  const heard: LiveMessage[] = [];
  const open = () => {
    const source = new FakeSource();
    sources.push(source);
    return source;
  };
  const stop = follow(open, (message) => heard.push(message), (run) => waiting.push(run), () => 0.5);
  return { sources, waiting, heard, stop };
}

describe("the live stream", () => {
  it("passes on what changed", () => {
    const { sources, heard } = following();
    sources[0]?.say("hello", { position: "1" });
    sources[0]?.say("change", { layers: { parcel: { cover: [[15, 1, 2]], ids: ["a"] } } });
    expect(heard).toEqual([
      { kind: "online" },
      { kind: "change", layers: { parcel: { cover: [[15, 1, 2]], ids: ["a"] } } },
    ]);
  });

  it("reloads after a gap, because nobody heard what happened in it", () => {
    const { sources, waiting, heard } = following();
    sources[0]?.say("hello");
    sources[0]?.say("error");
    waiting.shift()?.();
    sources[1]?.say("hello");
    expect(sources[0]?.closed).toBe(true);
    expect(heard.map((message) => message.kind)).toEqual(["online", "online", "reload"]);
  });

  it("reloads after its first connection too, when it listens as somebody else than before", () => {
    const heard: LiveMessage[] = [];
    const source = new FakeSource();
    follow(() => source, (message) => heard.push(message), () => undefined, () => 0.5, true);
    source.say("hello");
    expect(heard.map((message) => message.kind)).toEqual(["online", "reload"]);
  });

  it("says that it is offline only when a second attempt fails too", () => {
    const { sources, waiting, heard } = following();
    sources[0]?.say("error");
    expect(heard).toEqual([]);
    waiting.shift()?.();
    sources[1]?.say("error");
    expect(heard).toEqual([{ kind: "offline" }]);
  });

  it("takes a message that it cannot read for a reason to reload", () => {
    const { sources, heard } = following();
    sources[0]?.say("change", { nothing: true });
    expect(heard).toEqual([{ kind: "reload" }]);
  });

  it("waits longer each time, and never longer than forty seconds", () => {
    expect(waitBefore(0, 0.5)).toBe(1000);
    expect(waitBefore(3, 0.5)).toBe(8000);
    expect(waitBefore(50, 1)).toBeLessThanOrEqual(40_000);
  });
});
