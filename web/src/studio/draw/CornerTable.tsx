import { IconCopy, IconPrinter, IconX } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";
import { area, number } from "../../kit/format/format";
import { centralMeridian, ZONES, zoneName } from "../../kit/geometry/vn2000";
import type { DrawController } from "./controller";
import { areaOf, asDms, lengthOf } from "./measure";
import { planeOf } from "./plane";
import { sketchOf, type Sketch } from "./sketch";
import { placeTable } from "./table/place";
import { readTable } from "./table/read";
import { asTsv, tableOf, type TableWords } from "./table/write";
import { useDraw, useDrawWords } from "./useDraw";
import "./draw.css";

interface Props {
  controller: DrawController;
  /** The chosen feature, whose table can be taken while nothing is edited. */
  shape?: GeoJSON.Geometry | null;
  /** What heads the printed table: `Thửa 345, tờ 12`. */
  title?: string;
}

/** Corner tables in and out. Pasting is offered while a shape is edited. */
export function CornerTable({ controller, shape = null, title }: Props) {
  const { t } = useDrawWords();
  const view = useDraw(controller);
  const [wanted, setPage] = useState<"in" | "out" | null>(null);
  const editing = view.subject !== null;
  const page = !editing ? "out" : (wanted ?? (view.drawn?.geometry ? "out" : "in"));
  const geometry = editing ? view.drawn?.geometry : shape;
  const sketch = useMemo(() => (geometry ? sketchOf(geometry) : null), [geometry]);
  useEffect(() => {
    if (page === "out") controller.preview(null);
  }, [controller, page]);
  if (!view.table) return null;
  return (
    <section className="corner-table" aria-label={t("table.title")}>
      <header>
        <h2>{t("table.title")}</h2>
        <button type="button" className="button bare square" aria-label={t("table.close")} onClick={() => controller.setTable(false)}><IconX size={18} /></button>
      </header>
      {editing && (
        <div className="corner-pages" role="group" aria-label={t("table.title")}>
          <button type="button" aria-pressed={page === "in"} onClick={() => setPage("in")}>{t("table.paste")}</button>
          <button type="button" aria-pressed={page === "out"} onClick={() => setPage("out")}>{t("table.out")}</button>
        </div>
      )}
      {page === "in" ? <TableIn controller={controller} onTaken={() => setPage("out")} /> : <TableOut controller={controller} sketch={sketch} title={title} />}
    </section>
  );
}

function TableIn({ controller, onTaken }: { controller: DrawController; onTaken: () => void }) {
  const { t, lang } = useDrawWords();
  const view = useDraw(controller);
  const [text, setText] = useState("");
  const [zone, setZone] = useState<number>(controller.srid !== null && centralMeridian(controller.srid) !== null ? controller.srid : 5897);
  const read = useMemo(() => readTable(text), [text]);
  const placed = useMemo(() => placeTable(read, zone, view.kind, controller.bounds), [read, zone, view.kind, controller]);
  const count = read.rings.reduce((sum, ring) => sum + ring.corners.length, 0);
  useEffect(() => {
    controller.preview(placed.sketch, placed.sketch !== null && placed.outside === null);
    return () => controller.preview(null);
  }, [controller, placed]);
  const first = placed.sketch?.parts[0]?.[0]?.[0];
  const plane = first ? planeOf(zone, first) : null;
  const enough = count >= { point: 1, line: 2, polygon: 3 }[view.kind];
  return (
    <div className="corner-in">
      <label htmlFor="corner-text">{t("table.input")}</label>
      <textarea id="corner-text" rows={7} value={text} onChange={(event) => setText(event.target.value)} spellCheck={false} placeholder={"1\t1191000,123\t603000,456\t10,00\n2\t1191010,123\t603000,456\t5,00"} aria-describedby="corner-hint" />
      <p id="corner-hint" className="quiet">{t("table.inputHint")}</p>
      <label className="corner-zone">{t("table.zone")} <select value={zone} onChange={(event) => setZone(Number(event.target.value))}>{ZONES.map((srid) => <option key={srid} value={srid}>{zoneName(srid)}</option>)}</select></label>
      <div role="status" className="corner-said">
        {text.trim() === "" ? <p className="quiet">{t("table.emptyIn")}</p> : (
          <>
            <p><b>{t("table.read", { count })}</b>{read.rings.length > 1 && `, ${t("table.rings", { count: read.rings.length })}`}
              {plane && placed.sketch && view.kind === "polygon" && <> · {t("table.area")} <b>{area(areaOf(placed.sketch, plane), lang)}</b> · {t("table.perimeter")} {number(lengthOf(placed.sketch, plane), lang, 2)} m</>}</p>
            {read.swapped && !read.orderNamed && <p className="warn">△ {t("table.swapped")}</p>}
            {placed.outside && <p className="bad">✕ {t("table.outside")} {placed.outside.fits.slice(0, 2).map((srid) => <button key={srid} type="button" className="button bare" onClick={() => setZone(srid)}>{t("table.useZone", { zone: zoneName(srid) })}</button>)}</p>}
            <ul>
              {read.problems.map((problem) => <li key={`${problem.line}${problem.rule}`} className={problem.rule === "other_order" ? "warn" : "bad"} data-line={problem.line}>{problem.rule === "other_order" ? "△" : "✕"} {t("table.line", { line: problem.line })}: {t(`table.${problem.rule}`)}. <code>{problem.text.slice(0, 60)}</code></li>)}
              {placed.edges.map((edge) => <li key={`e${edge.line}`} className="warn" data-line={edge.line}>△ {t("table.line", { line: edge.line })}: {t("table.edge", { number: edge.number, stated: number(edge.stated, lang, 3), computed: number(edge.computed, lang, 3) })}.</li>)}
            </ul>
          </>
        )}
      </div>
      <button type="button" className="button main" disabled={!enough || !placed.sketch} onClick={() => { controller.take(fitting(placed.sketch!, view.multi)); setText(""); onTaken(); }}>{t("table.accept")}</button>
    </div>
  );
}

