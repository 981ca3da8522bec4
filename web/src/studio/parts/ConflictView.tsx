import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import { type Conflict, studioApi } from "../api";
import { moment } from "../../kit/format/format";
import { type Choice, resolved, wanted } from "../state/resolve";
import { shown } from "../state/values";
import type { Pending } from "../state/work";
import { useStudio } from "../StudioContext";
import { labelOf } from "./FormPanel";

/** Three versions side by side: what was seen, what is there, what one wants; and whose stays, attribute by attribute. */
export function ConflictView({ itemKey, pending, conflict }: { itemKey: string; pending: Pending; conflict: Conflict }) {
  const { t } = useTranslation("studio");
  const { lang, list, tables } = useStudio();
  const schema = useQuery({ queryKey: ["schema", pending.layer], queryFn: ({ signal }) => studioApi.schema(pending.layer, signal), staleTime: 300_000 }).data;
  const [choice, setChoice] = useState<Record<string, Choice>>({});
  const mine = wanted(pending), fields = [...new Set([...conflict.fields, ...mine])];
  const met = (field: string) => conflict.fields.includes(field);
  const end = (choose: (field: string) => Choice) => list.take([resolved(itemKey, pending, conflict, choose)]);
  const property = (name: string) => schema?.properties[name];
  const text = (values: Record<string, unknown> | null, name: string) => (name === "geometry" ? (values?.["geometry"] ? t("conflict.shape") : t("form.empty")) : shown(values?.[name], property(name), lang) || t("form.empty"));
  const yours = { ...pending.set, ...(pending.geometry ? { geometry: pending.geometry } : {}) };
  return (
    <section className="conflict" role="group" aria-label={t("conflict.title")}>
      <h3>{t("conflict.title")}: {pick(tables.find((one) => one.name === pending.layer)?.title, lang)} {labelOf({ ...conflict.there, ...conflict.seen }, pending.id)}</h3>
      <p>{conflict.there ? t("conflict.who", { who: conflict.actor, when: conflict.at ? moment(conflict.at, lang) : "" }) : t("conflict.gone")}</p>
      {conflict.there && pending.op !== "delete" && (
        <table>
          <thead><tr><th>{t("conflict.field")}</th><th>{t("conflict.seen")}</th><th>{t("conflict.there")}</th><th>{t("conflict.yours")}</th></tr></thead>
          <tbody>
            {fields.map((name) => {
              const wants = mine.includes(name), now = choice[name] ?? "mine";
              return (
                <tr key={name} data-met={met(name)}>
                  <th scope="row">{name === "geometry" ? t("work.geometry") : pick(property(name)?.["x-title"], lang) || name}</th>
                  <td>{text(conflict.seen, name)}</td>
                  <td>{wants ? <label><input type="radio" name={`${pending.opId}${name}`} checked={now === "theirs"} onChange={() => setChoice({ ...choice, [name]: "theirs" })} /> {text(conflict.there, name)}</label> : text(conflict.there, name)}</td>
                  <td>{wants ? <label><input type="radio" name={`${pending.opId}${name}`} checked={now === "mine"} onChange={() => setChoice({ ...choice, [name]: "mine" })} /> {text(yours, name)}</label> : "–"}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      <div className="row-buttons">
        <button type="button" className="button" onClick={() => end(() => "theirs")}>{t("conflict.takeTheirs")}</button>
        {conflict.there && <button type="button" className="button" onClick={() => end(() => "mine")}>{t("conflict.keepMine")}</button>}
        {conflict.there && pending.op !== "delete" && fields.length > 1 && <button type="button" className="button" onClick={() => end((field) => choice[field] ?? "mine")}>{t("conflict.merge")}</button>}
      </div>
    </section>
  );
}
