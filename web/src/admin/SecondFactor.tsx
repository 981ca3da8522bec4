import qrcode from "qrcode-generator";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { adminApi } from "./api";
import { Failed, Once, useDoing } from "./parts";

/** Gets a second factor: password, a code to scan, its first answer, and the recovery codes. */
export function SecondFactor({ isOn, onDone }: { isOn: boolean; onDone: () => void }) {
  const { t } = useTranslation("admin");
  const { busy, failed, run } = useDoing();
  const [begun, setBegun] = useState<{ secret: string; uri: string } | null>(null);
  const [recovery, setRecovery] = useState<string[] | null>(null);

  const begin = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password") ?? "");
    void run(async () => setBegun(await adminApi.beginSecond(password)));
  };
  const confirm = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code") ?? "").replaceAll(/\s/g, "");
    void run(async () => {
      setRecovery((await adminApi.confirmSecond(code)).recovery_codes);
      setBegun(null);
    });
  };

  return (
    <section aria-labelledby="second">
      <h2 id="second">{t("second.title")}</h2>
      {recovery ? <Once title={t("second.recovery")} lines={recovery} onClose={() => { setRecovery(null); onDone(); }} />
        : isOn ? <p>{t("second.on")}</p>
        : begun ? (
          <form className="fields" onSubmit={confirm}>
            <p>{t("second.scan")} <code className="key">{begun.secret.replaceAll(/(.{4})/g, "$1 ")}</code></p>
            <Qr text={begun.uri} label={t("second.qr")} />
            <label>{t("second.code")}<input name="code" inputMode="numeric" autoComplete="one-time-code" required autoFocus /></label>
            <Failed cause={failed} />
            <button className="button main" disabled={busy}>{t("second.confirm")}</button>
          </form>
        ) : (
          <form className="fields" onSubmit={begin}>
            <p>{t("second.off")}</p>
            <label>{t("password.old")}<input name="password" type="password" autoComplete="current-password" required /></label>
            <Failed cause={failed} />
            <button className="button main" disabled={busy}>{t("second.begin")}</button>
          </form>
        )}
    </section>
  );
}

/** A QR code, dark on light whatever the page looks like. */
function Qr({ text, label }: { text: string; label: string }) {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const cells = Array.from({ length: size * size }, (_, at) => at).filter((at) => code.isDark(Math.floor(at / size), at % size));
  const path = cells.map((at) => `M${at % size} ${Math.floor(at / size)}h1v1h-1z`).join("");
  return <svg className="qr" role="img" aria-label={label} viewBox={`-4 -4 ${size + 8} ${size + 8}`}><rect x="-4" y="-4" width={size + 8} height={size + 8} fill="#fff" /><path d={path} fill="#000" /></svg>;
}
