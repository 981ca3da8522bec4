import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import { problemWords } from "../../kit/ui/problem";
import { Refusal, type Schema, studioApi, type Table, type Version } from "../api";
import { shown } from "../state/values";
import { moment } from "../../kit/format/format";
import { useStudio } from "../StudioContext";

/** Every version of an object: who, when, why, what changed; and the way to take a change set back. */
export function History({ table, schema, id }: { table: Table; schema: Schema; id: string }) {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, tables, choose } = useStudio();
  const questions = useQueryClient();
  const history = useQuery({ queryKey: ["items", table.name, "history", id], queryFn: ({ signal }) => studioApi.history(table.name, id, signal) });
  const back = useMutation({
    mutationFn: (version: Version) => studioApi.takeBack(version.change_set ?? "", t("history.undoReason", { reason: version.reason ?? "" })),
    onSuccess: () => void questions.invalidateQueries(),
  });
  const failed = history.error ?? back.error;
  const words = failed ? problemWords(failed, lang, kit) : null;
  // Others went on from it: their objects are named, and nothing was written.
  const builtOn = back.error instanceof Refusal && Array.isArray(back.error.body["features"]) ? (back.error.body["features"] as { layer: string; id: string; actor: string | null }[]) : [];
  const versions = history.data?.versions ?? [];
  return (
    <div className="history">
      {words && (
        <div className="failed" role="alert">
          <p>{words.title} {builtOn.length > 0 ? t("history.builtOn") : words.hint}</p>
          <ul>{builtOn.map((one) => <li key={one.id}><button type="button" className="link" onClick={() => choose(one.layer, [one.id])}>{pick(tables.find((other) => other.name === one.layer)?.title, lang) || one.layer} {one.id.slice(-6)}</button>{one.actor ? ` · ${one.actor}` : ""}</li>)}</ul>
        </div>
      )}
      {back.isSuccess && <p className="note good" role="status">✓ {t("history.undone")}</p>}
      <ol>
        {versions.map((version, at) => {
          const before = versions[at + 1]?.values;
          const differs = before ? Object.keys(version.values).filter((name) => JSON.stringify(version.values[name] ?? null) !== JSON.stringify(before[name] ?? null)) : [];
          return (
            <li key={`${version.version}-${version.known_from}`}>
              <p><b>{t("form.version", { version: version.version })}</b> · {version.actor} · {moment(version.known_from, lang)}</p>
              <p>{version.deleted ? `${t("history.deleted")} ${version.deleted.reason}` : version.reason ?? t("history.noReason")}</p>
              {!before && <p className="quiet">{t("history.first")}</p>}
              <ul>{differs.map((name) => <li key={name}>{name === "geometry" ? t("work.geometry") : pick(schema.properties[name]?.["x-title"], lang) || name}{name !== "geometry" && <>: <del>{shown(before?.[name], schema.properties[name], lang) || t("form.empty")}</del> → <ins>{shown(version.values[name], schema.properties[name], lang) || t("form.empty")}</ins></>}</li>)}</ul>
              {version.change_set && table.edit.may && <button type="button" className="link" disabled={back.isPending} onClick={() => { if (confirm(t("history.undoAsk"))) back.mutate(version); }}>{t("history.undo")}</button>}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
