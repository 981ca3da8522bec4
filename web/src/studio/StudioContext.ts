import { createContext, useContext } from "react";
import type { Place } from "../kit/api/types";
import type { Lang } from "../kit/format/format";
import type { CityMap } from "../kit/map/adapter";
import type { Me, Schema, Table, Verdict } from "./api";
import type { DrawController } from "./draw";
import type { Drawing } from "./state/useDrawing";
import type { Row } from "./state/work";
import type { WorkList } from "./state/useWork";

/** What every part of the studio shares. */
export interface StudioState {
  lang: Lang;
  me: Me;
  place: Place | null;
  /** None until the map is drawn. */
  map: CityMap | null;
  tables: Table[];
  groups: { name: string; title: { vi: string; en: string } }[];
  /** The layer that is worked on, and its attributes. */
  table: Table | null;
  schema: Schema | null;
  choose(layer: string | null, select?: string[]): void;
  /** Objects of that layer that are selected: as the server shows them, or as they are in the work list where they are new. */
  chosen: string[];
  selected: Row[];
  select(ids: string[], how?: "replace" | "toggle" | "add"): void;
  list: WorkList;
  /** What the server said of operations, by op_id. */
  verdicts: ReadonlyMap<string, Verdict>;
  setVerdicts(verdicts: Verdict[]): void;
  controller: DrawController | null;
  drawing: Drawing;
  /** Moves the map to a place or a box. */
  show(target: { at: [number, number] } | { box: [number, number, number, number] }): void;
  /** The draft that is drawn over the map. */
  draft: string | null;
  setDraft(draft: string | null): void;
  /** Layers switched on that the style leaves off. */
  on: ReadonlySet<string>;
  off: ReadonlySet<string>;
  turn(layer: string, visible: boolean): void;
  isVisible(layer: string): boolean | null;
}

export const StudioContext = createContext<StudioState | null>(null);

export function useStudio(): StudioState {
  const state = useContext(StudioContext);
  if (!state) throw new Error("a part of the studio stands outside of it");
  return state;
}
