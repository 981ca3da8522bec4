/** Numbers as people and programs write them: decimal comma or point, thousands by point, comma, space or not at all. */

const SPACES = /[\s\u00a0\u2007\u2009\u202f']/g;

/** Every value that a text may mean, likeliest first; empty when it is no number. */
export function readings(text: string): number[] {
  const bare = text.trim().replace(SPACES, "").replace(/m$/i, "");
  if (!/^[+-]?[\d.,]*\d$/.test(bare) && !/^[+-]?\d+[.,]$/.test(bare)) return [];
  const points = bare.split(".").length - 1, commas = bare.split(",").length - 1;
  const asIs = (decimal: "." | ",") => Number(bare.replaceAll(decimal === "." ? "," : ".", "").replace(decimal, "."));
  if (points === 0 && commas === 0) return [Number(bare)];
  if (points > 0 && commas > 0) {
    const decimal = bare.lastIndexOf(".") > bare.lastIndexOf(",") ? "." : ",";
    return (decimal === "." ? points : commas) === 1 ? [asIs(decimal)] : [];
  }
  const mark = points > 0 ? "." : ",";
  const grouped = /^[+-]?\d{1,3}([.,]\d{3})+$/.test(bare);
  const whole = Number(bare.replaceAll(mark, ""));
  if (points + commas > 1) return grouped ? [whole] : [];
  return grouped ? [asIs(mark), whole] : [asIs(mark)];
}

/** A northing or easting of Vietnam; the two ranges have nothing in common. */
export const isNorth = (value: number): boolean => value >= 850_000 && value <= 2_650_000;
export const isEast = (value: number): boolean => value >= 200_000 && value <= 800_000;

/** The cells of a line: by tabs, semicolons, else by spaces; groups of three digits stay together. */
export function cells(line: string): string[] {
  for (const mark of ["\t", ";", "|"]) if (line.includes(mark)) return line.split(mark).map((cell) => cell.trim());
  const grouped = line.trim().replace(/(?<![\d.,])(\d{1,3})((?:[ \u00a0\u202f]\d{3})+)(?![\d])((?:[.,]\d+)?)/g, (all, first: string, rest: string, tail: string) => {
    const whole = `${first}${rest}`.replace(/[ \u00a0\u202f]/g, "");
    return isNorth(Number(whole)) || isEast(Number(whole)) ? whole + tail : all;
  });
  const bySpace = grouped.split(/\s+/).filter(Boolean);
  // `1,1191000.123,603000.456`: commas between cells, points inside them.
  if (bySpace.length === 1 && /\d,\d/.test(line) && (line.includes(".") || line.split(",").length === 3)) return line.split(",").map((cell) => cell.trim());
  // `1191000.12, 603000.45`: a comma at a cell's end only parts it from the next.
  return bySpace.map((cell) => cell.replace(/,$/, ""));
}
