import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { adminApi } from "./api";
import { moment } from "../kit/format/format";
import { Failed, useLang, useUnitNames } from "./parts";

/** Who looked up whom, when and why. Persons are named by number, so that reading this is no look-up. */
export function LookUps() {
  const { t } = useTranslation("admin");
  const lang = useLang();
  const list = useInfiniteQuery({
    queryKey: ["look-ups"],
    queryFn: ({ signal, pageParam }) => adminApi.lookUps(pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
  const lines = list.data?.pages.flatMap((page) => page.look_ups) ?? [];
  const name = useUnitNames(lines.flatMap((line) => line.parcels.map((one) => one.commune_code)));
  return (
    <section aria-labelledby="lookups">
      <h2 id="lookups">{t("lookUps.title")}</h2>
      <p className="quiet">{t("lookUps.note")}</p>
      <Failed cause={list.error} />
      {list.data && lines.length === 0 && <p className="quiet">{t("lookUps.none")}</p>}
      <ul className="plain">{lines.map((line) => (
        <li key={line.seq}>
          <span>
            <strong>{line.name ?? line.actor}</strong> <code>{line.actor}</code>: {line.reason}
            <small>
              {moment(line.at, lang)} · {line.party ? t("lookUps.party", { id: line.party.slice(-6) }) : line.objects > 1 ? t("lookUps.objects", { count: line.objects }) : t("lookUps.nobody")}
              {line.parcels.map((one) => ` · ${t("lookUps.parcel", { sheet: one.sheet, number: one.number, unit: name(one.commune_code) })}`)}
            </small>
          </span>
        </li>
      ))}</ul>
      {list.hasNextPage && <button type="button" className="button" disabled={list.isFetching} onClick={() => void list.fetchNextPage()}>{t("lookUps.more")}</button>}
    </section>
  );
}
