import { IconFocus2, IconLanguage, IconMinus, IconPlus, IconStack2, IconWorld } from "@tabler/icons-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Question } from "../kit/api/client";
import type { LookupAnswer, SearchResult } from "../kit/api/types";
import { boxOf } from "../kit/geometry/box";
import { circleAround, metresToEdge } from "../kit/geometry/edge";
import { distance, type Lang } from "../kit/format/format";
import type { TFunction } from "i18next";
import { pick } from "../kit/i18n";
import { unitInEnglish } from "../kit/i18n/english";
import type { CityMap } from "../kit/map/adapter";
import type { Standing } from "../kit/map/standing";
import { Answer, isGone } from "./answer/Answer";
import { Legend } from "./legend/Legend";
import { MapView, type MapState } from "./MapView";
import { SearchBox } from "./SearchBox";
import { Sheet, type SheetHeight } from "./Sheet";
import { useCatalog, useLang, useLive, useLookup, useNarrow, usePermalink } from "./usePortal";
import { useLocate } from "./useLocate";
import "./portal.css";

const PrintPage = lazy(() => import("./print/PrintPage").then((module) => ({ default: module.PrintPage })));

/** Below this zoom a tap means a province or a sea. */
const COUNTRY_ZOOM = 9;

function areaFound(map: CityMap, lon: number, lat: number, t: TFunction): SearchResult {
  const area = map.areaAt(lon, lat);
  const name = area?.name ?? "";
  const words = area?.isSea ? t("panel.sea") : area ? t("panel.province") : t("panel.outside");
  const hint = t("panel.zoomIn");
  return {
    kind: "admin_unit", layer: null, id: null, title: name || words, titles: { vi: name || words, en: name ? unitInEnglish(name) : words },
    subtitle: { vi: hint, en: hint }, note: null, lon, lat, bbox: null, zoom: null,
  };
}

/** A position that is known less well than this, in metres, says nothing about a plot. */
const ROUGHLY_M = 150;
/** Below this zoom a plot is too small to be recognised. */
const PLOT_ZOOM = 16;

/** What a device knows too roughly for an answer about a plot. */
function foundRoughly({ lon, lat, accuracyM }: Standing, t: TFunction): SearchResult {
  const title = (lng: Lang) => t("panel.roughly", { lng, metres: distance(accuracyM, lng) });
  return {
    kind: "admin_unit", layer: null, id: null, title: title("vi"), titles: { vi: title("vi"), en: title("en") },
    subtitle: { vi: t("panel.roughlyHint", { lng: "vi" }), en: t("panel.roughlyHint", { lng: "en" }) }, note: null, lon, lat, bbox: null, zoom: null,
  };
}

/** Within how many metres a spot is known, where its circle reaches over the edge of the plot that was answered. */
function leftOpen(standing: Standing | null, question: Question | null, answer: LookupAnswer | undefined): number | null {
  if (!standing || question?.kind !== "point" || question.lon !== standing.lon || question.lat !== standing.lat || !answer) return null;
  const isSure = answer.parcels.length === 1 && answer.parcels.every((plot) => (metresToEdge(standing.lon, standing.lat, plot.geometry) ?? 0) >= standing.accuracyM);
  return isSure ? null : standing.accuracyM;
}

/** Where the panel lies over the map, so that what is selected is not hidden by it. */
const roomAround = (narrow: boolean) =>
  narrow ? { top: 80, left: 16, right: 16, bottom: Math.round(innerHeight * 0.5) } : { top: 72, left: 48, right: 72, bottom: 48 };

