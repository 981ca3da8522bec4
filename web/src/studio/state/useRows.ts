import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type Asked, type Item, studioApi } from "../api";

const AT_ONCE = 200;
/** How long a far jump must rest before it is asked for, so that a dragged scroll bar does not ask for all it passes. */
const REST_MS = 120;

export interface RowsInSight {
  /** The row at a place of the whole table, once it is here. */
  rowAt: (at: number) => Item | undefined;
  /** The place of an object among the rows that are here; -1 when it is not. */
  whereIs: (id: string) => number;
  /** How many rows there are in all, once it is known. */
  count: number | null;
  isPending: boolean;
  error: Error | null;
}

/** The rows `from` up to `to` of a table however long: the pages in sight are asked for by their place, and no others. */
export function useRows(layer: string, asked: Asked, from: number, to: number): RowsInSight {
  const key = ["items", layer, "table", asked];
  // The first page says how many there are, so it is always held.
  const first = useQuery({
    queryKey: [...key, 0],
    queryFn: ({ signal }) => studioApi.items(layer, { ...asked, limit: AT_ONCE }, signal),
    placeholderData: keepPreviousData,
  });
  const count = first.data?.count ?? null;
  const low = Math.floor(from / AT_ONCE), high = Math.floor(Math.max(from, to - 1) / AT_ONCE);
  const [sought, setSought] = useState({ low, high });
  useEffect(() => {
    const isNear = Math.abs(low - sought.low) <= 1;
    const timer = setTimeout(() => setSought((now) => (now.low === low && now.high === high ? now : { low, high })), isNear ? 0 : REST_MS);
    return () => clearTimeout(timer);
  }, [low, high, sought.low]);
  const pages = first.isPlaceholderData ? [] : Array.from({ length: sought.high - sought.low + 1 }, (_, i) => sought.low + i).filter((page) => page > 0 && page * AT_ONCE < (count ?? 0));
  const others = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...key, page],
      queryFn: ({ signal }: { signal: AbortSignal }) => studioApi.items(layer, { ...asked, limit: AT_ONCE, offset: page * AT_ONCE }, signal),
    })),
  });
  const held = new Map([[0, first.data?.rows ?? []], ...pages.map((page, i) => [page, others[i]?.data?.rows ?? []] as const)]);
  return {
    rowAt: (at) => held.get(Math.floor(at / AT_ONCE))?.[at % AT_ONCE],
    whereIs: (id) => {
      for (const [page, rows] of held) {
        const at = rows.findIndex((row) => row.id === id);
        if (at >= 0) return page * AT_ONCE + at;
      }
      return -1;
    },
    count,
    isPending: first.isPending,
    error: first.error ?? others.find((one) => one.error)?.error ?? null,
  };
}
