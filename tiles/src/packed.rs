//! A feature's shape and attribute values in one run of bytes.
//!
//! Layout: positions (lon, lat as little-endian f64), then part ends (u32), then the attribute row. One allocation a
//! feature, and nothing in it but what is needed: rings are kept open, a shape of one part has no ends at all.

use crate::LngLatBox;
use geo::{Coord, Geometry, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

/// What a packed shape is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Point,
    MultiPoint,
    Line,
    MultiLine,
    Polygon,
    MultiPolygon,
}

impl Kind {
    /// Of the lowest three bits.
    pub fn from_bits(bits: u8) -> Self {
        match bits & 7 {
            0 => Self::Point,
            1 => Self::MultiPoint,
            2 => Self::Line,
            3 => Self::MultiLine,
            4 => Self::Polygon,
            _ => Self::MultiPolygon,
        }
    }
}

/// Marks, in a part's end, a ring that begins a new polygon.
const EXTERIOR: u32 = 1 << 31;

/// A shape on its way into a feature.
#[derive(Debug)]
pub(crate) struct Packing {
    pub kind: Kind,
    pub coords: Vec<Coord<f64>>,
    pub ends: Vec<u32>,
}

impl Packing {
    /// Takes a geometry apart. Positions that are not finite are left out; of a collection the parts with the highest
    /// dimension are kept, because a tile's feature has one dimension.
    pub fn of(geometry: &Geometry<f64>) -> Self {
        let mut out = Self { kind: Kind::Point, coords: Vec::new(), ends: Vec::new() };
        match geometry {
            Geometry::Point(point) => out.points(Kind::Point, std::slice::from_ref(point)),
            Geometry::MultiPoint(points) => out.points(Kind::MultiPoint, &points.0),
            Geometry::Line(line) => out.lines(Kind::Line, &[LineString::from(*line)]),
            Geometry::LineString(line) => out.lines(Kind::Line, std::slice::from_ref(line)),
            Geometry::MultiLineString(lines) => out.lines(Kind::MultiLine, &lines.0),
            Geometry::Polygon(polygon) => out.polygons(Kind::Polygon, std::slice::from_ref(polygon)),
            Geometry::MultiPolygon(polygons) => out.polygons(Kind::MultiPolygon, &polygons.0),
            Geometry::Rect(rect) => out.polygons(Kind::Polygon, &[rect.to_polygon()]),
            Geometry::Triangle(triangle) => out.polygons(Kind::Polygon, &[triangle.to_polygon()]),
            Geometry::GeometryCollection(collection) => return Self::of_collection(&collection.0),
        }
        if out.ends.len() == 1 {
            out.ends.clear();
        }
        out
    }

    fn of_collection(members: &[Geometry<f64>]) -> Self {
        let mut flat = Flat::default();
        flat.gather(members);
        if !flat.polygons.is_empty() {
            Self::of(&Geometry::MultiPolygon(MultiPolygon(flat.polygons)))
        } else if !flat.lines.is_empty() {
            Self::of(&Geometry::MultiLineString(MultiLineString(flat.lines)))
        } else {
            Self::of(&Geometry::MultiPoint(MultiPoint(flat.points)))
        }
    }

    fn push(&mut self, at: Coord<f64>) {
        if at.x.is_finite() && at.y.is_finite() {
            self.coords.push(at);
        }
    }

    fn points(&mut self, kind: Kind, points: &[Point<f64>]) {
        self.kind = kind;
        for point in points {
            self.push(point.0);
        }
    }

    fn lines(&mut self, kind: Kind, lines: &[LineString<f64>]) {
        self.kind = kind;
        for line in lines {
            let before = self.coords.len();
            for at in &line.0 {
                self.push(*at);
            }
            if self.coords.len() > before {
                self.ends.push(self.coords.len() as u32);
            }
        }
    }

    fn polygons(&mut self, kind: Kind, polygons: &[Polygon<f64>]) {
        self.kind = kind;
        for polygon in polygons {
            if self.ring(polygon.exterior(), EXTERIOR) {
                for interior in polygon.interiors() {
                    self.ring(interior, 0);
                }
            }
        }
    }

    fn ring(&mut self, ring: &LineString<f64>, mark: u32) -> bool {
        let before = self.coords.len();
        for at in &ring.0 {
            self.push(*at);
        }
        if self.coords.len() > before + 1 && self.coords.last() == self.coords.get(before) {
            self.coords.pop();
        }
        let holds_something = self.coords.len() > before;
        if holds_something {
            self.ends.push(self.coords.len() as u32 | mark);
        }
        holds_something
    }

    /// Writes positions and ends.
    pub fn write(&self, bytes: &mut Vec<u8>) {
        for at in &self.coords {
            bytes.extend_from_slice(&at.x.to_le_bytes());
            bytes.extend_from_slice(&at.y.to_le_bytes());
        }
        for end in &self.ends {
            bytes.extend_from_slice(&end.to_le_bytes());
        }
    }
}

/// The members of a collection, sorted by dimension.
#[derive(Default)]
struct Flat {
    points: Vec<Point<f64>>,
    lines: Vec<LineString<f64>>,
    polygons: Vec<Polygon<f64>>,
}

