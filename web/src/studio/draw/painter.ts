/** Draws the shape, what lies ahead of the pointer, and the lengths beside its edges: once a frame, however much happened in it. */
import type { Lang } from "../../kit/format/format";
import type { CityMap } from "../../kit/map/adapter";
import type { Aim, Ahead } from "./aim";
import type { Editor } from "./editor";
import { frameOf } from "./frame";
import { labelsOf, showLabels } from "./labels";
import type { SketchMode } from "./mode";
import type { Neighbourhood } from "./neighbourhood";
import type { Corner, Plane } from "./plane";
import type { Sketch } from "./sketch";
import type { Hold } from "./snap";

/** What there is to be seen. */
export interface Scene { editor: Editor; caught: Hold | null; ahead: Ahead | null; table: Sketch | null; parallel: Corner[] | null; lang: Lang }

export class Painter {
  private frame: number | null = null;

  constructor(
    private readonly city: CityMap,
    private readonly mode: SketchMode,
    private readonly aim: Aim,
    private readonly around: Neighbourhood,
    private readonly scene: () => Scene | null,
  ) {}

  paint(): void {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.paintNow();
    });
  }

  private paintNow(): void {
    const scene = this.scene();
    if (!scene) return;
    const { editor, caught, ahead, table, parallel, lang } = scene;
    const first = editor.sketch.parts[0]?.[0]?.[0] ?? editor.open?.path[0] ?? null;
    const plane = first ? this.aim.planeAt(first) : null;
    const box = this.city.inner.getBounds();
    const inSight = ([lon, lat]: Corner) => lon > box.getWest() && lon < box.getEast() && lat > box.getSouth() && lat < box.getNorth();
    this.mode.show(frameOf({
      editor, hold: caught, ahead, table, parallel, problems: editor.drawn.problems,
      isShared: this.sharedTest(editor, plane), inSight, metresPerPixel: this.aim.metresOf(1), plane,
    }));
    const project = ([lon, lat]: Corner) => this.city.project(lon, lat);
    const straight = ahead && ahead.way.length === 0 ? ahead.to : null;
    showLabels(this.city.inner, plane ? labelsOf({ editor, plane, lang, project, inSight, ahead: straight }) : []);
  }

  /** Corners that neighbours have too, told by rounded degrees: a mark, not a measure. */
  private sharedTest(editor: Editor, plane: Plane | null): (spot: Corner) => boolean {
    if (!plane || this.aim.isFar) return () => false;
    const key = ([lon, lat]: Corner) => `${Math.round(lon * 1e8)}/${Math.round(lat * 1e8)}`;
    const known = new Set(this.around.all(editor.subject).flatMap((one) => one.sketch.parts.flat(2).map(key)));
    return (spot) => known.has(key(spot));
  }
}
