// Words that the style's parts share: fades, widths on the ground, text.

/** A layer appears over one zoom: nothing at `from`, `full` one zoom later. */
export const fade = (from, full = 1) => ["interpolate", ["linear"], ["zoom"], from, 0, from + 1, full];
/** There from `from` to `to`, fading at both ends. */
export function fadeBoth(from, to, full = 1) {
  const over = Math.min(1, (to - from) / 3);
  return ["interpolate", ["linear"], ["zoom"], from, 0, from + over, full, to - over, full, to, 0];
}

/** Metres on one pixel at zoom 16 near 11° north. */
const METRES_A_PIXEL = 2.345;

/** A width given in metres on the ground (number or expression), never thinner than `least` pixels; `extra` pixels wider. */
export function groundWidth(metres, least, extra = 0) {
  const at = (zoom) => {
    const pixels = (2 ** (zoom - 16)) / METRES_A_PIXEL;
    const width = ["max", least, typeof metres === "number" ? metres * pixels : ["*", metres, pixels]];
    return extra === 0 ? width : ["+", extra, width];
  };
  return ["interpolate", ["exponential", 2], ["zoom"], 8, at(8), 12, at(12), 14, at(14), 16, at(16), 18, at(18), 22, at(22)];
}

export const REGULAR = ["Be Vietnam Pro"];
export const MEDIUM = ["Be Vietnam Pro Medium"];
export const SEMIBOLD = ["Be Vietnam Pro SemiBold"];

/** Ink on a thin halo of paper. */
export const onPaper = (colour, width = 1.4) => ({ "text-color": colour, "text-halo-color": "#FBFAF7", "text-halo-width": width, "text-halo-blur": 0.4 });

export const HIDDEN = { visibility: "none" };
/** A merged point that stands for several. */
export const isCluster = ["has", "point_count"];
export const isOne = ["!", ["has", "point_count"]];
