import type { UseQueryResult } from "@tanstack/react-query";
import { IconX } from "@tabler/icons-react";
import type { StyleSpecification } from "maplibre-gl";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Catalog, CatalogLayer, LegendEntry } from "../../kit/api/types";
import type { Lang } from "../../kit/format/format";
import { pick } from "../../kit/i18n";
import type { CityMap } from "../../kit/map/adapter";
import { layersOf, switched } from "../../kit/map/visibility";
import type { Permalink } from "../../kit/url/permalink";
import { bySight, entriesSeen, type Seen } from "./seen";
import { firstZoom, lookOf, type Look } from "./swatch";

interface Props {
  lang: Lang;
  catalog: UseQueryResult<Catalog>;
  style: StyleSpecification | null;
  map: CityMap | null;
  narrow: boolean;
  zoom: number;
  /** Changes with each move of the map. */
  view: Permalink["view"];
  on: ReadonlySet<string>;
  off: ReadonlySet<string>;
  onChange: (change: Partial<Permalink>) => void;
  onClose: () => void;
}

/** All layers with what they look like and what their colours mean: a switch each, readable without colours. */
export function Legend({ lang, catalog, style, map, narrow, zoom, view, on, off, onChange, onClose }: Props) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const drawn = useMemo(() => (style ? layersOf(style.layers) : new Map<string, boolean>()), [style]);
  const groups = useMemo(() => grouped(catalog.data ?? null, drawn), [catalog.data, drawn]);

  const [seen, setSeen] = useState<Seen>(new Map());
  // Anew after each move and when tiles have come; a switch moves no row from under the reader's finger.
  useEffect(() => {
    if (!map) return;
    let gone = false;
    setSeen(map.drawnNow());
    void map.settled().then(() => { if (!gone) setSeen(map.drawnNow()); });
    return () => { gone = true; };
  }, [map, view]);

  const isOn = (name: string) => (off.has(name) ? false : on.has(name) || (drawn.get(name) ?? false));
  const turn = (name: string, wanted: boolean) => onChange(switched({ on: [...on], off: [...off] }, name, drawn.get(name) ?? false, wanted));
  const { here } = bySight(groups.flatMap((group) => group.layers), seen);
  const elsewhere = groups.map((group) => ({ ...group, layers: bySight(group.layers, seen).elsewhere })).filter((group) => group.layers.length > 0);
  const row = (layer: CatalogLayer) => (
    <LayerRow key={layer.name} layer={layer} seen={seen} lang={lang} look={style ? lookOf(style.layers, layer.name) : null} later={style !== null && zoom < firstZoom(style.layers, layer.name)} on={isOn(layer.name)} onTurn={(wanted) => turn(layer.name, wanted)} />
  );
  const pulled = useRef<number | null>(null);

  return (
    <section id="legend" className="legend" aria-label={t("layers.title")}>
      <header
        className="legend-head"
        title={narrow ? t("layers.hide") : undefined}
        onPointerDown={(event) => { pulled.current = narrow ? event.clientY : null; }}
        onPointerMove={(event) => {
          if (pulled.current === null || event.clientY - pulled.current < 48) return;
          pulled.current = null;
          onClose();
        }}
        onPointerUp={() => { pulled.current = null; }}
      >
        <h2 ref={heading} tabIndex={-1}>{t("layers.title")}</h2>
        <button type="button" className="button square bare" aria-label={t("layers.close")} onClick={onClose}><IconX size={20} stroke={1.6} aria-hidden="true" /></button>
      </header>
      <div className="legend-body">
        {catalog.isPending && <div className="ghost-rows" aria-hidden="true"><span className="ghost" /><span className="ghost" /><span className="ghost" /></div>}
        {catalog.isError && <p className="failed">{t("layers.failed")}</p>}
        {groups.some((group) => group.layers.some((layer) => layer.generated)) && (
          <p className="legend-note"><svg width="18" height="18" aria-hidden="true"><Hatch width={18} height={18} /></svg>{t("layers.generatedNote")}</p>
        )}
        {catalog.data && (
          <fieldset className="legend-group">
            <legend>{t("layers.seen")}</legend>
            {here.length === 0 && <p className="quiet">{t("layers.nothingSeen")}</p>}
            {here.map(row)}
          </fieldset>
        )}
        {elsewhere.length > 0 && (
          <details className="legend-others" open={here.length === 0}>
            <summary>{t("layers.elsewhere")}</summary>
            {elsewhere.map((group) => (
              <fieldset key={group.name} className="legend-group">
                <legend>{pick(group.title, lang)}</legend>
                {group.layers.map(row)}
              </fieldset>
            ))}
          </details>
        )}
        {(on.size > 0 || off.size > 0) && <button type="button" className="button" onClick={() => onChange({ on: [], off: [] })}>{t("layers.reset")}</button>}
      </div>
    </section>
  );
}

