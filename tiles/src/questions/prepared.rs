//! A shape that is asked about, prepared once so that many features are compared with it quickly.

use crate::packed::{OwnShape, Shape};
use crate::{Feature, LngLatBox};
use geo::kernels::{Kernel as _, Orientation};
use geo::{Coord, GeoNum, Geometry, Intersects as _, Line};
use rstar::primitives::GeomWithData;
use rstar::{AABB, RTree};

type Edge = GeomWithData<rstar::primitives::Line<[f64; 2]>, usize>;

/// A shape with an index over its edges: comparing a feature with it costs what lies near both, not the product of their
/// corners.
pub struct Prepared {
    bounds: LngLatBox,
    is_area: bool,
    /// Every edge, with the polygon that it belongs to. A position without an edge is an edge of no length.
    edges: RTree<Edge>,
    /// Where each part begins: when no edges meet, one position of a part says where all of it lies.
    beginnings: RTree<[f64; 2]>,
}

impl Prepared {
    /// Prepares a shape in lon/lat.
    pub fn new(geometry: &Geometry<f64>) -> Self {
        let own = OwnShape::of(geometry);
        let shape = own.view();
        let edges = edges_of(&shape);
        let edges =
            edges.map(|(line, polygon)| Edge::new(rstar::primitives::Line::new(at(line.start), at(line.end)), polygon));
        Self {
            bounds: shape.bounds(),
            is_area: shape.dimension() == 2,
            edges: RTree::bulk_load(edges.collect()),
            beginnings: RTree::bulk_load(beginnings_of(&shape).map(at).collect()),
        }
    }

    /// The box around it.
    pub fn bounds(&self) -> LngLatBox {
        self.bounds
    }

    /// Whether the feature shares a point with it, borders included.
    pub fn meets(&self, feature: &Feature) -> bool {
        let shape = feature.shape();
        let bounds = shape.bounds();
        if !bounds.intersects(&self.bounds) {
            return false;
        }
        edges_of(&shape).any(|(line, _)| self.crosses(line))
            || (self.is_area && beginnings_of(&shape).any(|begin| self.surrounds(begin)))
            || (shape.dimension() == 2 && self.begins_inside(&shape, &bounds))
    }

    fn crosses(&self, line: Line<f64>) -> bool {
        let (low, high) = (corner(line, f64::min), corner(line, f64::max));
        let beside = high[0] < self.bounds.west || low[0] > self.bounds.east;
        if beside || high[1] < self.bounds.south || low[1] > self.bounds.north {
            return false;
        }
        let near = self.edges.locate_in_envelope_intersecting(&AABB::from_corners(low, high));
        near.map(|edge| Line::new(edge.geom().from, edge.geom().to)).any(|edge| line.intersects(&edge))
    }

    /// Whether a position off all its edges lies inside one of its polygons.
    fn surrounds(&self, point: Coord<f64>) -> bool {
        let ray = AABB::from_corners([point.x, point.y], [f64::MAX, point.y]);
        let crossed = self.edges.locate_in_envelope_intersecting(&ray);
        let mut polygons: Vec<usize> = crossed
            .filter(|edge| is_left_of(point, Line::new(edge.geom().from, edge.geom().to)))
            .map(|edge| edge.data)
            .collect();
        polygons.sort_unstable();
        polygons.chunk_by(|a, b| a == b).any(|same| same.len() % 2 == 1)
    }

    /// Whether one of its parts begins inside the feature's area.
    fn begins_inside(&self, shape: &Shape<'_>, bounds: &LngLatBox) -> bool {
        let envelope = AABB::from_corners([bounds.west, bounds.south], [bounds.east, bounds.north]);
        self.beginnings.locate_in_envelope(&envelope).any(|begin| {
            let point = Coord { x: begin[0], y: begin[1] };
            let mut polygons: Vec<usize> =
                edges_of(shape).filter(|(edge, _)| is_left_of(point, *edge)).map(|(_, polygon)| polygon).collect();
            polygons.sort_unstable();
            polygons.chunk_by(|a, b| a == b).any(|same| same.len() % 2 == 1)
        })
    }
}

fn at(coord: Coord<f64>) -> [f64; 2] {
    [coord.x, coord.y]
}

fn corner(line: Line<f64>, pick: fn(f64, f64) -> f64) -> [f64; 2] {
    [pick(line.start.x, line.end.x), pick(line.start.y, line.end.y)]
}

/// Whether a ray from the point to the east crosses the edge. An end counts for the edge above it only, so that a corner is
/// crossed once.
fn is_left_of(point: Coord<f64>, edge: Line<f64>) -> bool {
    if (edge.start.y > point.y) == (edge.end.y > point.y) {
        return false;
    }
    let (low, high) = if edge.start.y < edge.end.y { (edge.start, edge.end) } else { (edge.end, edge.start) };
    <f64 as GeoNum>::Ker::orient2d(low, high, point) == Orientation::CounterClockwise
}

/// The edges of a shape, each with the number of its polygon; a lone position is an edge from itself to itself.
fn edges_of<'s>(shape: &Shape<'s>) -> impl Iterator<Item = (Line<f64>, usize)> + use<'s> {
    let dimension = shape.dimension();
    let mut polygon = 0;
    shape.parts().flat_map(move |part| {
        polygon += usize::from(part.is_exterior);
        let own = polygon;
        let before = match dimension {
            // Rings are kept open: the edge that closes one comes first.
            2 => part.iter().last(),
            _ => part.iter().next(),
        };
        let lone = dimension == 0 || part.iter().len() == 1;
        let mut before = before.unwrap_or_default();
        part.iter()
            .enumerate()
            .filter_map(move |(index, to)| {
                let from = std::mem::replace(&mut before, to);
                match (lone, dimension, index) {
                    (true, ..) => Some(Line::new(to, to)),
                    (false, 1, 0) => None,
                    _ => Some(Line::new(from, to)),
                }
            })
            .map(move |line| (line, own))
    })
}

/// Where each part of a shape begins; of points, each.
fn beginnings_of<'s>(shape: &Shape<'s>) -> impl Iterator<Item = Coord<f64>> + use<'s> {
    let each = if shape.dimension() == 0 { usize::MAX } else { 1 };
    shape.parts().flat_map(move |part| part.iter().take(each))
}
