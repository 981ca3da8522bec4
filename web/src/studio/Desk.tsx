import { useQuery } from "@tanstack/react-query";
import { IconArrowBackUp, IconArrowForwardUp, IconKeyboard, IconLanguage, IconLayoutBottombar, IconLayoutSidebar, IconLayoutSidebarRight, IconLogout } from "@tabler/icons-react";
import { type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Lang } from "../kit/format/format";
import { layersOf, switched } from "../kit/map/visibility";
import { problemWords } from "../kit/ui/problem";
import { useCatalog, useNarrow } from "../portal/usePortal";
import { draftsApi, type Me, Refusal, studioApi, type Verdict } from "./api";
import { CoordinateReadout, DrawController, DrawToolbar, Underlays } from "./draw";
import { AttributeTable } from "./parts/AttributeTable";
import { DraftsPanel } from "./parts/DraftsPanel";
import { FindingsPanel } from "./parts/FindingsPanel";
import { FormPanel } from "./parts/FormPanel";
import { Help } from "./parts/Help";
import { LayerList } from "./parts/LayerList";
import { type SelectMode, SelectTools } from "./parts/SelectTools";
import { Tabs } from "./parts/Tabs";
import { WorkPanel } from "./parts/WorkPanel";
import { draftOverlay, overlayOf } from "./state/overlay";
import { ready, useDrawing } from "./state/useDrawing";
import { useKeys } from "./state/useKeys";
import { useSelected } from "./state/useSelected";
import { useWork } from "./state/useWork";
import { keyOf } from "./state/work";
import { StudioContext, type StudioState } from "./StudioContext";
import { type MapState, StudioMap } from "./StudioMap";
import { useStudioLive } from "./useStudioLive";

type Panel = "left" | "right" | "bottom";
const MOST = 1000;
const ROOM = { top: 72, left: 48, right: 48, bottom: 56 };

interface Props { me: Me; lang: Lang; onLeave: () => void; inert: boolean }

