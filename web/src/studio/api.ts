import { attendance } from "../kit/api/attended";
import { Problem, problemFrom } from "../kit/api/client";
import type { Said } from "../kit/api/types";
import type { Values } from "./state/work";

/** Where a right holds. */
export type Area = "everywhere" | { units: string[] };

/** Who is signed in, and what they may do. */
export interface Me {
  account: string | null;
  name?: string | null;
  grants: { role: string; area: Area }[];
  rights: { action: string; area: Area | null }[];
  /** Roles that the demo lets one try without a password. */
  try_as?: { role: string; title?: Said }[] | string[] | null;
}

export interface Editing { may: boolean; reason: Said; area: Area | null }

/** A layer, or an entity without a place, as the studio works on it. */
export interface Table {
  name: string;
  title: Said;
  group: string;
  geometry: string | null;
  legal: boolean;
  legal_srid: number | null;
  detail_zoom: number;
  count: number | null;
  /** Has it attributes that only some may look up? */
  private_attributes?: boolean;
  edit: Editing;
}

export interface Tables { tables: Table[]; groups: { name: string; title: Said }[] }

/** A choice of a code list as the schema says it. */
export interface Choice { const?: string; type?: "null"; title?: string; "x-title"?: Said; "x-colour"?: string | null; deprecated?: boolean; "x-valid-from"?: string | null; "x-valid-to"?: string | null }

export interface Property {
  title: string;
  "x-title": Said;
  "x-kind": "text" | "int" | "float" | "bool" | "date" | "timestamp" | "code" | "json";
  "x-unit"?: string;
  "x-refers-to"?: string;
  description: string;
  "x-help"?: Said;
  minimum?: number;
  maximum?: number;
  oneOf?: Choice[];
  anyOf?: [{ oneOf: Choice[] }, unknown];
}

export interface Schema {
  title: string;
  "x-title": Said;
  description: string;
  properties: Record<string, Property>;
  "x-order": string[];
  required: string[];
  "x-layer": { name: string; geometry: string; legal: boolean; legal_srid: number | null; key: string[]; edit: Editing; rules: { name: string; effect: string; title: Said }[] };
}

/** The choices of a coded attribute, whatever the list does with unknown codes. */
export const choicesOf = (property: Property): Choice[] => (property.oneOf ?? property.anyOf?.[0].oneOf ?? []).filter((one) => one.const !== undefined);

export interface Item { id: string; version: number; valid_from: string | null; valid_to: string | null; values: Values; bbox?: [number, number, number, number]; geometry?: GeoJSON.Geometry }
export interface Items { layer: string; count: number | null; next: string | null; rows: Item[] }

/** Which rows are asked for. */
export interface Asked { q?: string; filter?: Condition[]; sort?: string; cursor?: string; offset?: number; limit?: number; bbox?: number[]; polygon?: [number, number][]; ids?: string[]; geometry?: boolean }
export type Condition = [field: string, is: string, value?: unknown];

export interface Finding { rule: string; effect: "refuse" | "warn"; field: string | null; message: Said; place: [number, number] | null; other: string | null; other_layer?: string | null }

/** Something that breaks a rule now, whoever wrote it. */
export interface Broken { layer: string; id: string; version: number; actor: string; rule: string; field: string | null; message: Said; place: [number, number]; other: string | null; other_layer: string | null; seen: string }

export interface Conflict { seen: Values | null; there: Values | null; yours: Values; fields: string[]; version: number | null; actor: string | null; at: string | null }

/** What became of an operation. */
export type Verdict = { op_id: string } & (
  | { outcome: "applied" | "merged"; version: number; warnings: Finding[] }
  | { outcome: "identical"; version: number }
  | ({ outcome: "conflict" } & Conflict)
  | { outcome: "refused"; findings: Finding[] }
);

export interface Published { id: string | null; position: string | null; dry_run: boolean; results: Verdict[] }

export interface Version {
  version: number; actor: string; known_from: string; known_to: string | null; valid_from: string | null; valid_to: string | null;
  change_set: string | null; reason: string | null; deleted: { change_set: string; reason: string; actor: string; at: string } | null; values: Values;
}

export type DraftState = "open" | "in_review" | "returned" | "approved" | "published" | "discarded";
export interface DraftHead { id: string; name: string; owner: { account: string; name: string }; state: DraftState; revision: number; operations: number; created_at: string; changed_at: string; mine: boolean }
export interface DraftOperation { op: "insert" | "update" | "delete"; op_id: string; entity: string; id: string; base_version?: number; set?: Values; geometry?: object }
export interface Draft extends Omit<DraftHead, "operations"> { part: "owner" | "reviewer" | "reader"; readers: string[]; operations: DraftOperation[]; comments: { by: string; at: string; text: string; place: [number, number] | null }[]; change_set: string | null; may: string[] }
export interface Side { geometry?: GeoJSON.Geometry | null; area_m2?: number | null; length_m?: number | null; label?: string | null }
export interface Compared { revision: number; rows: { layer: string; id: string; op_id: string; reshaped: boolean; change: "added" | "changed" | "removed"; fields: Record<string, { before: unknown; after: unknown }>; before: Side | null; after: Side | null }[] }
export interface Impact { layers: { layer: string; title: Said; count: number; area_m2: number | null; features: { id: string; label: string | null; area_m2: number | null }[] }[] }

/** A problem document with all that it says. */
export class Refusal extends Problem {
  constructor(base: Problem, readonly body: Record<string, unknown>) {
    super(base.kind, base.status, base.title, base.detail);
  }