impl Flat {
    fn gather(&mut self, members: &[Geometry<f64>]) {
        for member in members {
            match member {
                Geometry::Point(point) => self.points.push(*point),
                Geometry::MultiPoint(points) => self.points.extend(points),
                Geometry::Line(line) => self.lines.push(LineString::from(*line)),
                Geometry::LineString(line) => self.lines.push(line.clone()),
                Geometry::MultiLineString(lines) => self.lines.extend(lines.iter().cloned()),
                Geometry::Polygon(polygon) => self.polygons.push(polygon.clone()),
                Geometry::MultiPolygon(polygons) => self.polygons.extend(polygons.iter().cloned()),
                Geometry::Rect(rect) => self.polygons.push(rect.to_polygon()),
                Geometry::Triangle(triangle) => self.polygons.push(triangle.to_polygon()),
                Geometry::GeometryCollection(inner) => self.gather(&inner.0),
            }
        }
    }
}

/// A shape that owns its bytes: for geometries that are not in a layer.
pub(crate) struct OwnShape {
    kind: Kind,
    positions: usize,
    bytes: Vec<u8>,
}

impl OwnShape {
    pub fn of(geometry: &Geometry<f64>) -> Self {
        let packing = Packing::of(geometry);
        let (kind, positions) = (packing.kind, packing.coords.len() * 16);
        let mut bytes = Vec::with_capacity(positions + packing.ends.len() * 4);
        packing.write(&mut bytes);
        Self { kind, positions, bytes }
    }

    pub fn view(&self) -> Shape<'_> {
        let (positions, ends) = self.bytes.split_at(self.positions);
        Shape::new(self.kind, positions, ends)
    }
}

/// One line, ring or set of points of a shape.
#[derive(Clone, Copy)]
pub(crate) struct Part<'s> {
    positions: &'s [u8],
    /// Whether this ring begins a polygon.
    pub is_exterior: bool,
}

impl<'s> Part<'s> {
    #[inline]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Coord<f64>> + Clone + use<'s> {
        self.positions.as_chunks::<16>().0.iter().map(|bytes| {
            let (x, y) = bytes.split_at(8);
            Coord { x: f64_of(x), y: f64_of(y) }
        })
    }

    fn to_line(self, closed: bool) -> LineString<f64> {
        let mut line: Vec<_> = self.iter().collect();
        if let (true, Some(first)) = (closed, line.first().copied()) {
            line.push(first);
        }
        LineString(line)
    }
}

#[inline]
fn f64_of(bytes: &[u8]) -> f64 {
    bytes.try_into().map_or(f64::NAN, f64::from_le_bytes)
}

/// A packed shape, looked at.
#[derive(Clone, Copy)]
pub(crate) struct Shape<'s> {
    pub kind: Kind,
    positions: &'s [u8],
    ends: &'s [u8],
}

impl<'s> Shape<'s> {
    pub fn new(kind: Kind, positions: &'s [u8], ends: &'s [u8]) -> Self {
        Self { kind, positions, ends }
    }

    pub fn positions(&self) -> impl ExactSizeIterator<Item = Coord<f64>> + Clone + use<'s> {
        Part { positions: self.positions, is_exterior: true }.iter()
    }

    /// The lines or rings one by one; all positions of points as one part.
    pub fn parts(&self) -> impl Iterator<Item = Part<'s>> + Clone + use<'s> {
        let positions = self.positions;
        let whole = self.ends.is_empty() && !positions.is_empty();
        let mut from = 0;
        let several = self.ends.as_chunks::<4>().0.iter().map(move |end| {
            let end = u32::from_le_bytes(*end);
            let to = (end & !EXTERIOR) as usize * 16;
            let part = Part { positions: &positions[from..to], is_exterior: end & EXTERIOR != 0 };
            from = to;
            part
        });
        whole.then_some(Part { positions, is_exterior: true }).into_iter().chain(several)
    }

    pub fn bounds(&self) -> LngLatBox {
        let mut bounds = LngLatBox::EMPTY;
        for at in self.positions() {
            bounds.extend(at.x, at.y);
        }
        bounds
    }

    pub fn dimension(&self) -> u8 {
        match self.kind {
            Kind::Point | Kind::MultiPoint => 0,
            Kind::Line | Kind::MultiLine => 1,
            Kind::Polygon | Kind::MultiPolygon => 2,
        }
    }

    pub fn to_geometry(self) -> Geometry<f64> {
        match self.kind {
            Kind::Point => match self.positions().next() {
                Some(at) => Geometry::Point(at.into()),
                None => Geometry::MultiPoint(MultiPoint(Vec::new())),
            },
            Kind::MultiPoint => Geometry::MultiPoint(MultiPoint(self.positions().map(Point::from).collect())),
            Kind::Line => Geometry::LineString(LineString(self.positions().collect())),
            Kind::MultiLine => {
                Geometry::MultiLineString(MultiLineString(self.parts().map(|part| part.to_line(false)).collect()))
            }
            Kind::Polygon => match self.to_polygons().pop() {
                Some(polygon) => Geometry::Polygon(polygon),
                None => Geometry::MultiPolygon(MultiPolygon(Vec::new())),
            },
            Kind::MultiPolygon => Geometry::MultiPolygon(MultiPolygon(self.to_polygons())),
        }
    }

    fn to_polygons(self) -> Vec<Polygon<f64>> {
        let mut polygons: Vec<Polygon<f64>> = Vec::new();
        for part in self.parts() {
            match polygons.last_mut() {
                Some(polygon) if !part.is_exterior => polygon.interiors_push(part.to_line(true)),
                _ => polygons.push(Polygon::new(part.to_line(true), Vec::new())),
            }
        }
        polygons
    }
}
