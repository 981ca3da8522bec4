import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { adminApi } from "./api";
import { Forgot } from "./Forgot";
import { Failed, useDoing } from "./parts";

/** The door: account and password, the code where it is asked for, and in the demo its roles by one click. */
export function Door({ tryAs, mail, said, onDone }: { tryAs: string[]; mail: boolean; said: string | null; onDone: () => void }) {
  const { t } = useTranslation("admin");
  const { busy, failed, run } = useDoing();
  const [asksCode, setAsksCode] = useState(false);
  const [forgot, setForgot] = useState(false);

  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const word = (name: string) => String(form.get(name) ?? "");
    const done = await run(async () => {
      try {
        await adminApi.signIn(word("account").trim(), word("password"), word("code").trim());
      } catch (cause) {
        const kind = String((cause as { body?: Record<string, unknown> }).body?.["type"] ?? "");
        if (kind.endsWith("/code-needed")) {
          // Nothing went wrong: there is one more thing to say.
          setAsksCode(true);
          return;
        }
        throw cause;
      }
      onDone();
    });
    if (!done) event.currentTarget?.querySelector<HTMLInputElement>("[name=password]")?.focus();
  };

  if (forgot) return <Forgot onLeave={() => setForgot(false)} />;
  return (
    <form className="door-card" onSubmit={(event) => void send(event)}>
      <h1>{t("door.title")}</h1>
      {said ? <p role="status"><strong>{said}</strong></p> : <p className="quiet">{t("door.note")}</p>}
      <label>{t("door.account")}<input name="account" autoComplete="username" required autoFocus autoCapitalize="none" spellCheck={false} /></label>
      <label>{t("door.password")}<input name="password" type="password" autoComplete="current-password" required /></label>
      {asksCode && <label>{t("door.code")}<input name="code" autoComplete="one-time-code" required autoFocus spellCheck={false} /></label>}
      <Failed cause={failed} />
      <button className="button main" disabled={busy}>{t("door.go")}</button>
      {mail ? <button type="button" className="button bare" onClick={() => setForgot(true)}>{t("forgot.ask")}</button> : <p className="quiet">{t("door.forgot")}</p>}
      {tryAs.length > 0 && (
        <fieldset>
          <legend>{t("door.try")}</legend>
          <div className="row">{tryAs.map((role) => (
            <button key={role} type="button" className="button" disabled={busy} onClick={() => void run(async () => { await adminApi.tryAs(role); onDone(); })}>{t(`roles.${role}`)}</button>
          ))}</div>
        </fieldset>
      )}
    </form>
  );
}