/** Everything behind the door: map in the middle, paper around it. */
export function Desk({ me, lang, onLeave, inert }: Props) {
  const { t, i18n } = useTranslation("studio");
  const { t: kit } = useTranslation();
  const narrow = useNarrow();
  const catalog = useCatalog();
  const tables = useQuery({ queryKey: ["tables", me.account], queryFn: ({ signal }) => studioApi.tables(signal), staleTime: 300_000 });
  const list = useWork(me.account ?? "");
  const [mapState, setMapState] = useState<MapState>({ kind: "loading" });
  const map = mapState.kind === "ready" ? mapState.map : null;
  const [layer, setLayer] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string[]>([]);
  const [open, setOpen] = useState<Record<Panel, boolean>>({ left: true, right: true, bottom: true });
  const [onPhone, setOnPhone] = useState<Panel | "map">("map");
  const [left, setLeft] = useState("layers");
  const [right, setRight] = useState("form");
  const [help, setHelp] = useState(false);
  const [mode, setMode] = useState<SelectMode>("click");
  const [verdicts, setVerdictMap] = useState<ReadonlyMap<string, Verdict>>(new Map());
  const [draft, setDraftId] = useState<string | null>(null);
  const [links, setLinks] = useState<{ on: string[]; off: string[] }>({ on: [], off: [] });
  const [word, setWord] = useState<string | null>(null);
  const [controller, setController] = useState<DrawController | null>(null);
  const place = catalog.data?.place ?? null;

  const table = tables.data?.tables.find((one) => one.name === layer) ?? null;
  const schema = useQuery({ queryKey: ["schema", layer], queryFn: ({ signal }) => studioApi.schema(layer ?? "", signal), enabled: layer !== null, staleTime: 300_000 });
  const selected = useSelected(layer, chosen, list.work);
  const online = useStudioLive(map, controller);
  // A server that knows no drafts shows no page for them.
  const drafts = useQuery({ queryKey: ["drafts"], queryFn: ({ signal }) => draftsApi.list(signal), retry: false });
  const hasDrafts = !(drafts.error instanceof Refusal && drafts.error.status === 404);

  const choose = useCallback((name: string | null, ids: string[] = []) => {
    setLayer(name);
    setChosen(ids);
    if (ids.length > 0) setRight("form");
  }, []);
  const select = useCallback((ids: string[], how: "replace" | "toggle" | "add" = "replace") => {
    if (ids.length > 0) setRight("form");
    setChosen((now) => {
      if (how === "replace") return ids.slice(0, MOST);
      const given = new Set(ids), had = new Set(now);
      const fresh = ids.filter((id) => !had.has(id));
      return [...(how === "toggle" ? now.filter((id) => !given.has(id)) : now), ...fresh].slice(0, MOST);
    });
  }, []);
  const drawing = useDrawing(me.account ?? "", controller, list, tables.data?.tables ?? null, place, {
    onNew: useCallback((name: string, id: string) => choose(name, [id]), [choose]),
    onAgain: useCallback((of: { layer: string; id: string; isNew: boolean }) => {
      choose(of.layer, of.isNew ? [] : [of.id]);
      setWord(t("drawnAgain"));
    }, [choose, t]),
  });

  const defaults = useMemo(() => (mapState.kind === "ready" ? layersOf(mapState.style.layers) : new Map<string, boolean>()), [mapState]);
  const on = useMemo(() => new Set(links.on), [links]), off = useMemo(() => new Set(links.off), [links]);
  const isVisible = useCallback((name: string) => {
    const first = defaults.get(name);
    return first === undefined ? null : off.has(name) ? false : on.has(name) ? true : first;
  }, [defaults, on, off]);
  const turn = useCallback((name: string, visible: boolean) => setLinks((now) => switched(now, name, defaults.get(name) ?? true, visible)), [defaults]);
  const shownLayers = useRef<string[]>([]);
  shownLayers.current = [...defaults.keys()].filter((name) => isVisible(name));

  // One set of drawing tools for the life of the map.
  const legal = useRef<ReadonlySet<string>>(new Set());
  legal.current = new Set(tables.data?.tables.filter((one) => one.legal).map((one) => one.name));
  const titles = useRef(new Map<string, string>());
  titles.current = new Map(tables.data?.tables.map((one) => [one.name, one.title[lang]]));
  const speaks = useRef(lang);
  speaks.current = lang;
  useEffect(() => {
    if (!map) return;
    const tools = new DrawController(map, {
      layers: () => shownLayers.current, place: { srid: place?.legal_srid ?? null, bounds: place?.bounds ?? null },
      isLegal: (name) => legal.current.has(name), lang: () => speaks.current, title: (name) => titles.current.get(name) ?? name,
    });
    setController(tools);
    return () => {
      tools.dispose();
      setController(null);
    };
  }, [map, place]);

  useEffect(() => map?.setLanguage(lang), [map, lang]);
  useEffect(() => map?.setLayers(on, off), [map, on, off]);
  // A draft that has ended is drawn no more: what it held is published, or given up, and its tiles are refused.
  const opened = useQuery({ queryKey: ["draft", draft], queryFn: ({ signal }) => draftsApi.read(draft ?? "", signal), enabled: draft !== null, retry: false }).data;
  const overlay = draft && opened && opened.state !== "published" && opened.state !== "discarded" ? draft : null;
  useEffect(() => {
    if (map && overlay) map.setDraft(overlay);
    return () => {
      if (map && overlay) map.setDraft(null);
    };
  }, [map, overlay]);
  const drawnKey = drawing.of ? keyOf(drawing.of.layer, drawing.of.id) : null;
  useEffect(() => {
    map?.setSelection(selected.flatMap((row) => {
      const key = keyOf(row.layer, row.id), shape = list.work.items.get(key)?.shape ?? row.shape;
      return shape && key !== drawnKey ? [shape] : [];
    }));
  }, [map, selected, list.work, drawnKey]);
  const drawnDraft = useQuery({ queryKey: ["draft", draft], queryFn: ({ signal }) => draftsApi.read(draft ?? "", signal), enabled: draft !== null, retry: false }).data;
  const isOpen = drawnDraft !== undefined && drawnDraft.state !== "published" && drawnDraft.state !== "discarded" && drawnDraft.operations.length > 0;
  const compared = useQuery({ queryKey: ["draft", draft, "compare", drawnDraft?.revision], queryFn: ({ signal }) => draftsApi.compare(draft ?? "", signal), enabled: draft !== null && isOpen, retry: false }).data;
  // Somebody else went on with it: the tiles are of an older revision.
  const revision = drawnDraft?.revision;
  const drawnRevision = useRef<string | null>(null);
  useEffect(() => {
    const next = draft && revision !== undefined ? `${draft}/${revision}` : null;
    if (next && drawnRevision.current?.startsWith(`${draft}/`) && next !== drawnRevision.current) map?.refreshAll();
    drawnRevision.current = next;
  }, [map, draft, revision]);
  useEffect(() => {
    const ofDraft = draft && drawnDraft ? draftOverlay(isOpen ? compared : undefined, drawnDraft.comments) : [];
    map?.setWork([...ofDraft, ...overlayOf(list.work, verdicts, drawnKey)]);
  }, [map, list.work, verdicts, drawnKey, draft, drawnDraft, compared, isOpen]);
  useEffect(() => {
    controller?.changedHere([...list.work.items.values()].flatMap((pending) =>
      pending.shape && pending.seen ? [{ layer: pending.layer, id: pending.id, version: pending.seen.version, geometry: pending.shape }] : []));
  }, [controller, list.work]);
  // Opening an object of a layer that is switched off shows it.
  useEffect(() => {
    if (layer && isVisible(layer) === false) turn(layer, true);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [layer]);
  useEffect(() => {
    if (!drawing.of) return;
    setRight("form");
    // What was selected has nothing to do with a new object, and must not be deleted beside it.
    if (drawing.of.isNew) setChosen([]);
    // On a phone the hand draws on the map, not behind a form.
    setOnPhone("map");
  }, [drawing.of]);
  useEffect(() => {
    if (!word) return;
    const later = setTimeout(() => setWord(null), 4000);
    return () => clearTimeout(later);
  }, [word]);

  const show = useCallback((target: { at: [number, number] } | { box: [number, number, number, number] }) => {
    if (!map) return;
    setOnPhone("map");
    if ("at" in target) map.goTo({ lon: target.at[0], lat: target.at[1], zoom: Math.max(map.view().zoom, 18) }, ROOM);
    else map.goTo({ box: target.box, maxZoom: 19 }, ROOM);
  }, [map]);
  const isPlaced = Boolean(table?.geometry && table.geometry !== "none");
  const ask = async (lon: number, lat: number, more: boolean) => {
    if (!map || controller?.active) return;
    if (!table || !isPlaced) {
      const known = new Set(tables.data?.tables.map((one) => one.name));
      const top = map.objectsAt(lon, lat).find((one) => known.has(one.layer));
      if (top) choose(top.layer, [top.id]);
      return;
    }
    const [x, y] = map.project(lon, lat);
    const [west, north] = map.unproject(x - 4, y - 4), [east, south] = map.unproject(x + 4, y + 4);
    const size = (box: number[] | undefined) => (box ? (box[2]! - box[0]!) * (box[3]! - box[1]!) : 0);
    try {
      const found = (await studioApi.items(table.name, { bbox: [west, south, east, north], limit: 50 })).rows.sort((a, b) => size(a.bbox) - size(b.bbox));
      const first = found[0];
      if (!first) return more ? undefined : (setWord(t("select.none")), select([]));
      // A click again at the same spot goes on to what lies below.
      const at = chosen.length === 1 ? found.findIndex((row) => row.id === chosen[0]) : -1;
      select([(found[at + 1] ?? first).id], more ? "toggle" : "replace");
    } catch (cause) {
      setWord(problemWords(cause, lang, kit).title);
    }
  };
  const inPolygon = async (corners: [number, number][], more: boolean) => {
    if (!table) return;
    try {
      const found = await studioApi.items(table.name, { polygon: corners, limit: MOST });
      if (found.rows.length === 0) setWord(t("select.none"));
      else if (found.next) setWord(t("select.most", { count: MOST }));
      select(found.rows.map((row) => row.id), more ? "add" : "replace");
    } catch (cause) {
      setWord(problemWords(cause, lang, kit).title);
    }
  };

  const toggle = (panel: Panel) => setOpen((now) => ({ ...now, [panel]: !now[panel] }));
  const setVerdicts = useCallback((given: Verdict[]) => setVerdictMap(new Map(given.map((one) => [one.op_id, one]))), []);
  const setDraft = useCallback((id: string | null) => {
    setDraftId(id);
    if (id) setLeft("drafts");
  }, []);
  const state: StudioState | null = !tables.data ? null : {
    lang, me, place, map, tables: tables.data.tables, groups: tables.data.groups, table, schema: schema.data ?? null, choose, chosen, selected, select,
    list, verdicts, setVerdicts, controller, drawing, show, draft, setDraft, on, off, turn, isVisible,
  };
  useKeys(state, { setMode, setHelp, openWork: () => { setOpen((now) => ({ ...now, right: true })); setRight("work"); }, toggle: (at) => toggle((["left", "bottom", "right"] as const)[at] ?? "left") });

  const leave = () => {
    const count = list.work.items.size;
    if (count === 0 || confirm(t("leave", { count, name: me.account }))) onLeave();
  };
  if (tables.error) {
    const words = problemWords(tables.error, lang, kit);
    return (
      <main className="door"><div className="sign-in"><h1>{words.title}</h1><p>{t("noRights")}</p><p className="quiet">{words.hint}</p><button type="button" className="button" onClick={onLeave}>{t("signIn.out")}</button></div></main>
    );
  }
  if (!state || catalog.isPending) return <p className="map-word" role="status">…</p>;
  const panelButton = (panel: Panel, label: string, key: string, icon: ReactNode) => (
    <button type="button" className="tool" aria-pressed={open[panel]} title={`${label} (${key})`} aria-label={label} onClick={() => toggle(panel)}>{icon}</button>
  );
  const pending = list.work.items.size;

  return (
    <StudioContext.Provider value={state}>
      <div className="studio" data-narrow={narrow} data-left={open.left} data-right={open.right} data-bottom={open.bottom} data-page={left} data-phone={onPhone} inert={inert}>
        <header className="studio-top">
          <p className="brand"><a href="/" className="brand-link" title={t("signIn.portal")}><span className="brand-mark" aria-hidden="true" /></a><span className="brand-title">{t("title")}</span><span className="brand-place">{place ? (lang === "vi" ? place.name_vi : place.name_en) : ""}</span></p>
          <div className="tools">
            <button type="button" className="tool" disabled={list.work.done.length === 0 || drawing.of !== null} title={`${t("undo")} (Ctrl Z)`} aria-label={t("undo")} onClick={list.undo}><IconArrowBackUp size={18} stroke={1.6} /></button>
            <button type="button" className="tool" disabled={list.work.undone.length === 0 || drawing.of !== null} title={`${t("redo")} (Ctrl Y)`} aria-label={t("redo")} onClick={list.redo}><IconArrowForwardUp size={18} stroke={1.6} /></button>
            <button type="button" className="tool" data-pending={pending} onClick={() => { setOpen((now) => ({ ...now, right: true })); setRight("work"); setOnPhone("right"); }}>{t("panels.work")} <span className={pending > 0 ? "count" : "quiet"}>{pending}</span></button>
          </div>
          <div className="tools end">
            {!narrow && panelButton("left", t("panels.layers"), "1", <IconLayoutSidebar size={18} stroke={1.6} />)}
            {!narrow && panelButton("bottom", t("panels.table"), "2", <IconLayoutBottombar size={18} stroke={1.6} />)}
            {!narrow && panelButton("right", t("panels.form"), "3", <IconLayoutSidebarRight size={18} stroke={1.6} />)}
            {!narrow && <button type="button" className="tool" title={`${t("help.title")} (?)`} aria-label={t("help.title")} onClick={() => setHelp(true)}><IconKeyboard size={18} stroke={1.6} /></button>}
            <button type="button" className="tool" aria-label={kit("controls.language")} onClick={() => void i18n.changeLanguage(lang === "vi" ? "en" : "vi")}><IconLanguage size={18} stroke={1.6} aria-hidden="true" />{lang === "vi" ? "EN" : "VI"}</button>
            <button type="button" className="tool" title={t("signIn.as", { name: me.account })} onClick={leave}><IconLogout size={18} stroke={1.6} aria-hidden="true" /><span className="account">{me.account}</span></button>
          </div>
        </header>
        <aside className="studio-left" aria-label={t("panels.layers")}>
          <Tabs chosen={left} onChoose={setLeft} tabs={[{ name: "layers", title: t("panels.layers") }, ...(hasDrafts ? [{ name: "drafts", title: t("panels.drafts") }] : []), { name: "findings", title: t("panels.findings") }]} />
          <div className="panel-body">
            {/* It stays when another page is opened: a picture is compared with drafts too. */}
            <Underlays map={map} hidden={left !== "layers"} onGo={(box) => show({ box })} />
            {left === "layers" ? <LayerList /> : left === "drafts" ? <DraftsPanel /> : <FindingsPanel />}
          </div>
        </aside>
        <main className="studio-middle">
          <h1 className="unseen">{t("title")}</h1>
          <StudioMap lang={lang} place={place} state={mapState} onState={setMapState} onAsk={(lon, lat, more) => void ask(lon, lat, more)} onMove={() => undefined} />
          <SelectTools mode={mode} onMode={setMode} onPolygon={(corners, more) => void inPolygon(corners, more)} />
          {controller && <div className="studio-draw" data-on={drawing.of !== null}><DrawToolbar controller={controller} /></div>}
          {narrow && drawing.of && (
            <div className="studio-keep">
              <button type="button" className="button main" disabled={!ready(drawing)} onClick={() => { drawing.keep(); setOnPhone("right"); }}>{t("form.keepShape")}</button>
              <button type="button" className="button" onClick={drawing.cancel}>{t("form.dropShape")}</button>
            </div>
          )}
          {controller && !(narrow && drawing.of) && <div className="studio-coordinates"><CoordinateReadout controller={controller} /></div>}
          <div className="notices" role="status">
            {!online && <p className="notice">{kit("offline")}</p>}
            {list.unkept && <p className="notice">{t("unkept")}</p>}
            {word && <p className="notice">{word}</p>}
          </div>
        </main>
        <aside className="studio-right" aria-label={t("panels.form")}>
          <Tabs chosen={right} onChoose={setRight} tabs={[{ name: "form", title: t("panels.form") }, { name: "work", title: `${t("panels.work")} (${pending})` }]} />
          <div className="panel-body">{right === "form" ? <FormPanel /> : <WorkPanel />}</div>
        </aside>
        <section className="studio-bottom" aria-label={t("panels.table")}><AttributeTable /></section>
        {narrow && (
          <nav className="studio-tabs">
            {(["left", "map", "right", "bottom"] as const).map((one) => (
              <button key={one} type="button" aria-pressed={onPhone === one} onClick={() => setOnPhone(one)}>
                {t(one === "left" ? "panels.layers" : one === "right" ? "panels.form" : one === "bottom" ? "panels.table" : "panels.map")}{one === "right" && chosen.length > 0 && ` (${chosen.length})`}
              </button>
            ))}
          </nav>
        )}
        {help && <Help onClose={() => setHelp(false)} />}
      </div>
    </StudioContext.Provider>
  );
}
