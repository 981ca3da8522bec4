//! Which tiles a geometry touches: by its real shape, so that a long diagonal pipe does not cover its whole box.
//!
//! The test of a tile is the encoder's own, on the same numbers: a tile is in the cover if and only if the encoder
//! draws the geometry in it.

use crate::encode::frame::{Frame, HIGH, LOW, Local, SHIFTS, holds, segment_touches};
use crate::packed::{OwnShape, Shape};
use crate::{MAX_ZOOM, TileId, mercator};
use geo::{Coord, Geometry};

type Segment = (Coord<f64>, Coord<f64>);

/// The tiles at `zoom` in which the geometry is drawn: those whose square, buffer included, it touches. In order.
pub fn tile_cover(geometry: &Geometry<f64>, zoom: u8) -> Vec<TileId> {
    tile_cover_at_most(geometry, zoom, usize::MAX).unwrap_or_default()
}

/// The same, or `None` if there are more than `most`: a province at street zooms touches millions of tiles, and who
/// keeps fewer than that asks [`touches_tile`] for each of them instead.
pub fn tile_cover_at_most(geometry: &Geometry<f64>, zoom: u8, most: usize) -> Option<Vec<TileId>> {
    cover_shape(&OwnShape::of(geometry).view(), zoom, most)
}

/// Whether the geometry is drawn in the tile.
pub fn touches_tile(geometry: &Geometry<f64>, tile: TileId) -> bool {
    shape_touches_tile(&OwnShape::of(geometry).view(), tile)
}

pub(crate) fn shape_touches_tile(shape: &Shape<'_>, tile: TileId) -> bool {
    Outline::of(shape).touches(tile)
}

/// A shape made ready once, to be compared with many tiles.
pub struct Outline(Drawing);

impl Outline {
    pub(crate) fn of(shape: &Shape<'_>) -> Self {
        Self(Drawing::of(shape))
    }

    /// Whether the shape is drawn in the tile, from the detail zoom up.
    pub fn touches(&self, tile: TileId) -> bool {
        SHIFTS.into_iter().any(|shift| {
            let frame = Frame::new(tile, shift);
            let touching = Drawing::touching(&self.0.segments, &frame);
            !touching.is_empty() || self.0.holds_point(&frame) || self.0.surrounds(&frame)
        })
    }

    /// How many edges and positions one comparison looks at.
    pub fn edges(&self) -> usize {
        self.0.segments.len() + self.0.points.len()
    }
}

pub(crate) fn cover_shape(shape: &Shape<'_>, zoom: u8, most: usize) -> Option<Vec<TileId>> {
    let drawing = Drawing::of(shape);
    let mut tiles = Vec::new();
    for shift in SHIFTS {
        let mut descent = Descent { drawing: &drawing, zoom: zoom.min(MAX_ZOOM), shift, most, tiles: &mut tiles };
        descent.visit(TileId { z: 0, x: 0, y: 0 }, &drawing.segments, &drawing.points)?;
    }
    tiles.sort_unstable();
    tiles.dedup();
    Some(tiles)
}

/// A shape in the unit square: its edges, or its positions.
struct Drawing {
    segments: Vec<Segment>,
    points: Vec<Coord<f64>>,
    /// Where each polygon's edges begin.
    polygons: Vec<usize>,
}

impl Drawing {
    fn of(shape: &Shape<'_>) -> Self {
        let world = |at: Coord<f64>| Coord { x: mercator::x(at.x), y: mercator::y(at.y) };
        let mut drawing = Self { segments: Vec::new(), points: Vec::new(), polygons: Vec::new() };
        for part in shape.parts() {
            let positions: Vec<_> = part.iter().map(world).collect();
            match (shape.dimension(), positions.as_slice()) {
                (0, points) => drawing.points.extend(points),
                (1, [only]) => drawing.points.push(*only),
                (1, line) => drawing.segments.extend(line.windows(2).map(|pair| (pair[0], pair[1]))),
                (_, ring) => {
                    if part.is_exterior {
                        drawing.polygons.push(drawing.segments.len());
                    }
                    let mut before = ring.last().copied();
                    for at in ring {
                        drawing.segments.extend(before.map(|before| (before, *at)));
                        before = Some(*at);
                    }
                }
            }
        }
        drawing
    }

    fn touching(segments: &[Segment], frame: &Frame) -> Vec<Segment> {
        let touches = |(a, b): &&Segment| segment_touches(frame.local_of_world(*a), frame.local_of_world(*b));
        segments.iter().filter(touches).copied().collect()
    }

    fn holds_point(&self, frame: &Frame) -> bool {
        self.points.iter().any(|at| holds(frame.local_of_world(*at)))
    }

    /// Whether a polygon without an edge in the square is all around it.
    fn surrounds(&self, frame: &Frame) -> bool {
        let middle = Coord { x: f64::midpoint(LOW, HIGH), y: f64::midpoint(LOW, HIGH) };
        let local = |at: Coord<f64>| -> Local { frame.local_of_world(at) };
        let ends = self.polygons.iter().skip(1).copied().chain([self.segments.len()]);
        self.polygons.iter().zip(ends).any(|(from, to)| {
            let crossings = self.segments[*from..to].iter().filter(|(a, b)| {
                let (a, b) = (local(*a), local(*b));
                (a.y > middle.y) != (b.y > middle.y) && a.x + (b.x - a.x) * ((middle.y - a.y) / (b.y - a.y)) > middle.x
            });
            crossings.count() % 2 == 1
        })
    }
}

/// Down the pyramid, with what still touches.
struct Descent<'d> {
    drawing: &'d Drawing,
    zoom: u8,
    shift: i8,
    most: usize,
    tiles: &'d mut Vec<TileId>,
}

impl Descent<'_> {
    /// `None` once there are too many tiles.
    fn visit(&mut self, tile: TileId, segments: &[Segment], points: &[Coord<f64>]) -> Option<()> {
        let frame = Frame::new(tile, self.shift);
        let segments = Drawing::touching(segments, &frame);
        let points: Vec<_> = points.iter().filter(|at| holds(frame.local_of_world(**at))).copied().collect();
        if segments.is_empty() && points.is_empty() {
            return if self.drawing.surrounds(&frame) { self.all_below(tile) } else { Some(()) };
        }
        if tile.z == self.zoom {
            return self.take(tile);
        }
        for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let child = TileId { z: tile.z + 1, x: tile.x * 2 + x, y: tile.y * 2 + y };
            self.visit(child, &segments, &points)?;
        }
        Some(())
    }

    fn all_below(&mut self, tile: TileId) -> Option<()> {
        let deeper = self.zoom - tile.z;
        let side = 1_u32 << deeper;
        if (1_u64 << (2 * deeper)) > self.most as u64 {
            return None;
        }
        for y in 0..side {
            for x in 0..side {
                self.take(TileId { z: self.zoom, x: (tile.x << deeper) + x, y: (tile.y << deeper) + y })?;
            }
        }
        Some(())
    }

    fn take(&mut self, tile: TileId) -> Option<()> {
        self.tiles.push(tile);
        (self.tiles.len() <= self.most).then_some(())
    }
}
