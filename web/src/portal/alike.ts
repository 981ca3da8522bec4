import type { SearchResult } from "../kit/api/types";

const METRES_A_DEGREE = 111_320;

/** Metres between two spots of one city. */
export function metresBetween(a: { lon: number; lat: number }, b: { lon: number; lat: number }): number {
  const east = (a.lon - b.lon) * Math.cos((((a.lat + b.lat) / 2) * Math.PI) / 180), north = a.lat - b.lat;
  return Math.hypot(east, north) * METRES_A_DEGREE;
}

const isAlike = (a: SearchResult, b: SearchResult) => a.kind === b.kind && a.title === b.title;

/** How many of the results at the head of the list bear one name: then only the reader can choose. */
export function alikeAtHead(results: readonly SearchResult[]): number {
  const [first] = results;
  const end = first ? results.findIndex((result) => !isAlike(first, result)) : 0;
  return end < 0 ? results.length : end;
}

/** Results of one name stand by their distance from the middle of the map; all others stay where the search put them. */
export function nearestFirst(results: readonly SearchResult[], near: { lon: number; lat: number } | null): SearchResult[] {
  const count = alikeAtHead(results);
  if (!near || count < 2) return [...results];
  const far = (result: SearchResult) => metresBetween(result, near);
  return [...results.slice(0, count).sort((a, b) => far(a) - far(b)), ...results.slice(count)];
}
