import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { adminApi, type Mail } from "./api";
import { moment } from "../kit/format/format";
import { Failed, useLang } from "./parts";

/** What became of the mails of the last 30 days; those that wait first. */
export function Mails() {
  const { t } = useTranslation("admin");
  const list = useQuery({
    queryKey: ["mails"],
    queryFn: ({ signal }) => adminApi.mails(signal),
    // While one waits, its next try is a matter of seconds.
    refetchInterval: (query) => (query.state.data?.mails.some((mail) => mail.state === "waiting") ? 5_000 : false),
  });
  return (
    <section aria-labelledby="mails">
      <h2 id="mails">{t("mails.title")}</h2>
      <Failed cause={list.error} />
      {list.data && !list.data.sends && <p className="must">{t("mails.off")}</p>}
      {list.data?.mails.length === 0 && <p className="quiet">{t("mails.none")}</p>}
      <ul className="plain">{list.data?.mails.map((mail) => <li key={mail.id}><One mail={mail} /></li>)}</ul>
    </section>
  );
}

function One({ mail }: { mail: Mail }) {
  const { t } = useTranslation("admin");
  const lang = useLang();
  const when = mail.done_at ?? mail.asked_at;
  return (
    <span>
      <strong>{t(`mails.state.${mail.state}`)}</strong> {t(`mails.kind.${mail.kind}`)}: {mail.name} <code>{mail.account}</code>
      <small>
        {mail.address ?? t("mails.nowhere")} · {moment(when, lang)}
        {mail.reason && ` · ${t(`mails.why.${mail.reason}`, { defaultValue: mail.reason })}`}
        {mail.next_at && mail.tries > 0 && ` · ${t("mails.next", { tries: mail.tries, at: moment(mail.next_at, lang) })}`}
      </small>
      {mail.detail && <small lang="en">{mail.detail}</small>}
    </span>
  );
}