  /** What became of each operation, where a change set was refused. */
  get results(): Verdict[] {
    return Array.isArray(this.body["results"]) ? (this.body["results"] as Verdict[]) : [];
  }
}

/** Said in the page when the server no longer knows who asks. */
export const SIGNED_OUT = "dothi-signed-out";

/** Asks the server as the one who is signed in; `dothi-request` says that it was meant. */
export async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: { accept: "application/json", "dothi-request": "1", ...attendance(), ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem("unreachable", 0, null, null);
  }
  if (!response.ok) {
    const said = (await response.json().catch(() => null)) as (Record<string, unknown> & { titles?: Said }) | null;
    if (response.status === 401 && !path.endsWith("/session")) dispatchEvent(new Event(SIGNED_OUT));
    throw new Refusal(problemFrom(response.status, said ? { ...said, title: said.titles ?? (said["title"] as string) } : null), said ?? {});
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

function query(asked: Asked): string {
  const made = new URLSearchParams();
  if (asked.q?.trim()) made.set("q", asked.q.trim().normalize("NFC"));
  if (asked.filter?.length) made.set("filter", JSON.stringify(asked.filter));
  if (asked.sort) made.set("sort", asked.sort);
  if (asked.cursor) made.set("cursor", asked.cursor);
  if (asked.offset) made.set("offset", String(asked.offset));
  if (asked.limit) made.set("limit", String(asked.limit));
  if (asked.bbox) made.set("bbox", asked.bbox.join(","));
  if (asked.polygon) made.set("polygon", asked.polygon.map((corner) => corner.map((one) => one.toFixed(8)).join(" ")).join(","));
  if (asked.ids) made.set("ids", asked.ids.join(","));
  if (asked.geometry) made.set("geometry", "true");
  return made.toString();
}

const name = encodeURIComponent;

export const studioApi = {
  me: (signal?: AbortSignal) => call<Me>("GET", "/api/v1/me", undefined, signal),
  signIn: (account: string, password: string, code: string) => call<void>("POST", "/api/v1/session", { account, password, ...(code ? { code } : {}) }),
  tryAs: (role: string) => call<void>("POST", "/api/v1/demo/try-as", { role }),
  signOut: () => call<void>("DELETE", "/api/v1/session"),
  tables: (signal?: AbortSignal) => call<Tables>("GET", "/api/v1/tables", undefined, signal),
  schema: (layer: string, signal?: AbortSignal) => call<Schema>("GET", `/api/v1/layers/${name(layer)}/schema`, undefined, signal),
  items: (layer: string, asked: Asked, signal?: AbortSignal) => call<Items>("GET", `/api/v1/layers/${name(layer)}/items?${query(asked)}`, undefined, signal),
  history: (layer: string, id: string, signal?: AbortSignal) => call<{ versions: Version[] }>("GET", `/api/v1/features/${name(layer)}/${id}/history`, undefined, signal),
  publish: (body: { reason: string; operations: object[]; dry_run?: boolean; atomic?: boolean; on_conflict?: "refuse" | "merge" }) => call<Published>("POST", "/api/v1/changesets", body),
  takeBack: (changeSet: string, reason: string) => call<Published>("POST", `/api/v1/changesets/${changeSet}/undo`, { reason }),
  findings: (signal?: AbortSignal) => call<{ findings: Broken[]; more: boolean }>("GET", "/api/v1/findings", undefined, signal),
};

export const draftsApi = {
  list: (signal?: AbortSignal) => call<{ drafts: DraftHead[] }>("GET", "/api/v1/drafts", undefined, signal),
  make: (title: string) => call<Draft>("POST", "/api/v1/drafts", { name: title }),
  read: (id: string, signal?: AbortSignal) => call<Draft>("GET", `/api/v1/drafts/${id}`, undefined, signal),
  add: (id: string, operations: object[]) => call<{ revision: number; results: Verdict[] }>("POST", `/api/v1/drafts/${id}/operations`, { operations }),
  /** All that the draft does to the object of this operation: people see one line of it. */
  drop: (id: string, opId: string) => call<unknown>("DELETE", `/api/v1/drafts/${id}/operations/${opId}?whole=true`),
  check: (id: string) => call<{ revision: number; sound: boolean; results: Verdict[] }>("POST", `/api/v1/drafts/${id}/check`, {}),
  compare: (id: string, signal?: AbortSignal) => call<Compared>("GET", `/api/v1/drafts/${id}/compare`, undefined, signal),
  impact: (id: string, signal?: AbortSignal) => call<Impact>("GET", `/api/v1/drafts/${id}/impact`, undefined, signal),
  step: (id: string, step: "submit" | "withdraw" | "approve" | "discard", revision: number) => call<unknown>("POST", `/api/v1/drafts/${id}/${step}`, { revision }),
  giveBack: (id: string, revision: number, text: string, place: [number, number] | null) => call<unknown>("POST", `/api/v1/drafts/${id}/return`, { revision, text, ...(place ? { lon: place[0], lat: place[1] } : {}) }),
  comment: (id: string, text: string, place: [number, number] | null) => call<unknown>("POST", `/api/v1/drafts/${id}/comments`, { text, ...(place ? { lon: place[0], lat: place[1] } : {}) }),
  publish: (id: string, revision: number, reason: string) => call<Published>("POST", `/api/v1/drafts/${id}/publish`, { revision, reason }),
  resolve: (id: string, opId: string, take: "mine" | "theirs" | "merged", merged?: { set: Values; geometry?: object }) => call<Draft>("POST", `/api/v1/drafts/${id}/conflicts/${opId}`, { take, ...merged }),
};
