/** The answers of the server, as the portal reads them. */

/** A text in both languages. */
export interface Said { vi: string; en: string }

export interface Place {
  name_vi: string;
  name_en: string;
  centre: [number, number];
  zoom: number;
  bounds: [number, number, number, number] | null;
  legal_srid: number | null;
  illustrative: boolean;
  attribution: string[];
  /** Searches worth trying here. */
  suggestions?: string[] | null;
  /** Language in which the pages begin, where no link says another. */
  language?: string | null;
}

export interface LegendEntry { value: string; title: Said; colour: string | null }

export interface CatalogLayer {
  name: string;
  title: Said;
  group: string;
  geometry: string | null;
  detail_zoom: number;
  legal: boolean;
  generated: boolean;
  attributes: { name: string; title: Said; kind: string; unit: string | null; code_list: string | null }[];
  legend: LegendEntry[];
}

export interface CodeEntry { code: string; title: Said; colour: string | null }

export interface Catalog {
  catalog_version: number;
  place: Place | null;
  groups: { name: string; title: Said }[];
  layers: CatalogLayer[];
  code_lists: Record<string, CodeEntry[]>;
}

export interface Plan {
  id: string;
  name: string | null;
  level: string | null;
  level_title: Said | null;
  decision_number: string | null;
  decision_date: string | null;
  authority: string | null;
  scale: string | number | null;
  status: string | null;
  status_title: Said | null;
  document: string | null;
}

export interface Zone {
  id: string;
  layer: string;
  code: string | null;
  title: Said | null;
  colour: string | null;
  area_m2?: number | null;
  share?: number | null;
  within_accuracy?: boolean;
  storeys_min?: number | null;
  storeys_max?: number | null;
  coverage_max_pct?: number | null;
  far_max?: number | null;
  height_max_m?: number | null;
  setback_m?: number | null;
  plan: Plan | null;
}

export interface PlanLine {
  id: string;
  kind: string;
  title: Said;
  road_name: string | null;
  cut_m2: number | null;
  depth_m: number | null;
  within_accuracy?: boolean;
  plan: Plan | null;
}

export interface Parcel {
  id: string;
  version: number;
  sheet: string | number | null;
  number: string | number | null;
  former_unit: string | null;
  area_m2: number | null;
  area_kind: "legal" | "geodesic";
  official_id: string | null;
  land_use: { code: string; title: Said; colour: string | null; area_m2: number | null }[];
  geometry: GeoJSON.Geometry;
  zones: Zone[];
  lines: PlanLine[];
  buildings: Nearby[];
  address: string[];
}

export interface Nearby {
  layer: string;
  title: Said;
  id: string;
  label: string | null;
  distance_m: number;
  attributes: Record<string, unknown>;
}

export interface LookupAnswer {
  position: string | null;
  date: string;
  at: { lon: number; lat: number };
  vn2000: { srid: number; name: string; x_north: number; y_east: number } | null;
  /** Why there are no coordinates in the zone, where there are none. */
  vn2000_note: Said | null;
  illustrative: boolean;
  answer: Said;
  ground: Said | null;
  /** What another plan in force says differently, and which of them the answer follows. */
  beside: Said | null;
  disclaimer: Said;
  unit: { id: string; code: string | null; name: string; kind: string | null; kind_title: Said | null; province: string | null; former: string[] } | null;
  parcels: Parcel[];
  zones: Zone[];
  around: Nearby[];
  works: Nearby[];
  missing: { layer: string; title: Said; text: Said }[];
  sources: { layer: string; name: string | null; names: Said; date: string | null }[];
}

export type ResultKind =
  | "parcel" | "address" | "place" | "street" | "admin_unit" | "former_unit" | "coordinate" | "feature";

export interface SearchResult {
  kind: ResultKind;
  layer: string | null;
  id: string | null;
  title: string;
  titles: Said;
  subtitle: Said | null;
  note: Said | null;
  lon: number;
  lat: number;
  bbox: [number, number, number, number] | null;
  zoom: number | null;
}

/** What the text was read as: a plot number is never taken for an address. */
export type Understood =
  | { kind: "coordinates" }
  | { kind: "parcel"; sheet: string | null; number: string }
  | { kind: "house_number"; number: string; street: string | null }
  | { kind: "name" };

export interface SearchAnswer { query: string; degraded: boolean; understood: Understood | null; note: Said | null; results: SearchResult[] }

/** A tile address. */
export type TileAddress = [z: number, x: number, y: number];

export interface LayerChange { cover: TileAddress[] | null; ids: string[] | null }

/** RFC 9457, with its title in both languages. */
export interface ProblemBody {
  type?: string;
  title?: Said | string;
  titles?: Said;
  status?: number;
  detail?: Said | string;
  details?: Said;
  field?: string;
}
