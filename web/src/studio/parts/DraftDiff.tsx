import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { area, number } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { boxOf } from "../../kit/geometry/box";
import { problemWords } from "../../kit/ui/problem";
import { type Compared, type Draft, draftsApi, studioApi } from "../api";
import { fromDraft } from "../state/again";
import { readRows } from "../state/useSelected";
import { shown } from "../state/values";
import { useStudio } from "../StudioContext";

type Line = Compared["rows"][number];
const OPERATION = { added: "insert", changed: "update", removed: "delete" } as const;

/** What a draft would change, object by object: before and after, and the way to it. */
export function DraftDiff({ draft, mayEdit, again }: { draft: Draft; mayEdit: boolean; again: () => void }) {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang } = useStudio();
  const compared = useQuery({ queryKey: ["draft", draft.id, "compare", draft.revision], queryFn: ({ signal }) => draftsApi.compare(draft.id, signal), retry: false });
  const words = compared.error ? problemWords(compared.error, lang, kit) : null;
  return (
    <section aria-label={t("drafts.compare")}>
      <h3>{t("drafts.compare")}</h3>
      {words && <p className="failed" role="alert">{words.title} {words.hint}</p>}
      <ul className="work-list">{compared.data?.rows.map((line) => <DiffLine key={line.op_id} draft={draft} line={line} mayEdit={mayEdit} again={again} />)}</ul>
    </section>
  );
}

function DiffLine({ draft, line, mayEdit, again }: { draft: Draft; line: Line; mayEdit: boolean; again: () => void }) {
  const { t } = useTranslation("studio");
  const { lang, tables, show, list, choose } = useStudio();
  const schema = useQuery({ queryKey: ["schema", line.layer], queryFn: ({ signal }) => studioApi.schema(line.layer, signal), staleTime: 300_000 }).data;
  const side = line.after ?? line.before, geometry = side?.geometry;
  const sizes = [line.before?.area_m2, line.after?.area_m2];
  const operation = draft.operations.find((one) => one.id === line.id && one.entity === line.layer);
  const drop = useMutation({ mutationFn: (opId: string) => draftsApi.drop(draft.id, opId), onSettled: again });
  // First into the work list, which is kept on this machine, then out of the draft: nothing is lost between the two.
  const goOn = useMutation({
    mutationFn: async () => {
      if (!operation) return;
      const row = operation.op === "insert" ? null : ((await readRows(line.layer, [line.id]))[0] ?? null);
      list.take([fromDraft(list.work, operation, row, line.after?.geometry ?? null)]);
      await draftsApi.drop(draft.id, operation.op_id);
      choose(line.layer, [line.id]);
    },
    onSettled: again,
  });
  const fields = Object.entries(line.fields).filter(([name]) => name !== "geometry");
  const text = (name: string, value: unknown) => shown(value, schema?.properties[name], lang) || t("form.empty");
  return (
    <li data-op={OPERATION[line.change]} data-id={line.id}>
      <button type="button" className="work-item" onClick={() => { const box = geometry && boxOf([geometry]); if (box) show({ box }); }}>
        <b>{t(`drafts.change.${line.change}`)}</b> {pick(tables.find((one) => one.name === line.layer)?.title, lang) || line.layer} <b>{side?.label || line.id.slice(-6)}</b>
      </button>
      {sizes.some((size) => size != null) && (
        <p className="draft-areas">{line.change === "changed" && line.reshaped ? `${t("work.geometry")}: ` : `${t("drafts.area")}: `}
          {line.change === "changed" && !line.reshaped ? area(sizes[1] ?? 0, lang) : sizes.map((size) => (size == null ? "–" : area(size, lang))).join(" → ")}</p>
      )}
      {line.change === "changed" && fields.length > 0 && (
        <ul className="draft-fields">{fields.map(([name, { before, after }]) => <li key={name}>{pick(schema?.properties[name]?.["x-title"], lang) || name}: <del>{text(name, before)}</del> → <ins>{text(name, after)}</ins></li>)}</ul>
      )}
      {mayEdit && operation && (
        <div className="row-buttons">
          {operation.op !== "delete" && <button type="button" className="link" disabled={goOn.isPending} onClick={() => goOn.mutate()}>{t("drafts.goOn")}</button>}
          <button type="button" className="link" disabled={drop.isPending} onClick={() => drop.mutate(operation.op_id)}>{t("work.drop")}</button>
        </div>
      )}
    </li>
  );
}

/** Whom a draft meets: parcels, buildings, permits, works. */
export function DraftImpact({ id, revision }: { id: string; revision: number }) {
  const { t } = useTranslation("studio");
  const { lang } = useStudio();
  const impact = useQuery({ queryKey: ["draft", id, "impact", revision], queryFn: ({ signal }) => draftsApi.impact(id, signal), retry: false });
  // A plot's label is its key (commune, sheet, number): people say it in words.
  const named = (label: string) => {
    const [, sheet, plot] = /^\d{5} · (\S+) · (\S+)$/.exec(label) ?? [];
    return sheet && plot ? t("drafts.plot", { sheet, number: plot }) : label;
  };
  const met = impact.data?.layers.filter((one) => one.count > 0) ?? [];
  return (
    <section aria-label={t("drafts.impact")}>
      <h3>{t("drafts.impact")}</h3>
      {impact.isPending && <p className="quiet">…</p>}
      {impact.isSuccess && met.length === 0 && <p className="quiet">{t("drafts.noImpact")}</p>}
      {met.length > 0 && (
        <table className="impact"><tbody>{met.map((one) => (
          <tr key={one.layer}>
            <th scope="row">{pick(one.title, lang)}<small className="quiet">{one.features.slice(0, 3).flatMap((each) => (each.label ? [named(each.label)] : [])).join(", ")}{one.count > 3 ? "…" : ""}</small></th>
            <td className="numeric">{number(one.count, lang, 0)}</td><td className="numeric">{one.area_m2 != null ? area(one.area_m2, lang) : ""}</td>
          </tr>
        ))}</tbody></table>
      )}
    </section>
  );
}