/** Where one point alone is allowed, the first corner is it. */
const fitting = (sketch: Sketch, multi: boolean): Sketch => (sketch.kind === "point" && !multi ? { ...sketch, parts: sketch.parts.slice(0, 1) } : sketch);

function TableOut({ controller, sketch, title }: { controller: DrawController; sketch: Sketch | null; title: string | undefined }) {
  const { t, lang } = useDrawWords();
  const [copied, setCopied] = useState(false);
  const srid = controller.srid, first = sketch?.parts[0]?.[0]?.[0];
  useEffect(() => setCopied(false), [sketch]);
  if (srid === null || centralMeridian(srid) === null) return <p className="quiet">{t("table.noZone")}</p>;
  if (!sketch || !first) return <p className="quiet">{t("table.empty")}</p>;
  const plane = planeOf(srid, first), rings = tableOf(sketch, plane);
  const words: TableWords = { corner: t("table.number"), north: t("table.north"), east: t("table.east"), edge: t("table.edgeLength"), part: t("table.part"), hole: t("table.hole") };
  const say = (value: number | null) => (value === null ? "" : value.toFixed(3).replace(".", lang === "vi" ? "," : "."));
  const copy = () => void navigator.clipboard.writeText(asTsv(rings, words, lang === "vi" ? "," : ".")).then(() => setCopied(true));
  return (
    <div className="corner-out">
      <div className="corner-sheet">
        <p className="corner-print-title">{t("table.sheet")}{title && <><br />{title}</>}</p>
        <p>{zoneName(srid)}{sketch.kind === "polygon" && <> · {t("table.area")} <b>{number(areaOf(sketch, plane), lang, 1)} m²</b></>}</p>
        <table>
          <thead><tr><th scope="col">{words.corner}</th><th scope="col">{words.north}</th><th scope="col">{words.east}</th><th scope="col">{words.edge}</th><th scope="col">{t("table.bearing")}</th></tr></thead>
          {rings.map((ring) => (
            <tbody key={`${ring.part}/${ring.hole}`}>
              {rings.length > 1 && <tr><th scope="rowgroup" colSpan={5}>{words.part} {ring.part + 1}{ring.hole > 0 && `, ${words.hole} ${ring.hole}`}</th></tr>}
              {ring.rows.map((row) => <tr key={row.number}><td>{row.number}</td><td>{say(row.north)}</td><td>{say(row.east)}</td><td>{say(row.edge)}</td><td>{row.bearing === null ? "" : asDms(row.bearing)}</td></tr>)}
            </tbody>
          ))}
        </table>
        <p className="corner-print-title quiet">{t("table.reference")} {new Date().toLocaleDateString("vi-VN")}</p>
      </div>
      <div className="corner-do">
        <button type="button" className="button" onClick={copy}><IconCopy size={18} />{t("table.copy")}</button>
        <button type="button" className="button" onClick={() => window.print()}><IconPrinter size={18} />{t("table.print")}</button>
        <span role="status">{copied && t("table.copied")}</span>
      </div>
    </div>
  );
}
