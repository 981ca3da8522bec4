//! One geometry in flat, reusable buffers: a row costs no allocation.

/// Points, lines or areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// Points.
    Point,
    /// Lines.
    Line,
    /// Polygons.
    Polygon,
}

/// Why a geometry cannot be taken as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// No coordinates at all.
    Empty,
    /// NaN or infinite coordinate.
    NotFinite,
    /// Points, lines and areas in one geometry.
    MixedCollection,
    /// A curve or another type that has no plain form.
    UnknownType,
    /// Bytes that are no WKB.
    Broken,
    /// More vertices than the limit.
    TooManyVertices,
}

/// A geometry of one dimension. Every part is a run of rings, every ring a run of points: a point is a part with one
/// ring of one point, a line a part with one ring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shape {
    dimension: Option<Dimension>,
    /// x, y of all vertices.
    pub points: Vec<(f64, f64)>,
    /// z of all vertices; empty if there is none.
    pub heights: Vec<f64>,
    /// End of each ring in `points`.
    pub rings: Vec<usize>,
    /// End of each part in `rings`.
    pub parts: Vec<usize>,
    /// Was it a multi-geometry or collection?
    pub multi: bool,
    /// Rings that were closed and parts without coordinates that were left out while reading.
    pub mended: u32,
}

const MAX_DEPTH: u8 = 8;

impl Shape {
    /// Reads WKB (ISO or extended type codes, both byte orders, no SRID needed) into this shape, reusing its memory.
    ///
    /// # Errors
    /// The [`Defect`]; the shape is then not to be used.
    pub fn read(&mut self, wkb: &[u8], vertex_limit: usize) -> Result<(), Defect> {
        self.clear();
        let mut reader = Reader { bytes: wkb, little: true };
        let mut with_z = false;
        self.read_one(&mut reader, vertex_limit, &mut with_z, 0)?;
        // What a program writes where nothing was measured is no height.
        if !with_z || self.heights.iter().all(|z| z.is_nan() || *z == 0.0) {
            self.heights.clear();
        }
        if self.parts.is_empty() {
            return Err(Defect::Empty);
        }
        let finite = self.points.iter().all(|p| p.0.is_finite() && p.1.is_finite())
            && self.heights.iter().all(|z| z.is_finite());
        if finite { Ok(()) } else { Err(Defect::NotFinite) }
    }

    /// A point.
    pub fn set_point(&mut self, x: f64, y: f64) {
        self.clear();
        self.dimension = Some(Dimension::Point);
        self.points.push((x, y));
        self.rings.push(1);
        self.parts.push(1);
    }

    /// Lines that all end where they begin become areas; true if they did. Drawings have no areas, only closed lines.
    pub fn areas_of_closed_lines(&mut self) -> bool {
        let closed = |part: usize| {
            self.rings_of(part).all(|ring| {
                let ring = &self.points[ring];
                ring.len() >= 4 && ring.first() == ring.last()
            })
        };
        let all = self.dimension() == Dimension::Line && !self.parts.is_empty() && (0..self.parts.len()).all(closed);
        if all {
            self.dimension = Some(Dimension::Polygon);
        }
        all
    }

    /// Points, lines or areas.
    pub fn dimension(&self) -> Dimension {
        self.dimension.unwrap_or(Dimension::Point)
    }

