import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Item, studioApi } from "../api";
import { keyOf, type Row, type Work } from "./work";

/** Objects that one address names; more are asked for in parts. */
const AT_ONCE = 150;

export const rowOf = (layer: string, item: Item): Row => ({ layer, id: item.id, version: item.version, values: item.values, shape: item.geometry ?? null });

export async function readRows(layer: string, ids: string[], signal?: AbortSignal): Promise<Row[]> {
  const parts: Promise<Row[]>[] = [];
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const asked = { ids: ids.slice(at, at + AT_ONCE), geometry: true, limit: 1000 };
    parts.push(studioApi.items(layer, asked, signal).then((answer) => answer.rows.map((item) => rowOf(layer, item))));
  }
  return (await Promise.all(parts)).flat();
}

/** The selected objects, kept fresh while others edit; new ones come from the work list. */
export function useSelected(layer: string | null, ids: string[], work: Work): Row[] {
  const asked = useQuery({
    queryKey: ["items", layer, "selected", ids],
    queryFn: ({ signal }) => readRows(layer ?? "", ids, signal),
    enabled: layer !== null && ids.length > 0,
    placeholderData: keepPreviousData,
  });
  return useMemo(() => {
    if (!layer) return [];
    const found = new Map((asked.data ?? []).filter((row) => row.layer === layer).map((row) => [row.id, row]));
    return ids.flatMap((id) => {
      const pending = work.items.get(keyOf(layer, id));
      const row = found.get(id);
      if (row) return [row];
      if (pending?.op === "insert") return [{ layer, id, version: 0, values: {}, shape: null }];
      if (pending?.seen) return [{ layer, id, version: pending.seen.version, values: pending.seen.values, shape: pending.seen.shape }];
      return [];
    });
  }, [asked.data, ids, layer, work]);
}
