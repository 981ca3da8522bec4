import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Lang } from "../kit/format/format";
import { problemWords } from "../kit/ui/problem";
import { type Me, studioApi } from "./api";

interface Props {
  lang: Lang;
  /** Signed out while working: what is on the page stays, and so does the account. */
  again?: string | undefined;
  /** Roles of the demo. */
  tryAs: Me["try_as"];
  onDone: () => void;
}

/** The door: account and password. */
export function SignIn({ lang, again, tryAs, onDone }: Props) {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>(null);
  const [asksCode, setAsksCode] = useState(false);

  const send = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setFailed(null);
    try {
      await studioApi.signIn(String(form.get("account") ?? "").trim(), String(form.get("password") ?? ""), String(form.get("code") ?? "").replace(/\s/g, ""));
      onDone();
    } catch (cause) {
      const kind = String((cause as { body?: Record<string, unknown> }).body?.["type"] ?? "");
      // Nothing went wrong: an account with a second factor has one more thing to say.
      if (kind.endsWith("/code-needed")) setAsksCode(true);
      else setFailed(cause);
    } finally {
      setBusy(false);
    }
  };

  const tryRole = async (role: string) => {
    setBusy(true);
    setFailed(null);
    try {
      await studioApi.tryAs(role);
      onDone();
    } catch (cause) {
      setFailed(cause);
    } finally {
      setBusy(false);
    }
  };
  const roles = (tryAs ?? []).map((one) => (typeof one === "string" ? one : one.role));

  const words = failed ? problemWords(failed, lang, kit) : null;
  return (
    <form className="sign-in" onSubmit={(event) => void send(event)}>
      <p className="brand"><span className="brand-mark" aria-hidden="true" />{kit("title")}</p>
      <h1>{again ? t("signIn.again") : t("signIn.title")}</h1>
      <p className="quiet">{again ? t("signIn.againNote") : t("signIn.note")}</p>
      <label>{t("signIn.account")}<input name="account" autoComplete="username" required defaultValue={again ?? ""} autoFocus={!again} autoCapitalize="none" spellCheck={false} /></label>
      <label>{t("signIn.password")}<input name="password" type="password" autoComplete="current-password" required autoFocus={Boolean(again)} /></label>
      {asksCode && <label>{t("signIn.code")}<input name="code" autoComplete="one-time-code" required autoFocus autoCapitalize="none" spellCheck={false} /><small className="quiet">{t("signIn.codeNote")}</small></label>}
      {words && <p className="failed" role="alert">{words.title} {words.hint}</p>}
      <button className="button main" disabled={busy}>{t("signIn.go")}</button>
      {roles.length > 0 && (
        <div className="try-as">
          <p className="quiet">{t("signIn.tryAs")}</p>
          <div>{roles.map((role) => <button key={role} type="button" className="button" disabled={busy} onClick={() => void tryRole(role)}>{t(`signIn.role.${role}`)}</button>)}</div>
        </div>
      )}
      {!again && <a className="button bare" href="/">{t("signIn.portal")}</a>}
    </form>
  );
}
