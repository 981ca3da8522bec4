import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { adminApi, type Person, type Review, type Unit } from "./api";
import { moment } from "../kit/format/format";
import { Failed, Once, Sure, useDoing, useLang } from "./parts";

/** Without marks and case, so that people are found however their name is typed. */
const fold = (text: string) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").replaceAll(/đ/gi, "d").toLowerCase();

/** Everybody with an account. */
export function People({ own, sends }: { own: string; sends: boolean }) {
  const { t } = useTranslation("admin");
  const [wanted, setWanted] = useState("");
  const [secret, setSecret] = useState<{ title: string; line: string } | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const lang = useLang();
  const { busy, failed, run } = useDoing();
  const list = useQuery({ queryKey: ["people"], queryFn: ({ signal }) => adminApi.people(signal) });
  const again = () => void list.refetch();

  const first = ({ account, password }: { account: string; password: string }) => setSecret({ title: t("list.first", { account }), line: password });
  const linked = (account: string, made: { path: string; expires_at: string }) =>
    setSecret({ title: t("link.made", { account, until: moment(made.expires_at, lang) }), line: location.origin + made.path });

  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const word = (name: string) => String(new FormData(form).get(name) ?? "").trim();
    const invite = sends && word("mail") !== "" && word("invite") !== "";
    const made = async () => {
      const { account, password } = await adminApi.add(word("account"), word("name"), word("mail") || null, invite);
      if (password) first({ account, password });
      setSaid(invite ? t("mails.waits", { account }) : null);
    };
    if (await run(made)) form.reset();
    again();
  };

  const words = fold(wanted.trim());
  const shown = list.data?.people.filter((person) => fold(`${person.name} ${person.account}`).includes(words)) ?? [];
  return (
    <>
      <details className="add">
        <summary className="button">{t("list.add")}</summary>
        <form className="fields" onSubmit={(event) => void add(event)}>
          <label>{t("list.account")}<input name="account" required autoCapitalize="none" spellCheck={false} pattern="[A-Za-z][A-Za-z0-9._\-]{1,39}" /></label>
          <label>{t("list.name")}<input name="name" required /></label>
          <label>{t("list.mail")}<input name="mail" type="email" autoComplete="off" /></label>
          {sends && <label className="choice"><input type="checkbox" name="invite" value="yes" defaultChecked />{t("list.invite")}</label>}
          <Failed cause={failed} />
          <button className="button main" disabled={busy}>{t("list.make")}</button>
        </form>
      </details>
      {secret && <Once title={secret.title} lines={[secret.line]} onClose={() => setSecret(null)} />}
      {said && <p role="status">{said}</p>}
      <Failed cause={list.error} />
      {list.data && <Reviewed review={list.data.review} onDone={again} />}
      <label className="find">{t("list.find")}<input type="search" value={wanted} onChange={(event) => setWanted(event.target.value)} /></label>
      {list.data && shown.length === 0 && <p className="quiet">{t("list.empty")}</p>}
      <ul className="people">{shown.map((person) => (
        <li key={person.account}>
          <Row person={person} roles={list.data?.roles ?? []} units={list.data?.units ?? []} isOwn={person.account === own} sends={sends} onChange={again}
            onInvited={() => setSaid(t("mails.waits", { account: person.account }))}
            onPassword={(password) => first({ account: person.account, password })} onLink={(made) => linked(person.account, made)} />
        </li>
      ))}</ul>
    </>
  );
}

/** Accounts and rights are looked through every six months; who has done so says it here. */
function Reviewed({ review, onDone }: { review: Review; onDone: () => void }) {
  const { t } = useTranslation("admin");
  const lang = useLang();
  const { busy, failed, run } = useDoing();
  return (
    <section aria-labelledby="review">
      <h2 id="review">{t("review.title")}</h2>
      <p className={review.overdue ? "must" : "quiet"} role="status">
        {review.at ? t("review.last", { at: moment(review.at, lang), who: review.by_whom ?? "" }) : t("review.never")}
        {review.due_at && ` ${t(review.overdue ? "review.overdue" : "review.due", { at: moment(review.due_at, lang) })}`}
      </p>
      <Failed cause={failed} />
      <Sure label={t("review.done")} disabled={busy} onSure={() => void run(() => adminApi.reviewed()).then(onDone)} />
    </section>
  );
}

interface RowProps { person: Person; roles: string[]; units: Unit[]; isOwn: boolean; sends: boolean; onChange: () => void; onInvited: () => void; onPassword: (password: string) => void; onLink: (made: { path: string; expires_at: string }) => void }

