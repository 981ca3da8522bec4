import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Said } from "../../kit/api/types";
import { pick } from "../../kit/i18n";
import { problemWords } from "../../kit/ui/problem";
import { studioApi } from "../api";
import { useStudio } from "../StudioContext";

interface Listed { layer?: string; id?: string; entity?: string; rule?: string; message?: Said; effect?: string; place?: [number, number] | null; label?: string | null; title?: Said }

/** What is broken now, whoever broke it: psql, QGIS, or a delivery. */
export function FindingsPanel() {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, tables, choose, show } = useStudio();
  const asked = useQuery({ queryKey: ["items", "", "findings"], queryFn: ({ signal }) => studioApi.findings(signal) });
  const words = asked.error ? problemWords(asked.error, lang, kit) : null;
  const findings = (asked.data?.findings ?? []) as Listed[];
  if (words) return <p className="failed pad" role="alert">{words.title} {words.hint}</p>;
  if (asked.isPending) return <div className="ghost-rows" aria-hidden="true"><span className="ghost" /><span className="ghost short" /></div>;
  if (findings.length === 0) return <p className="quiet pad">{t("findings.none")}</p>;
  return (
    <ul className="work-list">
      {findings.map((one, at) => {
        const layer = one.layer ?? one.entity ?? "";
        return (
          <li key={at}>
            <button type="button" className="work-item" onClick={() => { if (one.id) choose(layer, [one.id]); if (one.place) show({ at: one.place }); }}>
              <b>{pick(tables.find((table) => table.name === layer)?.title, lang) || layer}</b> {one.label ?? ""} <span className={one.effect === "refuse" ? "field-wrong" : "field-warn"}>{pick(one.message ?? one.title, lang) || one.rule}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
