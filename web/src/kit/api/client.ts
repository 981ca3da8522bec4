import { attendance } from "./attended";
import type { Catalog, LookupAnswer, ProblemBody, Said, SearchAnswer } from "./types";

/** Why an answer did not come: the server refused, or nobody answered. */
export class Problem extends Error {
  constructor(
    readonly kind: "refused" | "unreachable",
    readonly status: number,
    readonly title: Said | null,
    readonly detail: Said | null,
  ) {
    super(title?.en ?? kind);
    this.name = "Problem";
  }
}

const said = (text: Said | string | undefined): Said | null => {
  if (text === undefined || text === "") return null;
  return typeof text === "string" ? { vi: text, en: text } : text;
};

/** Reads a problem document; anything else still becomes a problem, without words of its own. */
export function problemFrom(status: number, body: ProblemBody | null): Problem {
  return new Problem("refused", status, said(body?.titles ?? body?.title), said(body?.details ?? body?.detail));
}

async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, { headers: { accept: "application/json", ...attendance() }, ...(signal ? { signal } : {}) });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem("unreachable", 0, null, null);
  }
  if (!response.ok) {
    throw problemFrom(response.status, (await response.json().catch(() => null)) as ProblemBody | null);
  }
  return (await response.json()) as T;
}

/** What is asked about: a plot by its id, or a spot (lon/lat, WGS 84). */
export type Question = { kind: "parcel"; id: string } | { kind: "point"; lon: number; lat: number };

export const api = {
  layers: (signal?: AbortSignal) => ask<Catalog>("/api/v1/layers", signal),
  lookup: (question: Question, signal?: AbortSignal) =>
    ask<LookupAnswer>(
      question.kind === "parcel"
        ? `/api/v1/lookup?parcel=${encodeURIComponent(question.id)}`
        : `/api/v1/lookup?lon=${question.lon}&lat=${question.lat}`,
      signal,
    ),
  search: (text: string, near: { lon: number; lat: number } | null, signal?: AbortSignal) => {
    const here = near ? `&lon=${near.lon.toFixed(6)}&lat=${near.lat.toFixed(6)}` : "";
    return ask<SearchAnswer>(`/api/v1/search?q=${encodeURIComponent(text.normalize("NFC"))}${here}`, signal);
  },
};
