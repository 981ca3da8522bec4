import { afterEach, describe, expect, it, vi } from "vitest";
import { api, Problem, problemFrom } from "./client";

afterEach(() => vi.unstubAllGlobals());

describe("problems", () => {
  it("keep the server's title in both languages", () => {
    const problem = problemFrom(404, { title: { vi: "Không có thửa này", en: "No such plot" } });
    expect(problem.title).toEqual({ vi: "Không có thửa này", en: "No such plot" });
    expect(problem.kind).toBe("refused");
  });

  it("are made even of an answer that is no problem document", () => {
    expect(problemFrom(502, null).title).toBeNull();
  });

  it("tell a lost connection from a refusal", async () => {
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("failed")));
    await expect(api.layers()).rejects.toMatchObject({ kind: "unreachable" } satisfies Partial<Problem>);
  });
});

describe("search", () => {
  it("sends composed Vietnamese, whatever the keyboard made", async () => {
    const asked: string[] = [];
    vi.stubGlobal("fetch", (url: string) => {
      asked.push(url);
      return Promise.resolve(new Response(JSON.stringify({ query: "", degraded: false, results: [] })));
    });
    await api.search("Bến".normalize("NFD"), null);
    expect(asked[0]).toBe(`/api/v1/search?q=${encodeURIComponent("Bến".normalize("NFC"))}`);
  });
});
