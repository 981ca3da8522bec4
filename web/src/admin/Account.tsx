import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Me, adminApi } from "./api";
import { moment } from "../kit/format/format";
import { Failed, Sure, useDoing, useLang, useUnitNames } from "./parts";
import { SecondFactor } from "./SecondFactor";

/** One's own account: roles, second factor, password, sessions, tokens. */
export function Account({ me, onChange }: { me: Me; onChange: () => void }) {
  const { t } = useTranslation("admin");
  const name = useUnitNames(me.grants.flatMap(({ area }) => (area === "everywhere" ? [] : area.units)));
  return (
    <>
      <section aria-labelledby="who">
        <h2 id="who">{me.account}</h2>
        {me.grants.length === 0 && <p>{t("noneYet")}</p>}
        <ul className="plain">{me.grants.map(({ role, area }) => (
          <li key={role}><strong>{t(`roles.${role}`)}</strong> {area === "everywhere" ? t("everywhere") : area.units.map(name).join("; ")}</li>
        ))}</ul>
      </section>
      {me.must === "second_factor" && <p className="must" role="alert">{t("must")}</p>}
      <SecondFactor isOn={me.second_factor === true} onDone={onChange} />
      {me.must !== "second_factor" && <Password />}
      {/* Whoever has no role has no right to these lists either. */}
      {me.must !== "second_factor" && me.grants.length > 0 && <><Sessions /><Tokens /></>}
    </>
  );
}

function Password() {
  const { t } = useTranslation("admin");
  const { busy, failed, run } = useDoing();
  const [done, setDone] = useState(false);
  const questions = useQueryClient();
  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const word = (name: string) => String(new FormData(form).get(name) ?? "");
    setDone(false);
    if (await run(() => adminApi.password(word("old"), word("new")))) {
      form.reset();
      setDone(true);
      void questions.invalidateQueries({ queryKey: ["sessions"] });
    }
  };
  return (
    <section aria-labelledby="password">
      <h2 id="password">{t("password.title")}</h2>
      <form className="fields" onSubmit={(event) => void send(event)}>
        <label>{t("password.old")}<input name="old" type="password" autoComplete="current-password" required /></label>
        <label>{t("password.next")}<input name="new" type="password" autoComplete="new-password" minLength={14} required /></label>
        <Failed cause={failed} />
        {done && <p role="status">{t("password.done")}</p>}
        <button className="button" disabled={busy}>{t("password.go")}</button>
      </form>
    </section>
  );
}

function Sessions() {
  const { t } = useTranslation("admin");
  const lang = useLang();
  const { busy, failed, run } = useDoing();
  const list = useQuery({ queryKey: ["sessions"], queryFn: ({ signal }) => adminApi.sessions(signal) });
  const end = (id: string) => void run(() => adminApi.endSession(id)).then(() => list.refetch());
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">{t("sessions.title")}</h2>
      <Failed cause={failed ?? list.error} />
      <ul className="plain">{list.data?.sessions.map((session) => (
        <li key={session.id}>
          <span>{session.agent ?? t("sessions.unknown")}<small>{t("sessions.used", { at: moment(session.used_at, lang) })}</small></span>
          {session.is_this ? <em>{t("sessions.this")}</em> : <button type="button" className="button" disabled={busy} onClick={() => end(session.id)}>{t("sessions.end")}</button>}
        </li>
      ))}</ul>
    </section>
  );
}

function Tokens() {
  const { t } = useTranslation("admin");
  const lang = useLang();
  const { busy, failed, run } = useDoing();
  const list = useQuery({ queryKey: ["tokens"], queryFn: ({ signal }) => adminApi.tokens(signal) });
  const revoke = (id: string) => void run(() => adminApi.revokeToken(id)).then(() => list.refetch());
  return (
    <section aria-labelledby="tokens">
      <h2 id="tokens">{t("tokens.title")}</h2>
      <Failed cause={failed ?? list.error} />
      {list.data?.tokens.length === 0 && <p className="quiet">{t("tokens.none")}</p>}
      <ul className="plain">{list.data?.tokens.map((token) => (
        <li key={token.id}>
          <span>{token.label}<small>{token.scopes.join(", ")} · {t("tokens.used", { at: moment(token.used_at, lang), until: moment(token.expires_at, lang) })}</small></span>
          {token.revoked_at ? <em>{t("tokens.revoked")}</em> : <Sure label={t("tokens.revoke")} disabled={busy} onSure={() => revoke(token.id)} />}
        </li>
      ))}</ul>
    </section>
  );
}
