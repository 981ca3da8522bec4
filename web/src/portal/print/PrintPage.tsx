import type { StyleSpecification } from "maplibre-gl";
import qrcode from "qrcode-generator";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Catalog, LookupAnswer, Place } from "../../kit/api/types";
import { boxOf } from "../../kit/geometry/box";
import { toGrid, zoneName } from "../../kit/geometry/vn2000";
import { date, number, type Lang } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import { CityMap } from "../../kit/map/adapter";
import { planName, plansOf } from "../answer/plans";
import { EntryItem } from "../legend/Legend";
import { entriesSeen, type Seen } from "../legend/seen";
import { lookOf } from "../legend/swatch";
import { gridLines, gridStep, scaleFor, scaleToFit, SCALES, zoomOf, type GridLine } from "./scale";
import "./print.css";

interface Props {
  lang: Lang;
  place: Place | null;
  catalog: Catalog | null;
  style: StyleSpecification;
  map: CityMap;
  answer: LookupAnswer | null;
  /** What was found, where nothing was asked about a spot. */
  title: string;
  on: ReadonlySet<string>;
  off: ReadonlySet<string>;
  onClose: () => void;
}

/** The map's room on the A4 sheet, in CSS pixels (184 × 148 mm). */
const WIDTH = 695, HEIGHT = 560;
/** More kinds than this do not fit the sheet's legend. */
const MOST_KINDS = 12;

interface Drawn { picture: string; grid: GridLine[]; seen: Seen }

/** One A4 sheet: what was asked, the map to scale with grid and north, the sources, the date, and the way back. */
export function PrintPage({ lang, place, catalog, style, map, answer, title, on, off, onClose }: Props) {
  const { t } = useTranslation();
  const container = useRef<HTMLDivElement>(null);
  const goButton = useRef<HTMLButtonElement>(null);
  const centre = useMemo(() => middleOf(answer, map), [answer, map]);
  const [scale, setScale] = useState(() => startScale(answer, map));
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const srid = place?.legal_srid ?? null;
  const step = gridStep(scale);

  useEffect(() => {
    if (!container.current) return;
    setDrawn(null);
    let gone = false;
    const sheet = new CityMap(container.current, {
      style, lang, label: t("print.title"), bounds: null, print: { pixelRatio: 2 },
      view: { lon: centre.lon, lat: centre.lat, zoom: zoomOf(scale, centre.lat) },
      listener: {
        asked: () => undefined,
        moved: () => undefined,
        ready: () => {
          sheet.setSelection(answer?.parcels ?? []);
          void sheet.settled().then(() => {
            if (!gone) setDrawn({ picture: sheet.picture(), grid: srid === null ? [] : gridOf(sheet, srid, step), seen: sheet.drawnNow() });
          });
        },
      },
    });
    sheet.setLayers(on, off);
    return () => {
      gone = true;
      sheet.remove();
    };
  }, [answer, centre, lang, off, on, scale, srid, step, style, t]);

  useEffect(() => goButton.current?.focus(), []);

  return (
    <div className="print-room" role="dialog" aria-modal="true" aria-label={t("print.preview")}>
      <div className="print-bar">
        <button type="button" className="button bare" onClick={onClose}>{t("print.back")}</button>
        <label>{t("print.scaleChoose")}{" "}
          <select value={scale} onChange={(event) => setScale(Number(event.target.value))}>
            {SCALES.map((one) => <option key={one} value={one}>1:{number(one, lang)}</option>)}
          </select>
        </label>
        <button ref={goButton} type="button" className="button main" disabled={drawn === null} onClick={() => print()}>{drawn ? t("print.go") : t("print.preparing")}</button>
      </div>
      <article className="sheet-a4">
        <header>
          <p className="sheet-kind">{t("print.title")}{place ? ` · ${lang === "vi" ? place.name_vi : place.name_en}` : ""}</p>
          <h2>{(answer ? pick(answer.answer, lang) : title) || (place ? (lang === "vi" ? place.name_vi : place.name_en) : t("title"))}</h2>
          {answer?.ground && <p>{pick(answer.ground, lang)}</p>}
          {answer?.beside && <p>{pick(answer.beside, lang)}</p>}
        </header>
        <figure className="sheet-map" style={{ width: WIDTH, height: HEIGHT }}>
          <div ref={container} className="sheet-canvas" />
          {drawn && <img src={drawn.picture} alt="" width={WIDTH} height={HEIGHT} />}
          {drawn && <Grid lines={drawn.grid} />}
          <svg className="sheet-north" viewBox="0 0 40 56" aria-hidden="true"><path d="M20 16 30 50 20 43 10 50Z" fill="#FBFAF7" stroke="#1F2A30" strokeWidth="1.4" strokeLinejoin="round" /><path d="M20 16v27l-10 7Z" fill="#1F2A30" /><text x="20" y="12" textAnchor="middle">{t("print.north")}</text></svg>
          {place?.illustrative && <p className="sheet-mark">{t("panel.illustrative").toLocaleLowerCase("vi")}</p>}
        </figure>
        {drawn && catalog && <SheetLegend catalog={catalog} style={style} seen={drawn.seen} lang={lang} />}
        <div className="sheet-foot">
          <div>
            <ScaleBar scale={scale} lang={lang} />
            <p>{srid !== null ? t("print.grid", { name: zoneName(srid), step: number(step, lang) }) : "WGS 84"}</p>
            {answer && plansOf(answer).map((plan) => <p key={plan.id}>{[planName(plan, lang), plan.decision_number, plan.decision_date ? date(plan.decision_date) : null].filter(Boolean).join(" · ")}</p>)}
            <p>{(place?.attribution ?? []).join(" · ")}</p>
            <p><b>{t("print.notice")}</b>{place?.illustrative ? ` ${t("panel.illustrativeNote")}` : ""}</p>
            <p>{t("print.date")}: {date(today())}</p>
          </div>
          <Qr text={location.href} label={t("print.link")} />
        </div>
      </article>
    </div>
  );
}

