import { Problem, problemFrom } from "../kit/api/client";
import type { Said } from "../kit/api/types";

/** Where a right holds. */
export type Area = "everywhere" | { units: string[] };

/** Who is signed in, and what they may do. */
export interface Me {
  account: string | null;
  name?: string | null;
  grants: { role: string; area: Area }[];
  rights: { action: string; area: Area | null }[];
}

/** A layer, or an entity without a place, as the studio works on it. */
export interface Table {
  name: string;
  title: Said;
  group: string;
  geometry: string | null;
  legal: boolean;
  legal_srid: number | null;
  count: number | null;
  edit: { may: boolean; reason: Said; area: Area | null };
}

/** What a problem document of the server carries beside its title. */
export interface Refusal extends Problem { body: Record<string, unknown> }

/** Asks the server as the one who is signed in; `dothi-request` says that it was meant. */
export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { accept: "application/json", "dothi-request": "1", ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem("unreachable", 0, null, null);
  }
  if (!response.ok) {
    const said = (await response.json().catch(() => null)) as (Record<string, unknown> & { titles?: Said }) | null;
    if (response.status === 401) dispatchEvent(new Event(SIGNED_OUT));
    const problem = problemFrom(response.status, said ? { ...said, title: said.titles ?? (said["title"] as string) } : null);
    throw Object.assign(problem, { body: said ?? {} });
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Said in the page when the server no longer knows who asks. */
export const SIGNED_OUT = "dothi-signed-out";

export const studioApi = {
  me: (signal?: AbortSignal) => call<Me>("GET", "/api/v1/me", undefined, signal),
  signIn: (account: string, password: string) => call<void>("POST", "/api/v1/session", { account, password }),
  signOut: () => call<void>("DELETE", "/api/v1/session"),
};
