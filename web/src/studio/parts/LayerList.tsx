import { IconLock, IconPencil } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { number } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { useStudio } from "../StudioContext";

/** The layers with what one may do to each, and why not. */
export function LayerList() {
  const { t } = useTranslation("studio");
  const { lang, tables, groups, table, choose, turn, isVisible } = useStudio();
  const named = groups.map((group) => ({ ...group, own: tables.filter((one) => one.group === group.name) })).filter(({ own }) => own.length > 0);
  return (
    <div className="layer-list">
      {tables.length === 0 && <p className="pad quiet">{t("layers.none")}</p>}
      {named.map((group) => (
        <section key={group.name}>
          <h2>{pick(group.title, lang)}</h2>
          <ul>
            {group.own.map((one) => {
              const title = pick(one.title, lang), visible = isVisible(one.name);
              return (
                <li key={one.name} className="layer-line" data-chosen={table?.name === one.name}>
                  {visible === null ? <span className="layer-no-map" title={t("layers.noPlace")} /> : (
                    <input type="checkbox" checked={visible} aria-label={t("layers.shown", { name: title })} title={t("layers.shown", { name: title })} onChange={(event) => turn(one.name, event.target.checked)} />
                  )}
                  <button type="button" className="layer-button" aria-pressed={table?.name === one.name} onClick={() => choose(one.name)}>
                    <span>{title}{one.count !== null && <>{" "}<small className="quiet">{number(one.count, lang, 0)}</small></>}</span>
                    <span className="layer-state" title={pick(one.edit.reason, lang)} data-may={one.edit.may}>
                      {one.edit.may ? <IconPencil size={14} stroke={1.6} aria-label={t("layers.editable")} /> : <IconLock size={14} stroke={1.6} aria-label={t("layers.readOnly")} />}
                    </span>
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
      ))}
    </div>
  );
}