    /// The rings of a part, as ranges of `points`.
    pub fn rings_of(&self, part: usize) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        let first = if part == 0 { 0 } else { self.parts[part - 1] };
        (first..self.parts[part]).map(|r| (if r == 0 { 0 } else { self.rings[r - 1] })..self.rings[r])
    }

    /// Bounding box: west, south, east, north.
    pub fn bounds(&self) -> [f64; 4] {
        bounds(&self.points)
    }

    /// Area by the shoelace formula, holes taken out, in square units of the coordinates; 0 for points and lines.
    pub fn area(&self) -> f64 {
        if self.dimension() != Dimension::Polygon {
            return 0.0;
        }
        (0..self.parts.len())
            .map(|p| {
                self.rings_of(p)
                    .enumerate()
                    .map(|(i, r)| {
                        let a = signed_area(&self.points[r]).abs();
                        if i == 0 { a } else { -a }
                    })
                    .sum::<f64>()
            })
            .sum()
    }

    /// Structure: rings closed with four points and an area, lines with two different points. What is hopeless is said.
    pub fn structure(&self) -> Result<(), &'static str> {
        for part in 0..self.parts.len() {
            for ring in self.rings_of(part) {
                let points = &self.points[ring];
                match self.dimension() {
                    Dimension::Point => {}
                    Dimension::Line if points.iter().all(|p| *p == points[0]) => return Err("line-too-short"),
                    Dimension::Polygon if points.len() < 4 => return Err("ring-too-short"),
                    Dimension::Line | Dimension::Polygon => {}
                }
            }
        }
        Ok(())
    }

    /// Writes EWKB with an SRID. `multi` writes a multi-geometry even for one part; `with_z` keeps heights.
    pub fn write_ewkb(&self, out: &mut Vec<u8>, srid: i32, multi: bool, with_z: bool) {
        let z = with_z && !self.heights.is_empty();
        let code = match self.dimension() {
            Dimension::Point => 1u32,
            Dimension::Line => 2,
            Dimension::Polygon => 3,
        };
        let flags = if z { 0x8000_0000 } else { 0 };
        out.reserve(self.points.len() * if z { 24 } else { 16 } + 16 * self.rings.len() + 16);
        out.push(1);
        if multi {
            out.extend((code + 3 | flags | 0x2000_0000).to_le_bytes());
            out.extend(srid.to_le_bytes());
            out.extend((self.parts.len() as u32).to_le_bytes());
            for part in 0..self.parts.len() {
                out.push(1);
                out.extend((code | flags).to_le_bytes());
                self.write_body(out, part, z);
            }
        } else {
            out.extend((code | flags | 0x2000_0000).to_le_bytes());
            out.extend(srid.to_le_bytes());
            self.write_body(out, 0, z);
        }
    }

    /// Plain WKB in 2D, as a multi-geometry or (where it has one part) not.
    pub fn to_wkb(&self, multi: bool) -> Vec<u8> {
        let mut ewkb = Vec::new();
        self.write_ewkb(&mut ewkb, 0, multi || self.parts.len() > 1, false);
        let mut out = vec![1];
        let code = u32::from_le_bytes([ewkb[1], ewkb[2], ewkb[3], ewkb[4]]) & 0xff;
        out.extend(code.to_le_bytes());
        out.extend(&ewkb[9..]);
        out
    }

    /// Keeps only what another shape has of the same dimension; used after a repair.
    pub fn replace_by(&mut self, other: &Self) {
        self.points.clone_from(&other.points);
        self.rings.clone_from(&other.rings);
        self.parts.clone_from(&other.parts);
        self.heights.clear();
    }

    fn write_body(&self, out: &mut Vec<u8>, part: usize, z: bool) {
        let dimension = self.dimension();
        if dimension == Dimension::Polygon {
            out.extend((self.rings_of(part).count() as u32).to_le_bytes());
        }
        for ring in self.rings_of(part) {
            if dimension != Dimension::Point {
                out.extend((ring.len() as u32).to_le_bytes());
            }
            for i in ring {
                out.extend(self.points[i].0.to_le_bytes());
                out.extend(self.points[i].1.to_le_bytes());
                if z {
                    out.extend(self.heights[i].to_le_bytes());
                }
            }
        }
    }

    fn clear(&mut self) {
        self.dimension = None;
        self.points.clear();
        self.heights.clear();
        self.rings.clear();
        self.parts.clear();
        self.multi = false;
        self.mended = 0;
    }

    fn read_one(&mut self, reader: &mut Reader<'_>, limit: usize, with_z: &mut bool, depth: u8) -> Result<(), Defect> {
        if depth > MAX_DEPTH {
            return Err(Defect::Broken);
        }
        let (code, z, m) = reader.header()?;
        *with_z |= z;
        match code {
            1 => self.read_ring(reader, 1, Layout { z, m, limit }, Dimension::Point),
            2 => {
                let n = reader.count(16)?;
                self.read_ring(reader, n, Layout { z, m, limit }, Dimension::Line)
            }
            3 => self.read_polygon(reader, Layout { z, m, limit }),
            4..=7 => {
                self.multi = true;
                for _ in 0..reader.count(5)? {
                    self.read_one(reader, limit, with_z, depth + 1)?;
                }
                Ok(())
            }
            _ => Err(Defect::UnknownType),
        }
    }

    fn read_polygon(&mut self, reader: &mut Reader<'_>, layout: Layout) -> Result<(), Defect> {
        let before = self.rings.len();
        for index in 0..reader.count(4)? {
            let n = reader.count(16)?;
            if n == 0 {
                // A polygon without a shell is no polygon, whatever its holes.
                if index == 0 {
                    self.mended += 1;
                }
                continue;
            }
            let first = self.points.len();
            self.read_points(reader, n, layout)?;
            if self.points[first] != self.points[self.points.len() - 1] {
                self.points.push(self.points[first]);
                self.heights.push(self.heights[first]);
                self.mended += 1;
            }
            self.rings.push(self.points.len());
        }
        if self.rings.len() > before { self.take_part(Dimension::Polygon) } else { Ok(()) }
    }

    fn read_ring(
        &mut self,
        reader: &mut Reader<'_>,
        n: usize,
        layout: Layout,
        dimension: Dimension,
    ) -> Result<(), Defect> {
        let first = self.points.len();
        self.read_points(reader, n, layout)?;
        let is_empty_point =
            dimension == Dimension::Point && self.points[first].0.is_nan() && self.points[first].1.is_nan();
        if n == 0 || is_empty_point {
            self.points.truncate(first);
            self.heights.truncate(first);
            self.mended += 1;
            return Ok(());
        }
        self.rings.push(self.points.len());
        self.take_part(dimension)
    }

    fn take_part(&mut self, dimension: Dimension) -> Result<(), Defect> {
        if self.dimension.is_some_and(|d| d != dimension) {
            return Err(Defect::MixedCollection);
        }
        self.dimension = Some(dimension);
        self.parts.push(self.rings.len());
        Ok(())
    }

    fn read_points(&mut self, reader: &mut Reader<'_>, n: usize, layout: Layout) -> Result<(), Defect> {
        if self.points.len() + n > layout.limit {
            return Err(Defect::TooManyVertices);
        }
        for _ in 0..n {
            let (x, y) = (reader.double()?, reader.double()?);
            let height = if layout.z { reader.double()? } else { f64::NAN };
            if layout.m {
                reader.double()?;
            }
            self.points.push((x, y));
            self.heights.push(height);
        }
        Ok(())
    }
}