function Row({ person, roles, units, isOwn, sends, onChange, onInvited, onPassword, onLink }: RowProps) {
  const { t } = useTranslation("admin");
  const { busy, failed, run } = useDoing();
  const act = (what: () => Promise<unknown>) => void run(what).then(onChange);
  const name = (code: string) => units.find((unit) => unit.code === code)?.name ?? code;
  const states = [
    person.disabled_at && t("list.closed"), person.asleep && t("list.asleep"), person.is_demo && t("list.demo"),
    person.second_factor && t("list.secondOn"), person.sessions > 0 && t("list.sessions", { count: person.sessions }),
  ].filter(Boolean);
  return (
    <details>
      <summary>
        <span><strong>{person.name}</strong> <code>{person.account}</code></span>
        <small>{person.roles.map(({ role }) => t(`roles.${role}`)).join(", ") || t("none")}{states.length > 0 && ` · ${states.join(" · ")}`}</small>
      </summary>
      {isOwn ? <p className="quiet">{t("person.self")}</p> : (
        <div className="card">
          <ul className="plain">{person.roles.map(({ role, units: where }) => (
            <li key={role}>
              <span>{t(`roles.${role}`)}<small>{where ? where.map(name).join("; ") : t("everywhere")}</small></span>
              <button type="button" className="button" disabled={busy} aria-label={t("person.take", { role: t(`roles.${role}`) })} onClick={() => act(() => adminApi.take(person.account, role))}>{t("person.takeShort")}</button>
            </li>
          ))}</ul>
          <Give person={person} roles={roles} units={units} busy={busy} onGive={(role, where) => act(() => adminApi.give(person.account, role, where))} />
          {!person.is_demo && <Address person={person} busy={busy} onSet={(mail) => act(() => adminApi.setMail(person.account, mail))} />}
          <Failed cause={failed} />
          <div className="row">
            {person.disabled_at || person.asleep
              ? <button type="button" className="button" disabled={busy} onClick={() => act(() => adminApi.enable(person.account))}>{t("person.enable")}</button>
              : <Sure label={t("person.disable")} disabled={busy} onSure={() => act(() => adminApi.disable(person.account))} />}
            <Sure label={t("person.sessions")} disabled={busy} onSure={() => act(() => adminApi.endSessions(person.account))} />
            {person.second_factor && <Sure label={t("person.reset")} disabled={busy} onSure={() => act(() => adminApi.resetSecond(person.account))} />}
            {sends && person.mail && !person.is_demo && !person.disabled_at && <button type="button" className="button" disabled={busy} onClick={() => act(async () => { await adminApi.invite(person.account); onInvited(); })}>{t("mails.send")}</button>}
            {!person.is_demo && !person.disabled_at && <button type="button" className="button" disabled={busy} onClick={() => act(async () => onLink(await adminApi.link(person.account)))}>{t("link.make")}</button>}
            {!person.is_demo && <Sure label={t("person.password")} disabled={busy} onSure={() => act(async () => onPassword((await adminApi.newPassword(person.account)).password))} />}
          </div>
        </div>
      )}
    </details>
  );
}

/** Where a person is written to. */
function Address({ person, busy, onSet }: { person: Person; busy: boolean; onSet: (mail: string | null) => void }) {
  const { t } = useTranslation("admin");
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onSet(String(new FormData(event.currentTarget).get("mail") ?? "").trim() || null);
  };
  return (
    <form className="fields" onSubmit={send}>
      <label>{t("list.mail")}<input key={person.mail} name="mail" type="email" autoComplete="off" defaultValue={person.mail ?? ""} /></label>
      <button className="button" disabled={busy}>{t("mails.set")}</button>
    </form>
  );
}

interface GiveProps { person: Person; roles: string[]; units: Unit[]; busy: boolean; onGive: (role: string, units: string[] | null) => void }

/** A role, and where: the whole city, or communes by name. */
function Give({ person, roles, units, busy, onGive }: GiveProps) {
  const { t } = useTranslation("admin");
  const [role, setRole] = useState(roles.find((one) => one === "planner") ?? roles[0] ?? "");
  const [chosen, setChosen] = useState<Unit[] | null>(null);
  const [typed, setTyped] = useState("");
  const words = fold(typed.trim());
  const found = words ? units.filter((unit) => fold(`${unit.name} ${unit.code}`).includes(words)).slice(0, 8) : [];
  const id = `give-${person.account}`;
  return (
    <fieldset className="fields">
      <legend>{t("person.give")}</legend>
      <label>{t("person.role")}<select value={role} onChange={(event) => setRole(event.target.value)}>{roles.map((one) => <option key={one} value={one}>{t(`roles.${one}`)}</option>)}</select></label>
      <div className="row" role="radiogroup" aria-label={t("person.where")}>
        <label className="choice"><input type="radio" name={id} checked={chosen === null} onChange={() => setChosen(null)} />{t("person.wholeCity")}</label>
        <label className="choice"><input type="radio" name={id} checked={chosen !== null} onChange={() => setChosen([])} />{t("person.units")}</label>
      </div>
      {chosen !== null && (
        <>
          <div className="row">{chosen.map((unit) => <button key={unit.code} type="button" className="button" onClick={() => setChosen(chosen.filter((one) => one !== unit))}>{unit.name} ×</button>)}</div>
          <label>{t("person.unitFind")}<input value={typed} onChange={(event) => setTyped(event.target.value)} /></label>
          <div className="row">{found.map((unit) => <button key={unit.code} type="button" className="button bare" onClick={() => { setChosen([...chosen.filter((one) => one.code !== unit.code), unit]); setTyped(""); }}>{unit.name} ({unit.code})</button>)}</div>
        </>
      )}
      <button type="button" className="button" disabled={busy || (chosen !== null && chosen.length === 0)} onClick={() => onGive(role, chosen && chosen.map((unit) => unit.code))}>{t("person.add")}</button>
    </fieldset>
  );
}
