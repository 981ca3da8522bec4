/** Drawing and reshaping of one feature: what the studio's page uses of it. */
export { CornerTable } from "./CornerTable";
export { DrawController } from "./controller";
export type { Drawing as KeptShape, Drawn, Subject } from "./editor";
export { KEYS as DRAW_KEYS, type Command as DrawCommand } from "./keys";
export { DrawProblems } from "./Problems";
export type { Problem } from "./problems";
export { CoordinateReadout } from "./Readout";
export { DrawToolbar } from "./Toolbar";
export { Underlays } from "./Underlays";
export type { SharedMove, Surroundings, View as DrawView } from "./view";
export { addDrawWords } from "./words";