/// Bounding box of points: west, south, east, north.
pub fn bounds(points: &[(f64, f64)]) -> [f64; 4] {
    points.iter().fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |b, p| {
        [b[0].min(p.0), b[1].min(p.1), b[2].max(p.0), b[3].max(p.1)]
    })
}

/// Signed area of a closed ring, relative to its first point so that large coordinates cost no digits.
pub fn signed_area(ring: &[(f64, f64)]) -> f64 {
    let Some(&(ox, oy)) = ring.first() else { return 0.0 };
    let cross = |w: &[(f64, f64)]| (w[0].0 - ox) * (w[1].1 - oy) - (w[1].0 - ox) * (w[0].1 - oy);
    ring.windows(2).map(cross).sum::<f64>() / 2.0
}

#[derive(Clone, Copy)]
struct Layout {
    z: bool,
    m: bool,
    limit: usize,
}

struct Reader<'a> {
    bytes: &'a [u8],
    little: bool,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Defect> {
        let (head, tail) = self.bytes.split_first_chunk::<N>().ok_or(Defect::Broken)?;
        self.bytes = tail;
        Ok(*head)
    }

    fn word(&mut self) -> Result<u32, Defect> {
        let bytes = self.take::<4>()?;
        Ok(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn double(&mut self) -> Result<f64, Defect> {
        let bytes = self.take::<8>()?;
        Ok(if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    /// A count that the remaining bytes can hold, so that a lying one allocates nothing.
    fn count(&mut self, least_bytes: usize) -> Result<usize, Defect> {
        let n = self.word()? as usize;
        if n.saturating_mul(least_bytes) > self.bytes.len() { Err(Defect::Broken) } else { Ok(n) }
    }

    /// Type code 1–7 and whether Z and M follow.
    fn header(&mut self) -> Result<(u32, bool, bool), Defect> {
        self.little = match self.take::<1>()? {
            [1] => true,
            [0] => false,
            _ => return Err(Defect::Broken),
        };
        let raw = self.word()?;
        if raw & 0x2000_0000 != 0 {
            self.word()?;
        }
        let iso = raw & 0x0fff_ffff;
        let thousands = iso / 1000;
        let z = raw & 0x8000_0000 != 0 || thousands == 1 || thousands == 3;
        let m = raw & 0x4000_0000 != 0 || thousands == 2 || thousands == 3;
        Ok((iso % 1000, z, m))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// WKB by GDAL from WKT: the reader is held against another writer.
    fn wkb(wkt: &str) -> Vec<u8> {
        gdal::vector::Geometry::from_wkt(wkt).unwrap().wkb().unwrap()
    }

    fn read(wkt: &str) -> Result<Shape, Defect> {
        let mut shape = Shape::default();
        shape.read(&wkb(wkt), 1000).map(|()| shape)
    }

    fn ewkb_as_wkt(shape: &Shape, multi: bool, with_z: bool) -> String {
        let mut out = Vec::new();
        shape.write_ewkb(&mut out, 4326, multi, with_z);
        let z = out[4] & 0x80 != 0;
        let mut plain = vec![1];
        plain.extend((u32::from_le_bytes([out[1], 0, 0, 0]) + if z { 1000 } else { 0 }).to_le_bytes());
        plain.extend(&out[9..]);
        gdal::vector::Geometry::from_wkb(&plain).unwrap().wkt().unwrap()
    }

    #[test]
    fn what_is_read_is_written_with_its_srid() {
        assert_eq!(ewkb_as_wkt(&read("POINT (1 2)").unwrap(), false, false), "POINT (1 2)");
        assert_eq!(ewkb_as_wkt(&read("LINESTRING (1 2,3 4)").unwrap(), true, false), "MULTILINESTRING ((1 2,3 4))");
        let holed = "MULTIPOLYGON (((0 0,9 0,9 9,0 0),(4 1,5 1,5 2,4 1)),((20 0,29 0,29 9,20 0)))";
        assert_eq!(ewkb_as_wkt(&read(holed).unwrap(), true, false), holed);
        let mut out = Vec::new();
        read("POINT (1 2)").unwrap().write_ewkb(&mut out, 9210, false, false);
        assert_eq!(i32::from_le_bytes([out[5], out[6], out[7], out[8]]), 9210);
    }

    #[test]
    fn heights_are_kept_only_where_asked_for() {
        let shape = read("LINESTRING Z (1 2 3,4 5 6)").unwrap();
        assert_eq!(shape.heights, [3.0, 6.0]);
        let mut flat = Vec::new();
        shape.write_ewkb(&mut flat, 4326, false, false);
        assert_eq!(flat.len(), 9 + 4 + 32);
        let mut high = Vec::new();
        shape.write_ewkb(&mut high, 4326, false, true);
        assert_eq!(high.len(), 9 + 4 + 48);
    }

    #[test]
    fn empty_and_broken_geometries_are_told_apart() {
        // GDAL's plain WKB writes POINT EMPTY as 0 0; the ISO form, which is what the worker asks for, as NaN NaN.
        let mut point_empty = Vec::from([1u8, 1, 0, 0, 0]);
        point_empty.extend([f64::NAN.to_le_bytes(), f64::NAN.to_le_bytes()].concat());
        assert_eq!(Shape::default().read(&point_empty, 10), Err(Defect::Empty));
        assert_eq!(read("MULTIPOLYGON EMPTY"), Err(Defect::Empty));
        assert_eq!(read("GEOMETRYCOLLECTION (POINT (1 1),LINESTRING (1 1,2 2))"), Err(Defect::MixedCollection));
        let mut nan = Vec::from([1u8, 1, 0, 0, 0]);
        nan.extend(f64::INFINITY.to_le_bytes());
        nan.extend(1f64.to_le_bytes());
        assert_eq!(Shape::default().read(&nan, 10), Err(Defect::NotFinite));
        assert_eq!(Shape::default().read(&wkb("LINESTRING (1 1,2 2,3 3)"), 2), Err(Defect::TooManyVertices));
        assert_eq!(Shape::default().read(&[1, 2, 0, 0, 0, 255, 255, 255, 255], 10), Err(Defect::Broken));
    }

    #[test]
    fn an_unclosed_ring_is_closed_and_counted() {
        let mut wkb = Vec::from([1u8, 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0]);
        for v in [0f64, 0., 1., 0., 1., 1.] {
            wkb.extend(v.to_le_bytes());
        }
        let mut shape = Shape::default();
        shape.read(&wkb, 10).unwrap();
        assert_eq!((shape.points.len(), shape.mended, shape.area()), (4, 1, 0.5));
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = Shape::default().read(&bytes, 100);
        }
    }
}
