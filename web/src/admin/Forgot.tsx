import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { adminApi } from "./api";
import { Failed, useDoing } from "./parts";

/** Asks for a link by mail. What is said afterwards is the same whether anybody has that address. */
export function Forgot({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation("admin");
  const { busy, failed, run } = useDoing();
  const [asked, setAsked] = useState(false);

  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const mail = String(new FormData(event.currentTarget).get("mail") ?? "").trim();
    void run(() => adminApi.forgot(mail)).then((done) => done && setAsked(true));
  };

  return (
    <form className="door-card" onSubmit={send}>
      <h1>{t("forgot.title")}</h1>
      {asked ? <p role="status">{t("forgot.asked")}</p> : (
        <>
          <p className="quiet">{t("forgot.note")}</p>
          <label>{t("forgot.mail")}<input name="mail" type="email" autoComplete="email" required autoFocus /></label>
          <Failed cause={failed} />
          <button className="button main" disabled={busy}>{t("forgot.go")}</button>
        </>
      )}
      <button type="button" className="button bare" onClick={onLeave}>{t("link.leave")}</button>
    </form>
  );
}
