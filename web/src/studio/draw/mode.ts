/**
 * The one mode that Terra Draw runs for us: it brings mouse, pen and finger into one kind of event and draws what the
 * controller shows. What an event means is decided in the controller; what a shape is, in the editor.
 */
import { TerraDrawExtend, type GeoJSONStoreFeatures, type TerraDrawAdapterStyling, type TerraDrawMouseEvent } from "terra-draw";

/** What a drawn thing is, and so how it looks. */
export type Role = "area" | "line" | "begun" | "ahead" | "table" | "parallel" | "corner" | "chosen" | "shared" | "middle" | "hold-corner" | "hold-edge" | "hold-crossing" | "problem";

export interface Shown { role: Role; geometry: GeoJSON.Polygon | GeoJSON.LineString | GeoJSON.Point }

/** What the controller does with the hand's events. */
export interface Hands {
  click(event: TerraDrawMouseEvent): void;
  move(event: TerraDrawMouseEvent): void;
  /** Whether the hand has taken hold of something; else the map is moved. */
  grab(event: TerraDrawMouseEvent): boolean;
  drag(event: TerraDrawMouseEvent): void;
  drop(event: TerraDrawMouseEvent): void;
}

const INK = "#1F2A30", PAPER = "#FBFAF7", ACCENT = "#B3261E", LINK = "#0F6B6B";

const PLAIN: TerraDrawAdapterStyling = {
  pointColor: PAPER, pointWidth: 5, pointOpacity: 1, pointOutlineColor: INK, pointOutlineOpacity: 1, pointOutlineWidth: 2,
  polygonFillColor: ACCENT, polygonFillOpacity: 0.08, polygonOutlineColor: INK, polygonOutlineOpacity: 1, polygonOutlineWidth: 2.5,
  lineStringWidth: 2.5, lineStringColor: INK, lineStringOpacity: 1, zIndex: 10,
};

const LOOKS: Record<Role, Partial<TerraDrawAdapterStyling>> = {
  area: {},
  line: { lineStringWidth: 3 },
  begun: { lineStringColor: ACCENT, lineStringWidth: 3, zIndex: 20 },
  ahead: { lineStringColor: ACCENT, lineStringWidth: 1.5, lineStringDash: [6, 4], zIndex: 15 },
  table: { polygonFillColor: LINK, polygonFillOpacity: 0.16, polygonOutlineColor: LINK, polygonOutlineWidth: 2, lineStringColor: LINK, pointColor: LINK, pointOutlineColor: PAPER, zIndex: 12 },
  parallel: { lineStringColor: LINK, lineStringWidth: 2, lineStringDash: [6, 4], zIndex: 16 },
  corner: { zIndex: 30 },
  chosen: { pointColor: ACCENT, pointWidth: 7, pointOutlineColor: PAPER, zIndex: 40 },
  shared: { pointColor: LINK, pointWidth: 6.5, pointOutlineColor: PAPER, zIndex: 35 },
  middle: { pointWidth: 3, pointOutlineWidth: 1, pointOpacity: 0.9, pointOutlineColor: "#55636B", zIndex: 25 },
  "hold-corner": { pointWidth: 9, pointOpacity: 0.01, pointOutlineColor: LINK, pointOutlineWidth: 3, zIndex: 50 },
  "hold-crossing": { pointWidth: 7, pointOpacity: 0.9, pointColor: LINK, pointOutlineColor: PAPER, pointOutlineWidth: 3, zIndex: 50 },
  "hold-edge": { pointWidth: 4, pointColor: LINK, pointOutlineColor: PAPER, pointOutlineWidth: 2, zIndex: 50 },
  problem: { pointWidth: 12, pointOpacity: 0.01, pointOutlineColor: ACCENT, pointOutlineWidth: 3, zIndex: 45 },
};

export const MODE = "sketch";

export class SketchMode extends TerraDrawExtend.TerraDrawBaseDrawMode<TerraDrawExtend.CustomStyling> {
  override mode = MODE;
  private ids: TerraDrawExtend.FeatureId[] = [];

  constructor(private readonly hands: Hands) {
    super({});
  }

  /** Draws these things instead of what was drawn. */
  show(shown: readonly Shown[]): void {
    if (this.state !== "started" && this.state !== "drawing") return;
    const before = this.ids;
    this.ids = this.store.create(shown.map(({ role, geometry }) => ({ geometry, properties: { mode: MODE, role } })));
    if (before.length > 0) this.store.delete(before.filter((id) => this.store.has(id)));
  }

  /** While a path is begun, a small slip of the finger is still a tap. */
  setBegun(begun: boolean): void {
    if (begun && this.state === "started") this.setDrawing();
    else if (!begun && this.state === "drawing") this.setStarted();
  }

  /** The mouse says what it would do. */
  point(cursor: TerraDrawExtend.Cursor): void {
    this.setCursor(cursor);
  }

  start(): void {
    this.setStarted();
    this.setDoubleClickToZoom(false);
    this.setCursor("crosshair");
  }

  stop(): void {
    this.cleanUp();
    this.setStopped();
    this.setDoubleClickToZoom(true);
    this.setCursor("unset");
  }

  cleanUp(): void {
    const left = this.ids.filter((id) => this.store.has(id));
    this.ids = [];
    if (left.length > 0) this.store.delete(left);
  }

  override onClick(event: TerraDrawMouseEvent): void {
    if (event.button === "left") this.hands.click(event);
  }

  override onMouseMove(event: TerraDrawMouseEvent): void {
    this.hands.move(event);
  }

  private held = false;

  override onDragStart(event: TerraDrawMouseEvent, setMapDraggability: (enabled: boolean) => void): void {
    this.held = event.button !== "right" && this.hands.grab(event);
    if (this.held) setMapDraggability(false);
  }

  override onDrag(event: TerraDrawMouseEvent): void {
    if (this.held) this.hands.drag(event);
  }

  override onDragEnd(event: TerraDrawMouseEvent, setMapDraggability: (enabled: boolean) => void): void {
    if (this.held) this.hands.drop(event);
    this.held = false;
    setMapDraggability(true);
  }

  styleFeature(feature: GeoJSONStoreFeatures): TerraDrawAdapterStyling {
    return { ...PLAIN, ...LOOKS[feature.properties["role"] as Role] };
  }
}
