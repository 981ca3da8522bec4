import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import { problemWords } from "../../kit/ui/problem";
import { studioApi } from "../api";
import { moment } from "../../kit/format/format";
import { useStudio } from "../StudioContext";

/** What is broken now, whoever broke it: psql, QGIS, or a delivery. */
export function FindingsPanel() {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, tables, choose, show } = useStudio();
  const asked = useQuery({ queryKey: ["items", "", "findings"], queryFn: ({ signal }) => studioApi.findings(signal) });
  const words = asked.error ? problemWords(asked.error, lang, kit) : null;
  const findings = asked.data?.findings ?? [];
  if (words) return <p className="failed pad" role="alert">{words.title} {words.hint}</p>;
  if (asked.isPending) return <div className="ghost-rows" aria-hidden="true"><span className="ghost" /><span className="ghost short" /></div>;
  if (findings.length === 0) return <p className="quiet pad">{t("findings.none")}</p>;
  return (
    <ul className="work-list">
      {findings.map((one) => (
        <li key={`${one.layer}${one.id}${one.rule}${one.field ?? ""}${one.other ?? ""}`} data-op="delete">
          <button type="button" className="work-item" onClick={() => { choose(one.layer, [one.id]); show({ at: one.place }); }}>
            <b>{pick(tables.find((table) => table.name === one.layer)?.title, lang) || one.layer}</b> <span className="field-wrong">{pick(one.message, lang)}</span>
            <small className="quiet"> · {one.actor} · {moment(one.seen, lang)}</small>
          </button>
        </li>
      ))}
      {asked.data?.more && <li className="quiet">{t("findings.more")}</li>}
    </ul>
  );
}