/** The catalog's groups in its order, with the layers that the map draws. */
function grouped(catalog: Catalog | null, drawn: ReadonlyMap<string, boolean>) {
  if (!catalog) return [];
  return catalog.groups
    .map((group) => ({ ...group, layers: catalog.layers.filter((layer) => layer.group === group.name && drawn.has(layer.name)) }))
    .filter((group) => group.layers.length > 0);
}

interface RowProps { layer: CatalogLayer; seen: Seen; lang: Lang; look: Look | null; later: boolean; on: boolean; onTurn: (on: boolean) => void }

function LayerRow({ layer, seen, lang, look, later, on, onTurn }: RowProps) {
  const { t } = useTranslation();
  const entries = look?.byKind ? entriesSeen(layer, seen) : [];
  return (
    <div className="layer">
      <label className="layer-row">
        <input type="checkbox" checked={on} onChange={(event) => onTurn(event.target.checked)} />
        <LookSquare look={look} isArea={/polygon/.test(layer.geometry ?? "")} colour={layer.legend.find((entry) => entry.colour)?.colour ?? null} generated={layer.generated} />
        <span className="layer-name">{pick(layer.title, lang)}
          {(layer.generated || later) && <span className="quiet"> {[layer.generated ? t("layers.generated") : "", later ? t("layers.fromZoom") : ""].filter(Boolean).join(" · ")}</span>}
        </span>
      </label>
      {on && entries.length > 0 && <ul className="layer-codes">{entries.map((entry) => <EntryItem key={entry.value} entry={{ ...entry, colour: look?.marks.get(entry.value) ?? entry.colour }} lang={lang} />)}</ul>}
    </div>
  );
}

/** One colour and what it means; a code of the regulation stands before its meaning. */
export function EntryItem({ entry, lang }: { entry: LegendEntry; lang: Lang }) {
  const isCode = entry.value.length <= 4 && entry.value === entry.value.toUpperCase();
  return <li><span className="swatch" style={entry.colour ? { background: entry.colour } : undefined} aria-hidden="true" /><span>{isCode && <b>{entry.value} </b>}{pick(entry.title, lang)}</span></li>;
}

/** Fine diagonal lines: this was generated, not surveyed. */
function Hatch({ width, height }: { width: number; height: number }) {
  const id = useId();
  return (
    <>
      <defs><pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="5" stroke="#1F2A30" strokeOpacity="0.55" strokeWidth="1" /></pattern></defs>
      <rect width={width} height={height} fill={`url(#${id})`} />
    </>
  );
}

function LookSquare({ look, isArea, colour, generated }: { look: Look | null; isArea: boolean; colour: string | null; generated: boolean }) {
  const width = 28, height = 18;
  const fill = look?.fill ? (colour ?? look.fill) : null;
  const edge = look?.line && isArea && (!look.dash || !fill) ? look.line : null;
  const isWord = look !== null && !look.fill && !look.line && !look.dot;
  return (
    <svg className="look" width={width + 9} height={height} aria-hidden="true">
      <rect x="0.5" y="0.5" width={width - 1} height={height - 1} rx="2" fill={fill ?? "#FBFAF7"} fillOpacity={fill ? Math.max(look?.opacity ?? 1, 0.18) : 1} stroke={edge ?? "#D9DDD8"} strokeWidth={edge ? 1.3 : 1} strokeDasharray={edge && look?.dash ? "4 2" : undefined} />
      
      {look?.line && !edge && (!fill || look.dash) && !look.dot && <line x1="3" y1={height / 2} x2={width - 3} y2={height / 2} stroke={look.line} strokeWidth="2" strokeDasharray={look.dash ? "5 2.5" : undefined} />}
      {isWord && look.text && <text x={width / 2} y={height / 2 + 4} textAnchor="middle" fontSize="11" fontWeight="500" fill={look.text}>Aa</text>}
      {generated && <g transform={`translate(${width + 3} 0)`}><Hatch width={6} height={height} /></g>}
      {look?.dot && <circle cx={width / 2} cy={height / 2} r="4.5" fill={look.dot.fill} stroke={look.dot.line} strokeWidth="1.4" />}
    </svg>
  );
}
