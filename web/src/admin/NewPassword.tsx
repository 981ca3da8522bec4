import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { adminApi } from "./api";
import { Failed, useDoing } from "./parts";

/** What a link of an invitation holds. It stands behind `#`, which a browser sends to nobody. */
export function linkOf(hash: string): string | null {
  return /^#link=([0-9a-f]{64})$/.exec(hash)?.[1] ?? null;
}

/** Choosing a password by a link that was handed over. */
export function NewPassword({ link, onDone, onLeave }: { link: string; onDone: () => void; onLeave: () => void }) {
  const { t } = useTranslation("admin");
  const { busy, failed, run } = useDoing();
  const [differ, setDiffer] = useState(false);

  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [password, again] = [String(form.get("password") ?? ""), String(form.get("again") ?? "")];
    setDiffer(password !== again);
    if (password === again) void run(() => adminApi.redeem(link, password)).then((done) => done && onDone());
  };

  return (
    <form className="door-card" onSubmit={send}>
      <h1>{t("link.title")}</h1>
      <p className="quiet">{t("link.note")}</p>
      <label>{t("password.next")}<input name="password" type="password" autoComplete="new-password" minLength={14} required autoFocus /></label>
      <label>{t("link.again")}<input name="again" type="password" autoComplete="new-password" minLength={14} required /></label>
      {differ && <p className="failed" role="alert">{t("link.differ")}</p>}
      <Failed cause={failed} />
      <button className="button main" disabled={busy}>{t("link.go")}</button>
      <button type="button" className="button bare" onClick={onLeave}>{t("link.leave")}</button>
    </form>
  );
}
