import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { boxOf } from "../../kit/geometry/box";
import { pick } from "../../kit/i18n";
import { problemWords } from "../../kit/ui/problem";
import { type Conflict, type Draft, draftsApi, studioApi } from "../api";
import { moment } from "../../kit/format/format";
import type { Choice } from "../state/resolve";
import { shown } from "../state/values";
import type { Values } from "../state/work";
import { useStudio } from "../StudioContext";
import { labelOf } from "./FormPanel";

/** A conflict of a draft with what others published meanwhile: seen, there, mine; settled by the owner, one by one. */
export function DraftConflict({ draft, conflict, onDone }: { draft: Draft; conflict: Conflict & { op_id: string }; onDone: () => void }) {
  const { t } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const { lang, tables, show } = useStudio();
  const operation = draft.operations.find((one) => one.op_id === conflict.op_id);
  const layer = operation?.entity ?? "";
  const schema = useQuery({ queryKey: ["schema", layer], queryFn: ({ signal }) => studioApi.schema(layer, signal), enabled: layer !== "", staleTime: 300_000 }).data;
  const [choice, setChoice] = useState<Record<string, Choice>>({});
  const mine = [...Object.keys(operation?.set ?? {}), ...(operation?.geometry ? ["geometry"] : [])];
  const fields = [...new Set([...conflict.fields, ...mine])];
  const isMine = (name: string) => (choice[name] ?? "mine") === "mine";
  const end = useMutation({
    mutationFn: (take: "mine" | "theirs" | "merged") => {
      const set: Values = {};
      for (const [name, value] of Object.entries(operation?.set ?? {})) if (isMine(name)) set[name] = value;
      const shape = operation?.geometry && isMine("geometry") ? { geometry: operation.geometry } : {};
      const isNothing = Object.keys(set).length === 0 && !("geometry" in shape);
      return draftsApi.resolve(draft.id, conflict.op_id, take === "merged" && isNothing ? "theirs" : take, take === "merged" && !isNothing ? { set, ...shape } : undefined);
    },
    onSuccess: onDone,
  });
  const words = end.error ? problemWords(end.error, lang, kit) : null;
  const text = (values: Values | null, name: string) => {
    if (name !== "geometry") return shown(values?.[name], schema?.properties[name], lang) || t("form.empty");
    const box = values?.["geometry"] ? boxOf([values["geometry"] as GeoJSON.Geometry]) : null;
    return box ? <button type="button" className="link" onClick={() => show({ box })}>{t("work.place")}</button> : t("conflict.shape");
  };
  const may = draft.may.includes("resolve");
  const pickable = may && conflict.there !== null && operation?.op === "update";
  const cell = (name: string, whose: Choice, values: Values | null) => (
    pickable && mine.includes(name)
      ? <label><input type="radio" name={`${conflict.op_id}${name}`} checked={isMine(name) === (whose === "mine")} onChange={() => setChoice({ ...choice, [name]: whose })} /> {text(values, name)}</label>
      : whose === "mine" && !mine.includes(name) ? "–" : text(values, name)
  );
  return (
    <section className="conflict" role="group" aria-label={t("conflict.title")} data-op={conflict.op_id}>
      <h3>{t("conflict.title")}: {pick(tables.find((one) => one.name === layer)?.title, lang)} {operation && labelOf({ ...conflict.there, ...conflict.seen }, operation.id)}</h3>
      <p>{conflict.there ? t("conflict.who", { who: conflict.actor, when: conflict.at ? moment(conflict.at, lang) : "" }) : t("conflict.gone")}</p>
      {conflict.there && operation?.op === "update" && (
        <table>
          <thead><tr><th>{t("conflict.field")}</th><th>{t("conflict.seen")}</th><th>{t("conflict.there")}</th><th>{t("conflict.yours")}</th></tr></thead>
          <tbody>{fields.map((name) => (
            <tr key={name} data-met={conflict.fields.includes(name)} data-name={name}>
              <th scope="row">{name === "geometry" ? t("work.geometry") : pick(schema?.properties[name]?.["x-title"], lang) || name}</th>
              <td>{text(conflict.seen, name)}</td><td>{cell(name, "theirs", conflict.there)}</td><td>{cell(name, "mine", { ...operation.set, ...conflict.yours })}</td>
            </tr>
          ))}</tbody>
        </table>
      )}
      {words && <p className="failed" role="alert">{words.title} {words.hint}</p>}
      {may ? (
        <>
          <div className="row-buttons">
            <button type="button" className="button" disabled={end.isPending} onClick={() => end.mutate("theirs")}>{t("conflict.takeTheirs")}</button>
            {conflict.there && <button type="button" className="button" disabled={end.isPending} onClick={() => end.mutate("mine")}>{t("conflict.keepMine")}</button>}
            {pickable && mine.length > 1 && <button type="button" className="button" disabled={end.isPending} onClick={() => end.mutate("merged")}>{t("conflict.merge")}</button>}
          </div>
          {draft.state === "approved" && <p className="quiet">{t("drafts.reopens")}</p>}
        </>
      ) : <p className="quiet">{t("drafts.ownerSettles", { who: draft.owner.name || draft.owner.account })}</p>}
    </section>
  );
}
