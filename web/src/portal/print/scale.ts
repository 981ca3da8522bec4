/** One CSS pixel on paper, in metres. */
const PIXEL_M = 0.0254 / 96;
/** Circumference of the Mercator sphere at 512-pixel tiles, in metres. */
const EQUATOR_M = 40_075_016.686;

export const SCALES = [250, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000] as const;

/** The map zoom at which paper shows 1:`scale` at a latitude. */
export const zoomOf = (scale: number, lat: number): number =>
  Math.log2((EQUATOR_M * Math.cos((lat * Math.PI) / 180)) / (512 * scale * PIXEL_M));

/** The round scale nearest to what the screen shows, never showing less ground than it. */
export function scaleFor(zoom: number, lat: number): number {
  const shown = (EQUATOR_M * Math.cos((lat * Math.PI) / 180)) / (512 * 2 ** zoom) / PIXEL_M;
  return SCALES.find((scale) => scale >= shown * 0.98) ?? SCALES[SCALES.length - 1] ?? 1000;
}

/** How much of the sheet a plot may take: its neighbours are seen around it. */
const FILLED = 0.7;

/** The round scale at which a box of degrees fits a sheet of so many CSS pixels. */
export function scaleToFit(box: [number, number, number, number], width: number, height: number): number {
  const aDegree = EQUATOR_M / 360, [west, south, east, north] = box;
  const across = (east - west) * aDegree * Math.cos((((south + north) / 2) * Math.PI) / 180), up = (north - south) * aDegree;
  const wanted = Math.max(across / (width * FILLED * PIXEL_M), up / (height * FILLED * PIXEL_M));
  return SCALES.find((scale) => scale >= wanted) ?? SCALES[SCALES.length - 1] ?? 1000;
}

/** Distance between grid lines in metres: about every four centimetres on paper, in 1-2-5 steps. */
export function gridStep(scale: number): number {
  const wanted = scale * 0.04;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= wanted * 0.99);
  return step ?? power * 10;
}

export interface GridLine { x1: number; y1: number; x2: number; y2: number; label: string; edge: "left" | "top" }

/**
 * Lines of a metric grid over a sheet. `at` gives the grid's north and east in metres for a place on the sheet (pixels);
 * between the corners the grid is straight to well under a pixel at these scales.
 */
export function gridLines(width: number, height: number, step: number, at: (x: number, y: number) => { north: number; east: number } | null): GridLine[] {
  const a = at(0, 0), b = at(width, 0), c = at(0, height), d = at(width, height);
  if (!a || !b || !c || !d) return [];
  const lines: GridLine[] = [];
  const between = (from: number, to: number, value: number) => (value - from) / (to - from);
  const multiples = (low: number, high: number) => {
    const found: number[] = [];
    for (let value = Math.ceil(low / step) * step; value <= high; value += step) found.push(value);
    return found;
  };
  for (const east of multiples(Math.min(a.east, c.east), Math.max(b.east, d.east))) {
    const x1 = between(a.east, b.east, east) * width, x2 = between(c.east, d.east, east) * width;
    if (x1 >= 0 && x1 <= width) lines.push({ x1, y1: 0, x2, y2: height, label: String(Math.round(east)), edge: "top" });
  }
  for (const north of multiples(Math.min(c.north, d.north), Math.max(a.north, b.north))) {
    const y1 = between(a.north, c.north, north) * height, y2 = between(b.north, d.north, north) * height;
    if (y1 >= 0 && y1 <= height) lines.push({ x1: 0, y1, x2: width, y2, label: String(Math.round(north)), edge: "left" });
  }
  return lines;
}