/** What the colours on this sheet mean: of the layers that fill areas, the kinds that are drawn on it. */
function SheetLegend({ catalog, style, seen, lang }: { catalog: Catalog; style: StyleSpecification; seen: Seen; lang: Lang }) {
  const { t } = useTranslation();
  const kinds = catalog.layers
    .filter((layer) => layer.group === "planning" || layer.group === "land")
    .filter((layer) => lookOf(style.layers, layer.name).byKind)
    .flatMap((layer) => entriesSeen(layer, seen));
  if (kinds.length === 0) return null;
  return (
    <section className="sheet-legend" aria-label={t("print.legend")}>
      <ul>{kinds.slice(0, MOST_KINDS).map((entry) => <EntryItem key={entry.value} entry={entry} lang={lang} />)}</ul>
    </section>
  );
}

const today = () => {
  const now = new Date();
  return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
};

function middleOf(answer: LookupAnswer | null, map: CityMap): { lon: number; lat: number } {
  const box = answer ? boxOf(answer.parcels.map((parcel) => parcel.geometry)) : null;
  if (box) return { lon: (box[0] + box[2]) / 2, lat: (box[1] + box[3]) / 2 };
  return answer ? answer.at : map.view();
}

function startScale(answer: LookupAnswer | null, map: CityMap): number {
  const view = map.view();
  const box = answer ? boxOf(answer.parcels.map((parcel) => parcel.geometry)) : null;
  if (!box) return scaleFor(view.zoom, view.lat);
  // The whole plot, with something of its neighbours around it.
  return Math.max(500, Math.min(scaleFor(view.zoom, view.lat), 2000), scaleToFit(box, WIDTH, HEIGHT));
}

function gridOf(sheet: CityMap, srid: number, step: number): GridLine[] {
  return gridLines(WIDTH, HEIGHT, step, (x, y) => {
    const [lon, lat] = sheet.unproject(x, y);
    return toGrid(lon, lat, srid);
  });
}

function Grid({ lines }: { lines: GridLine[] }) {
  return (
    <svg className="sheet-grid" width={WIDTH} height={HEIGHT} aria-hidden="true">
      {lines.map((line) => <line key={`${line.edge}${line.label}`} x1={line.x1} y1={line.y1} x2={line.x2} y2={line.y2} />)}
      {lines.map((line) => line.edge === "top"
        ? <text key={`t${line.label}`} x={line.x1 + 3} y={11}>{line.label}</text>
        : <text key={`l${line.label}`} x={3} y={line.y1 - 3}>{line.label}</text>)}
    </svg>
  );
}

/** A bar of a round length, five centimetres of paper at most. */
function ScaleBar({ scale, lang }: { scale: number; lang: Lang }) {
  const { t } = useTranslation();
  const metres = gridStep(scale);
  const pixels = metres / scale / (0.0254 / 96);
  return (
    <p className="sheet-scale">
      <b>{t("print.scale")} 1:{number(scale, lang)}</b>
      <svg width={pixels + 2} height="10" aria-hidden="true"><path d={`M1 1v8h${pixels}v-8M${pixels / 2 + 1} 5v4`} fill="none" stroke="#1F2A30" strokeWidth="1.2" /></svg>
      {metres >= 1000 ? `${number(metres / 1000, lang)} km` : `${number(metres, lang)} m`}
    </p>
  );
}

function Qr({ text, label }: { text: string; label: string }) {
  const path = useMemo(() => {
    const code = qrcode(0, "M");
    code.addData(text);
    code.make();
    const count = code.getModuleCount();
    let d = "";
    for (let row = 0; row < count; row++) for (let column = 0; column < count; column++) if (code.isDark(row, column)) d += `M${column} ${row}h1v1h-1z`;
    return { d, count };
  }, [text]);
  return (
    <figure className="sheet-qr">
      <svg viewBox={`-2 -2 ${path.count + 4} ${path.count + 4}`} role="img" aria-label={label}><path d={path.d} fill="#1F2A30" /></svg>
      <figcaption>{label}</figcaption>
    </figure>
  );
}
