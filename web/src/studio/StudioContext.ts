import { createContext, useContext } from "react";
import type { Catalog, Place } from "../kit/api/types";
import type { Lang } from "../kit/format/format";
import type { CityMap } from "../kit/map/adapter";
import type { Me, Table } from "./api";
import type { Row } from "./state/work";
import type { WorkList } from "./state/useWork";

/** What every part of the studio shares. */
export interface StudioState {
  lang: Lang;
  me: Me;
  catalog: Catalog;
  place: Place | null;
  /** None until the map is drawn. */
  map: CityMap | null;
  tables: Table[];
  /** The layer that is worked on. */
  table: Table | null;
  choose(layer: string | null): void;
  /** Objects of that layer that are selected, as the server showed them. */
  selected: Row[];
  select(rows: Row[], how?: "replace" | "toggle"): void;
  list: WorkList;
}

export const StudioContext = createContext<StudioState | null>(null);

export function useStudio(): StudioState {
  const state = useContext(StudioContext);
  if (!state) throw new Error("a part of the studio stands outside of it");
  return state;
}
