/** What the page tells the hand, and what the hand tells the page. */
import type { Lang } from "../../kit/format/format";
import type { Drawn, Subject, Tool } from "./editor";
import type { Address, Path, Sketch } from "./sketch";
import type { Hold } from "./snap";

export interface Surroundings {
  /** Catalog layers that are shown and may be caught hold of. */
  layers: () => readonly string[];
  /** The place: its zone and its box. */
  place: { srid: number | null; bounds: readonly [number, number, number, number] | null };
  /** Whether a layer's truth is a VN-2000 zone. */
  isLegal?: (layer: string) => boolean;
  lang?: () => Lang;
  /** A layer's title in the reader's language. */
  title?: (layer: string) => string;
}

/** A neighbour's new shape, for the list of changes. */
export interface SharedMove {
  layer: string;
  id: string;
  /** The version that was seen. */
  version: number;
  geometry: GeoJSON.Geometry;
  server: GeoJSON.Geometry & { srid?: number };
}

export type Tracing = "off" | "shorter" | "longer";

export interface View {
  subject: Subject | null;
  drawn: Drawn | null;
  tool: Tool;
  kind: Sketch["kind"];
  multi: boolean;
  snap: boolean;
  tracing: Tracing;
  square: boolean;
  /** The map is too far out to catch anything. */
  far: boolean;
  hold: Hold | null;
  chosen: Address | null;
  open: Path | null;
  parallel: { metres: number; picked: boolean } | null;
  /** Corners of others that would move along. */
  shared: { features: number } | null;
  sharedDone: number;
  typing: boolean;
  table: boolean;
}
