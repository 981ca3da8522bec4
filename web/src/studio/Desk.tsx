import { IconArrowBackUp, IconArrowForwardUp, IconLanguage, IconLayoutBottombar, IconLayoutSidebar, IconLayoutSidebarRight, IconLogout } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Lang } from "../kit/format/format";
import { useCatalog, useNarrow } from "../portal/usePortal";
import type { Me, Table } from "./api";
import { LayerList } from "./parts/LayerList";
import { useWork } from "./state/useWork";
import type { Row } from "./state/work";
import { type MapState, StudioMap } from "./StudioMap";
import { StudioContext, type StudioState } from "./StudioContext";
import { useStudioLive } from "./useStudioLive";

type Panel = "left" | "right" | "bottom";

interface Props { me: Me; lang: Lang; onLeave: () => void; inert: boolean }

/** Everything behind the door: map in the middle, paper around it. */
export function Desk({ me, lang, onLeave, inert }: Props) {
  const { t, i18n } = useTranslation("studio");
  const narrow = useNarrow();
  const catalog = useCatalog();
  const list = useWork(me.account ?? "");
  const [mapState, setMapState] = useState<MapState>({ kind: "loading" });
  const map = mapState.kind === "ready" ? mapState.map : null;
  const [chosen, setChosen] = useState<string | null>(null);
  const [selected, setSelected] = useState<Row[]>([]);
  const [open, setOpen] = useState<Record<Panel, boolean>>({ left: true, right: true, bottom: true });
  const [onPhone, setOnPhone] = useState<Panel | "map">("map");
  const online = useStudioLive(map);

  const tables = useMemo<Table[]>(
    () => (catalog.data?.layers ?? []).map((layer) => ({ ...layer, legal_srid: null, count: null, edit: { may: true, reason: { vi: "", en: "" }, area: null } })),
    [catalog.data],
  );
  const table = tables.find((one) => one.name === chosen) ?? null;
  const choose = useCallback((layer: string | null) => {
    setChosen(layer);
    setSelected([]);
  }, []);
  const select = useCallback((rows: Row[], how: "replace" | "toggle" = "replace") => {
    setSelected((now) => {
      if (how === "replace") return rows;
      const given = new Set(rows.map((row) => row.id)), had = new Set(now.map((row) => row.id));
      return [...now.filter((row) => !given.has(row.id)), ...rows.filter((row) => !had.has(row.id))];
    });
  }, []);

  useEffect(() => map?.setLanguage(lang), [map, lang]);
  useEffect(() => map?.setSelection(selected.flatMap((row) => (row.shape ? [row.shape] : []))), [map, selected]);
  useEffect(() => {
    document.title = t("title");
  }, [t, lang]);

  const toggle = (panel: Panel) => setOpen((now) => ({ ...now, [panel]: !now[panel] }));
  const place = catalog.data?.place ?? null;
  if (!catalog.data) return <p className="map-word" role="status">…</p>;
  const state: StudioState = { lang, me, catalog: catalog.data, place, map, tables, table, choose, selected, select, list };
  const panelButton = (panel: Panel, label: string, icon: React.ReactNode) => (
    <button type="button" className="tool" aria-pressed={open[panel]} title={label} aria-label={label} onClick={() => toggle(panel)}>{icon}</button>
  );

  return (
    <StudioContext.Provider value={state}>
      <div className="studio" data-narrow={narrow} data-left={open.left} data-right={open.right} data-bottom={open.bottom} data-phone={onPhone} inert={inert}>
        <header className="studio-top">
          <p className="brand"><span className="brand-mark" aria-hidden="true" />{t("title")}<span className="brand-place">{place ? (lang === "vi" ? place.name_vi : place.name_en) : ""}</span></p>
          <div className="tools" role="toolbar" aria-label={t("panels.work")}>
            <button type="button" className="tool" disabled={list.work.done.length === 0} title={`${t("undo")} (Ctrl+Z)`} aria-label={t("undo")} onClick={list.undo}><IconArrowBackUp size={18} stroke={1.6} /></button>
            <button type="button" className="tool" disabled={list.work.undone.length === 0} title={`${t("redo")} (Ctrl+Y)`} aria-label={t("redo")} onClick={list.redo}><IconArrowForwardUp size={18} stroke={1.6} /></button>
          </div>
          <div className="tools end">
            {!narrow && panelButton("left", t("panels.layers"), <IconLayoutSidebar size={18} stroke={1.6} />)}
            {!narrow && panelButton("bottom", t("panels.table"), <IconLayoutBottombar size={18} stroke={1.6} />)}
            {!narrow && panelButton("right", t("panels.form"), <IconLayoutSidebarRight size={18} stroke={1.6} />)}
            <button type="button" className="tool" onClick={() => void i18n.changeLanguage(lang === "vi" ? "en" : "vi")}><IconLanguage size={18} stroke={1.6} aria-hidden="true" />{lang === "vi" ? "EN" : "VI"}</button>
            <button type="button" className="tool" title={t("signIn.as", { name: me.account })} onClick={onLeave}><IconLogout size={18} stroke={1.6} aria-hidden="true" />{me.account}</button>
          </div>
        </header>
        <aside className="studio-left" aria-label={t("panels.layers")}><LayerList /></aside>
        <main className="studio-middle">
          <StudioMap lang={lang} place={place} state={mapState} onState={setMapState} onAsk={() => undefined} onMove={() => undefined} />
          <div className="studio-draw" />
          <div className="studio-coordinates" />
          <div className="notices" role="status">
            {!online && <p className="notice">{t("offline", { ns: "translation" })}</p>}
            {list.unkept && <p className="notice">{t("unkept")}</p>}
          </div>
        </main>
        <aside className="studio-right" aria-label={t("panels.form")}><p className="quiet pad">{t("form.none")} {t("form.noneHint")}</p></aside>
        <section className="studio-bottom" aria-label={t("panels.table")}><p className="quiet pad">{t("table.none")}</p></section>
        {narrow && (
          <nav className="studio-tabs">
            {(["left", "map", "right", "bottom"] as const).map((one) => (
              <button key={one} type="button" aria-pressed={onPhone === one} onClick={() => setOnPhone(one)}>
                {t(one === "left" ? "panels.layers" : one === "right" ? "panels.form" : one === "bottom" ? "panels.table" : "panels.map")}
              </button>
            ))}
          </nav>
        )}
      </div>
    </StudioContext.Provider>
  );
}
