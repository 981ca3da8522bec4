import { IconLock } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { pick } from "../../kit/i18n";
import { useStudio } from "../StudioContext";

/** The layers of one's area, with what one may do to each. */
export function LayerList() {
  const { t } = useTranslation("studio");
  const { lang, catalog, tables, table, choose } = useStudio();
  const groups = catalog.groups.map((group) => ({ group, own: tables.filter((one) => one.group === group.name) })).filter(({ own }) => own.length > 0);
  return (
    <div className="layer-list">
      {groups.map(({ group, own }) => (
        <section key={group.name}>
          <h2>{pick(group.title, lang)}</h2>
          <ul>
            {own.map((one) => (
              <li key={one.name}>
                <button type="button" className="layer-button" aria-pressed={table?.name === one.name} onClick={() => choose(one.name)}>
                  <span>{pick(one.title, lang)}</span>
                  {!one.edit.may && <span className="quiet" title={pick(one.edit.reason, lang)}><IconLock size={14} stroke={1.6} aria-hidden="true" />{t("layers.readOnly")}</span>}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
