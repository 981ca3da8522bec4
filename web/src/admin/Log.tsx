import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { moment } from "../kit/format/format";
import { adminApi, type LogLine } from "./api";
import { Failed, useLang, useUnitNames } from "./parts";

/** Who changed whose account or rights, and when. */
export function Log() {
  const { t } = useTranslation("admin");
  const lang = useLang();
  const list = useInfiniteQuery({
    queryKey: ["people-log"],
    queryFn: ({ signal, pageParam }) => adminApi.log(pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
  const lines = list.data?.pages.flatMap((page) => page.log) ?? [];
  const unit = useUnitNames(lines.flatMap((line) => line.detail.units ?? []));
  const done = ({ what, detail }: LogLine) => t(`log.what.${what}`, {
    ...detail,
    role: detail.role && t(`roles.${detail.role}`),
    units: detail.units ? detail.units.map(unit).join(", ") : t("everywhere"),
  });
  return (
    <section aria-labelledby="people-log">
      <h2 id="people-log">{t("log.title")}</h2>
      <p className="quiet">{t("log.note")}</p>
      <Failed cause={list.error} />
      {list.data && lines.length === 0 && <p className="quiet">{t("log.none")}</p>}
      <ul className="plain">{lines.map((line) => (
        <li key={line.seq}>
          <span>
            <strong>{line.name}</strong> <code>{line.account}</code>: {done(line)}
            <small>{moment(line.at, lang)} · <code>{line.actor}</code></small>
          </span>
        </li>
      ))}</ul>
      {list.hasNextPage && <button type="button" className="button" disabled={list.isFetching} onClick={() => void list.fetchNextPage()}>{t("lookUps.more")}</button>}
    </section>
  );
}
