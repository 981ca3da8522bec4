import { call } from "../studio/api";

/** Where a role holds. */
export type Area = "everywhere" | { units: string[] };

/** Who is signed in, as the server says it. */
export interface Me {
  account: string | null;
  grants: { role: string; area: Area }[];
  rights: { action: string }[];
  try_as: string[];
  /** Does the server send mail? */
  mail?: boolean;
  second_factor?: boolean;
  must?: "second_factor" | null;
}

export interface Session { id: string; agent: string | null; begun_at: string; used_at: string; is_this: boolean }
export interface Token { id: string; label: string; scopes: string[]; used_at: string; expires_at: string; revoked_at: string | null }

/** A person as an administrator sees them. */
export interface Person {
  account: string;
  name: string;
  mail: string | null;
  is_demo: boolean;
  seen_at: string;
  disabled_at: string | null;
  asleep: boolean;
  second_factor: boolean;
  sessions: number;
  tokens: number;
  roles: { role: string; units: string[] | null }[];
}

/** A mail in the outbox. */
export interface Mail {
  id: string;
  account: string;
  name: string;
  kind: "invitation" | "recovery";
  address: string | null;
  state: "waiting" | "sent" | "failed";
  asked_at: string;
  asked_by: string;
  tries: number;
  next_at: string | null;
  done_at: string | null;
  reason: string | null;
  detail: string | null;
}

/** A line of the log of look-ups. */
export interface LookUp {
  seq: number;
  at: string;
  actor: string;
  name: string | null;
  party: string | null;
  reason: string;
  objects: number;
  parcels: { id: string; commune_code: string; sheet: string; number: string }[];
}

/** What somebody changed of an account or of rights. */
export interface LogLine {
  seq: number;
  at: string;
  actor: string;
  account: string;
  name: string;
  what: string;
  detail: { role?: string; units?: string[] | null; label?: string; scopes?: string[]; from?: string; to?: string };
}

export interface Unit { code: string; name: string }
/** When accounts and rights were looked through last, and when they are to be next. */
export interface Review { at: string | null; by_whom: string | null; due_at: string | null; overdue: boolean }
export interface People { people: Person[]; roles: string[]; units: Unit[]; review: Review }

const of = (account: string) => `/api/v1/people/${encodeURIComponent(account)}`;

export const adminApi = {
  me: (signal?: AbortSignal) => call<Me>("GET", "/api/v1/me", undefined, signal),
  signIn: (account: string, password: string, code: string) =>
    call<void>("POST", "/api/v1/session", { account, password, ...(code ? { code } : {}) }),
  signOut: () => call<void>("DELETE", "/api/v1/session"),
  redeem: (link: string, password: string) => call<void>("POST", "/api/v1/recovery", { link, password }),
  tryAs: (role: string) => call<void>("POST", "/api/v1/demo/try-as", { role }),
  password: (old: string, next: string) => call<void>("PUT", "/api/v1/me/password", { old, new: next }),
  beginSecond: (password: string) => call<{ secret: string; uri: string }>("POST", "/api/v1/me/second-factor", { password }),
  confirmSecond: (code: string) => call<{ recovery_codes: string[] }>("PUT", "/api/v1/me/second-factor", { code }),
  sessions: (signal?: AbortSignal) => call<{ sessions: Session[] }>("GET", "/api/v1/me/sessions", undefined, signal),
  endSession: (id: string) => call<void>("DELETE", `/api/v1/me/sessions/${id}`),
  tokens: (signal?: AbortSignal) => call<{ tokens: Token[] }>("GET", "/api/v1/me/tokens", undefined, signal),
  revokeToken: (id: string) => call<void>("DELETE", `/api/v1/me/tokens/${id}`),
  people: (signal?: AbortSignal) => call<People>("GET", "/api/v1/people", undefined, signal),
  forgot: (mail: string) => call<void>("POST", "/api/v1/recovery/mail", { mail }),
  mails: (signal?: AbortSignal) => call<{ sends: boolean; mails: Mail[] }>("GET", "/api/v1/mail", undefined, signal),
  /** Answers a first password, unless the person is invited by mail. */
  add: (account: string, name: string, mail: string | null, invite: boolean) =>
    call<{ account: string; password?: string }>("POST", "/api/v1/people", { account, name, mail, invite }),
  lookUps: (before: number | null, signal?: AbortSignal) =>
    call<{ look_ups: LookUp[]; next: number | null }>("GET", `/api/v1/look-ups${before === null ? "" : `?before=${before}`}`, undefined, signal),
  log: (before: number | null, signal?: AbortSignal) =>
    call<{ log: LogLine[]; next: number | null }>("GET", `/api/v1/people/log${before === null ? "" : `?before=${before}`}`, undefined, signal),
  reviewed: () => call<void>("POST", "/api/v1/people/review"),
  setMail: (account: string, mail: string | null) => call<void>("PUT", `${of(account)}/mail`, { mail }),
  invite: (account: string) => call<{ mail: string }>("POST", `${of(account)}/invitation`),
  give: (account: string, role: string, units: string[] | null) => call<void>("PUT", `${of(account)}/roles/${role}`, { units }),
  take: (account: string, role: string) => call<void>("DELETE", `${of(account)}/roles/${role}`),
  disable: (account: string) => call<void>("POST", `${of(account)}/disable`),
  enable: (account: string) => call<void>("POST", `${of(account)}/enable`),
  newPassword: (account: string) => call<{ password: string }>("POST", `${of(account)}/password`),
  link: (account: string) => call<{ path: string; expires_at: string }>("POST", `${of(account)}/link`),
  endSessions: (account: string) => call<void>("DELETE", `${of(account)}/sessions`),
  resetSecond: (account: string) => call<void>("DELETE", `${of(account)}/second-factor`),
};