export function Portal() {
  const { t } = useTranslation();
  const [link, change, arrivals] = usePermalink();
  const narrow = useNarrow();
  const catalog = useCatalog();
  const [lang, turnLanguage] = useLang(change, link.lang, catalog.data?.place?.language === "en" ? "en" : "vi");
  const lookup = useLookup(link.selection);
  const [mapState, setMapState] = useState<MapState>({ kind: "loading" });
  const map = mapState.kind === "ready" ? mapState.map : null;
  const online = useLive(map, lookup.data);
  const [found, setFound] = useState<SearchResult | null>(null);
  const [height, setHeight] = useState<SheetHeight>(link.selection ? "half" : "line");
  const [legendOpen, setLegendOpen] = useState(false);
  const [printing, setPrinting] = useState(false);
  const bringIntoSight = useRef(link.selection !== null && link.view === null);
  const legendButton = useRef<HTMLButtonElement>(null);
  // A chosen result is read on in the answer; a tap on the map leaves the focus on the map.
  const toRead = useRef(false);
  const place = catalog.data?.place ?? null;

  const ask = useCallback(
    (lon: number, lat: number) => {
      if (map && map.view().zoom < COUNTRY_ZOOM) {
        // A finger covers a province here: it is answered with the province or the sea, nothing nearer.
        setFound(areaFound(map, lon, lat, t));
        setHeight("half");
        change({ selection: null });
        return;
      }
      setFound(null);
      setHeight((now) => (now === "full" ? "full" : "half"));
      change({ selection: { kind: "point", lon, lat } });
    },
    [change, map, t],
  );

  const choose = useCallback(
    (result: SearchResult, onMap: CityMap | null) => {
      const room = roomAround(narrow);
      const isArea = result.kind === "admin_unit" || result.kind === "former_unit" || result.kind === "street";
      setFound(result);
      setHeight("half");
      toRead.current = true;
      if (result.bbox && (isArea || result.kind === "parcel")) onMap?.goTo({ box: result.bbox, maxZoom: result.zoom ?? 18 }, room);
      else onMap?.goTo({ lon: result.lon, lat: result.lat, ...(result.zoom ? { zoom: result.zoom } : {}) }, room);
      if (result.kind === "parcel" && result.id) change({ selection: { kind: "parcel", id: result.id }, near: { lon: result.lon, lat: result.lat } });
      else change({ selection: isArea ? null : { kind: "point", lon: result.lon, lat: result.lat } });
    },
    [change, narrow],
  );

  const close = useCallback(() => {
    setFound(null);
    setHeight("line");
    change({ selection: null });
    map?.focus();
  }, [change, map]);

  // Whoever came by keyboard goes on where they were: at the button behind the sheet.
  const printedFrom = useRef<HTMLElement | null>(null);
  const startPrint = useCallback(() => {
    printedFrom.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setPrinting(true);
  }, []);
  const endPrint = useCallback(() => setPrinting(false), []);
  useEffect(() => {
    if (!printing) printedFrom.current?.focus();
  }, [printing]);

  useEffect(() => {
    if (!toRead.current || (link.selection && lookup.isPending)) return;
    const first = document.querySelector<HTMLElement>(".answer-first[tabindex]");
    if (!first) return;
    toRead.current = false;
    first.focus({ preventScroll: true });
  });

  // One tab, bookmark and line of the browser's history a place.
  useEffect(() => {
    const asked = link.selection && lookup.data ? pick(lookup.data.answer, lang).split(":")[0] : found ? pick(found.titles, lang) : "";
    const served = place ? (lang === "vi" ? place.name_vi : place.name_en) : "";
    document.title = [asked, t("title"), served].filter(Boolean).join(" – ");
  }, [found, lang, link.selection, lookup.data, place, t]);

  const [standing, setStanding] = useState<Standing | null>(null);
  const locate = useLocate((here) => {
    const { lon, lat, accuracyM } = here;
    setStanding(here);
    map?.setStanding(here);
    const circle = boxOf([circleAround(lon, lat, accuracyM)]);
    if (circle) map?.goTo({ box: circle, maxZoom: 17.5 }, roomAround(narrow));
    setHeight((now) => (now === "full" ? "full" : "half"));
    if (accuracyM > ROUGHLY_M) {
      setFound(foundRoughly(here, t));
      return change({ selection: null });
    }
    setFound(null);
    change({ selection: { kind: "point", lon, lat } });
  });

  const gone = isGone(link.selection, lookup.error);
  const openPlace = useCallback((spot: { lon: number; lat: number }) => {
    toRead.current = true;
    setFound(null);
    change({ selection: { kind: "point", lon: spot.lon, lat: spot.lat } });
  }, [change]);
  const zoomToPlot = () => {
    const box = boxOf((lookup.data?.parcels ?? []).map((parcel) => parcel.geometry));
    if (box) map?.goTo({ box, maxZoom: 18.5 }, roomAround(narrow));
    // The button goes as the plot comes near: who pressed it reads on at the answer.
    document.querySelector<HTMLElement>(".answer-first[tabindex]")?.focus({ preventScroll: true });
  };

  // The link says where its plot lies, so that it still leads there when the plot has gone.
  const { selection } = link, at = lookup.data?.at;
  useEffect(() => {
    if (selection?.kind === "parcel" && at && !gone && !link.near) change({ near: { lon: at.lon, lat: at.lat } });
  }, [at, change, gone, link.near, selection]);

  // The selected plot is outlined; where there is none, the spot is marked.
  useEffect(() => {
    if (!map) return;
    const answer = gone ? undefined : lookup.data;
    if (!selection) return map.setSelection([]);
    if (gone && link.near) {
      map.setSelection([{ type: "Point", coordinates: [link.near.lon, link.near.lat] }]);
      if (bringIntoSight.current) map.goTo({ lon: link.near.lon, lat: link.near.lat, zoom: 18 }, roomAround(narrow));
      bringIntoSight.current = false;
      return;
    }
    const parcels = answer?.parcels ?? [];
    const spot: GeoJSON.Geometry[] = selection.kind === "point" && parcels.length === 0 ? [{ type: "Point", coordinates: [selection.lon, selection.lat] }] : [];
    map.setSelection([...parcels, ...spot]);
    const box = boxOf(parcels.map((parcel) => parcel.geometry));
    if (answer && bringIntoSight.current) {
      bringIntoSight.current = false;
      map.goTo(box ? { box, maxZoom: 18.5 } : { lon: answer.at.lon, lat: answer.at.lat }, roomAround(narrow));
    } else if (answer && !map.inSight(answer.at.lon, answer.at.lat, roomAround(narrow))) {
      // Out from under the sheet, at the zoom the reader chose.
      map.goTo({ lon: answer.at.lon, lat: answer.at.lat, zoom: map.view().zoom }, roomAround(narrow));
    }
  }, [map, lookup.data, gone, selection, link.near, narrow]);

  const layersOn = useMemo(() => new Set(link.on), [link.on]);
  const layersOff = useMemo(() => new Set(link.off), [link.off]);
  useEffect(() => map?.setLayers(layersOn, layersOff), [map, layersOn, layersOff]);
  useEffect(() => map?.setLanguage(lang), [map, lang]);

  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      if (printing) endPrint();
      else if (legendOpen) {
        setLegendOpen(false);
        legendButton.current?.focus();
      } else if (link.selection || found) close();
    };
    addEventListener("keydown", escape);
    return () => removeEventListener("keydown", escape);
  }, [close, endPrint, found, legendOpen, link.selection, printing]);

  // The browser's own print would show buttons over half a map: Ctrl+P opens the designed sheet, a second one prints it.
  useEffect(() => {
    const onPrint = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "p" || printing || mapState.kind !== "ready") return;
      event.preventDefault();
      startPrint();
    };
    addEventListener("keydown", onPrint);
    return () => removeEventListener("keydown", onPrint);
  }, [mapState.kind, printing, startPrint]);

  const home = () => {
    if (place?.bounds) map?.goTo({ box: place.bounds }, roomAround(narrow));
    else if (place) map?.goTo({ lon: place.centre[0], lat: place.centre[1], zoom: place.zoom }, roomAround(narrow));
  };

  const idle = !link.selection && !found;
  const search = <SearchBox lang={lang} isVietnamese={place === null || place.legal_srid !== null} near={link.view} suggestions={place?.suggestions ?? null} idle={idle} onChoose={(result) => choose(result, map)} />;
  const answer = (
    <Answer
      lang={lang}
      catalog={catalog.data ?? null}
      question={link.selection}
      found={found}
      lookup={lookup}
      place={link.near ?? (link.view && link.view.zoom >= PLOT_ZOOM ? link.view : null)}
      withinM={leftOpen(standing, link.selection, lookup.data)}
      isFar={(link.view?.zoom ?? place?.zoom ?? PLOT_ZOOM) < PLOT_ZOOM}
      onZoom={zoomToPlot}
      onOpen={openPlace}
      onClose={close}
      onPrint={startPrint}
    />
  );

  return (
    <>
      <div className="app" data-narrow={narrow} data-sheet={height} data-idle={idle} data-legend={legendOpen} inert={printing}>
        <a className="skip" href="#search" onClick={(event) => { event.preventDefault(); document.getElementById("search")?.focus(); }}>{t("skip")}</a>
        <main className="stage">
          <h1 className="unseen">{t("title")}{place ? ` – ${lang === "vi" ? place.name_vi : place.name_en}` : ""}</h1>
          {narrow ? (
            <>
              <header className="searchbar">{search}</header>
              <Sheet height={height} onHeight={setHeight}>{answer}</Sheet>
            </>
          ) : (
            <aside className="column" aria-label={t("panel.label")}>
              <div className="column-head">
                <p className="brand"><span className="brand-mark" aria-hidden="true" />{t("title")}{place && <span className="brand-place">{lang === "vi" ? place.name_vi : place.name_en}</span>}</p>
                {search}
              </div>
              <div className="column-body">{answer}</div>
            </aside>
          )}
          <MapView link={link} arrivals={arrivals} lang={lang} place={place} ready={!catalog.isPending} state={mapState} onState={setMapState} onAsk={ask} onMove={(view) => change({ view })} />
          <div className="controls top">
            <button ref={legendButton} type="button" className="button" aria-expanded={legendOpen} aria-controls="legend" onClick={() => setLegendOpen((open) => !open)}>
              <IconStack2 size={20} stroke={1.6} aria-hidden="true" />{t("layers.button")}
            </button>
            <button type="button" className="button" lang={lang === "vi" ? "en" : "vi"} onClick={turnLanguage}>
              <IconLanguage size={20} stroke={1.6} aria-hidden="true" />{t("controls.language")}
            </button>
          </div>
          {legendOpen && (
            <Legend
              lang={lang}
              catalog={catalog}
              style={mapState.kind === "ready" ? mapState.style : null}
              map={map}
              narrow={narrow}
              view={link.view}
              zoom={link.view?.zoom ?? place?.zoom ?? 16}
              on={layersOn}
              off={layersOff}
              onChange={change}
              onClose={() => { setLegendOpen(false); legendButton.current?.focus(); }}
            />
          )}
          <div className="controls side">
            <button type="button" className="button square" title={t("controls.zoomIn")} aria-label={t("controls.zoomIn")} onClick={() => map?.zoomBy(1)}><IconPlus size={20} stroke={1.6} /></button>
            <button type="button" className="button square" title={t("controls.zoomOut")} aria-label={t("controls.zoomOut")} onClick={() => map?.zoomBy(-1)}><IconMinus size={20} stroke={1.6} /></button>
            <button type="button" className="button square" title={t("controls.home")} aria-label={t("controls.home")} onClick={home}><IconWorld size={20} stroke={1.6} /></button>
            <button type="button" className="button square" title={t("controls.locate")} aria-label={t("controls.locate")} aria-busy={locate.busy} onClick={locate.start}><IconFocus2 size={20} stroke={1.6} /></button>
          </div>
          <footer className="edge">
            {place?.illustrative && <span className="edge-mark">{t("panel.illustrative").toLocaleLowerCase("vi")}</span>}
            {narrow ? (
              <details className="edge-fold">
                <summary>© OpenStreetMap · {t("credits")}</summary>
                <p className="edge-sources">{(place?.attribution ?? ["© OpenStreetMap contributors"]).join(" · ")}</p>
              </details>
            ) : <span className="edge-sources">{(place?.attribution ?? ["© OpenStreetMap contributors"]).join(" · ")}</span>}
          </footer>
          <div className="notices" role="status">
            {!online && <p className="notice">{t("offline")}</p>}
            {locate.failed && <p className="notice">{t("controls.noLocation")}</p>}
          </div>
        </main>
      </div>
      {printing && mapState.kind === "ready" && (
        <Suspense fallback={<p className="print-wait" role="status">{t("print.preparing")}</p>}>
          <PrintPage lang={lang} place={place} catalog={catalog.data ?? null} style={mapState.style} map={mapState.map} answer={lookup.data ?? null} title={found ? pick(found.titles, lang) : ""} on={layersOn} off={layersOff} onClose={endPrint} />
        </Suspense>
      )}
    </>
  );
}
