import { toGrid, zoneName } from "../../kit/geometry/vn2000";
import type { Schema } from "../api";
import type { Row } from "./work";

/** Files that the page itself writes. */
export type Format = "geojson" | "dxf" | "csv";

type Position = readonly number[];

/** Positions of any depth, each turned by `turn`. */
function turned(coordinates: unknown, turn: (position: Position) => Position): unknown {
  const list = coordinates as unknown[];
  return typeof list[0] === "number" ? turn(list as number[]) : list.map((part) => turned(part, turn));
}

/** A shape in legal metres (easting, northing, to a tenth of a millimetre), or as it is where there is no zone. */
export function inZone(shape: GeoJSON.Geometry, srid: number | null): GeoJSON.Geometry {
  if (srid === null || shape.type === "GeometryCollection") return shape;
  const turn = (position: Position): Position => {
    const spot = toGrid(position[0]!, position[1]!, srid);
    return spot ? [Number(spot.east.toFixed(4)), Number(spot.north.toFixed(4))] : position;
  };
  return { ...shape, coordinates: turned(shape.coordinates, turn) } as GeoJSON.Geometry;
}

export function geojson(name: string, rows: Row[], srid: number | null): string {
  const features = rows.map((row) => ({ type: "Feature", id: row.id, properties: row.values, geometry: row.shape && inZone(row.shape, srid) }));
  const crs = srid === null ? {} : { crs: { type: "name", properties: { name: `urn:ogc:def:crs:EPSG::${srid}` } } };
  return JSON.stringify({ type: "FeatureCollection", name, ...crs, features });
}

/** Lines and points as AutoCAD R12 reads them: every ring a closed polyline on the layer's name. */
export function dxf(name: string, rows: Row[], srid: number | null): string {
  const out: (string | number)[] = [999, `dothi ${srid === null ? "WGS 84" : zoneName(srid)}`, 0, "SECTION", 2, "ENTITIES"];
  const line = (positions: Position[], closed: boolean) => {
    out.push(0, "POLYLINE", 8, name, 66, 1, 70, closed ? 1 : 0, 10, 0, 20, 0, 30, 0);
    for (const [x, y] of closed ? positions.slice(0, -1) : positions) out.push(0, "VERTEX", 8, name, 10, x!, 20, y!, 30, 0);
    out.push(0, "SEQEND", 8, name);
  };
  const point = ([x, y]: Position) => out.push(0, "POINT", 8, name, 10, x!, 20, y!, 30, 0);
  for (const row of rows) {
    const shape = row.shape && inZone(row.shape, srid);
    switch (shape?.type) {
      case "Point": point(shape.coordinates); break;
      case "MultiPoint": shape.coordinates.forEach(point); break;
      case "LineString": line(shape.coordinates, false); break;
      case "MultiLineString": shape.coordinates.forEach((one) => line(one, false)); break;
      case "Polygon": shape.coordinates.forEach((ring) => line(ring, true)); break;
      case "MultiPolygon": shape.coordinates.flat().forEach((ring) => line(ring, true)); break;
      default: break;
    }
  }
  return `${[...out, 0, "ENDSEC", 0, "EOF"].join("\r\n")}\r\n`;
}

/** A table that spreadsheets open; a text that begins like a formula is not one. */
export function csv(rows: Row[], schema: Schema): string {
  const cell = (value: unknown): string => {
    if (value === null || value === undefined) return "";
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    const safe = typeof value === "string" && /^[=+@\t\r-]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const names = schema["x-order"];
  return `\ufeff${[["id", ...names], ...rows.map((row) => [row.id, ...names.map((name) => row.values[name])])].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

const TYPES: Record<Format, string> = { geojson: "application/geo+json", dxf: "image/vnd.dxf", csv: "text/csv;charset=utf-8" };

/** Hands a file to the browser. */
export function save(name: string, format: Format, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: TYPES[format] }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${name}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
