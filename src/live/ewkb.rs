//! Reads PostGIS's EWKB by hand: a third of a load's time is here, and no library reads it without a detour.
//!
//! Coordinates beyond x and y are left out: Z stays in PostGIS (decision 3).

use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

/// Bytes that are no geometry.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a geometry that cannot be read: {0}")]
pub struct BadGeometry(&'static str);

/// Collections inside collections; nobody draws deeper, and a stack is not endless.
const DEEPEST: u8 = 8;

/// Reads one geometry; the SRID is dropped (`geom` is always EPSG:4326).
///
/// # Errors
/// When the bytes end too early, or say a kind that is no simple feature.
pub fn read(bytes: &[u8]) -> Result<Geometry<f64>, BadGeometry> {
    let mut reader = Reader { bytes, little: true };
    reader.geometry(DEEPEST)
}

struct Reader<'b> {
    bytes: &'b [u8],
    little: bool,
}

/// What the header of a geometry says: its kind, and how many numbers a position has.
struct Header {
    kind: u32,
    dimensions: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], BadGeometry> {
        let (head, rest) = self.bytes.split_first_chunk::<N>().ok_or(BadGeometry("it ends too early"))?;
        self.bytes = rest;
        Ok(*head)
    }

    fn u32(&mut self) -> Result<u32, BadGeometry> {
        let bytes = self.take::<4>()?;
        Ok(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self) -> Result<f64, BadGeometry> {
        let bytes = self.take::<8>()?;
        Ok(if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn header(&mut self) -> Result<Header, BadGeometry> {
        self.little = self.take::<1>()?[0] == 1;
        let word = self.u32()?;
        if word & 0x2000_0000 != 0 {
            self.u32()?;
        }
        let dimensions = 2 + usize::from(word & 0x8000_0000 != 0) + usize::from(word & 0x4000_0000 != 0);
        Ok(Header { kind: word & 0x0fff_ffff, dimensions })
    }

    fn coord(&mut self, dimensions: usize) -> Result<Coord<f64>, BadGeometry> {
        let coord = Coord { x: self.f64()?, y: self.f64()? };
        for _ in 2..dimensions {
            self.f64()?;
        }
        Ok(coord)
    }

    /// How many of something follow; never trusted further than the bytes that are there.
    fn count(&mut self, smallest: usize) -> Result<usize, BadGeometry> {
        let count = self.u32()? as usize;
        if count.saturating_mul(smallest) > self.bytes.len() {
            return Err(BadGeometry("it says more parts than it has"));
        }
        Ok(count)
    }

    fn line(&mut self, dimensions: usize) -> Result<LineString<f64>, BadGeometry> {
        let count = self.count(8 * dimensions)?;
        let mut coords = Vec::with_capacity(count);
        for _ in 0..count {
            coords.push(self.coord(dimensions)?);
        }
        Ok(LineString::new(coords))
    }

    fn polygon(&mut self, dimensions: usize) -> Result<Polygon<f64>, BadGeometry> {
        let count = self.count(4)?;
        if count == 0 {
            return Ok(Polygon::new(LineString::new(Vec::new()), Vec::new()));
        }
        let exterior = self.line(dimensions)?;
        let interiors = (1..count).map(|_| self.line(dimensions)).collect::<Result<_, _>>()?;
        Ok(Polygon::new(exterior, interiors))
    }

    fn parts<T>(
        &mut self,
        kind: u32,
        mut part: impl FnMut(&mut Self, usize) -> Result<T, BadGeometry>,
    ) -> Result<Vec<T>, BadGeometry> {
        let count = self.count(5)?;
        let mut parts = Vec::with_capacity(count);
        for _ in 0..count {
            let header = self.header()?;
            if header.kind != kind {
                return Err(BadGeometry("a part is of another kind than the whole"));
            }
            parts.push(part(self, header.dimensions)?);
        }
        Ok(parts)
    }

    fn geometry(&mut self, depth: u8) -> Result<Geometry<f64>, BadGeometry> {
        let header = self.header()?;
        Ok(match header.kind {
            1 => Geometry::Point(Point(self.coord(header.dimensions)?)),
            2 => Geometry::LineString(self.line(header.dimensions)?),
            3 => Geometry::Polygon(self.polygon(header.dimensions)?),
            4 => Geometry::MultiPoint(MultiPoint(self.parts(1, |r, n| r.coord(n).map(Point))?)),
            5 => Geometry::MultiLineString(MultiLineString(self.parts(2, Self::line)?)),
            6 => Geometry::MultiPolygon(MultiPolygon(self.parts(3, Self::polygon)?)),
            7 if depth > 0 => {
                let count = self.count(5)?;
                let parts = (0..count).map(|_| self.geometry(depth - 1)).collect::<Result<_, _>>()?;
                Geometry::GeometryCollection(GeometryCollection::new_from(parts))
            }
            _ => return Err(BadGeometry("a kind that is no simple feature")),
        })
    }
}

#[cfg(test)]
mod tests {
    use geozero::{CoordDimensions, ToWkb as _};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_kind_reads_as_it_was_written() {
        let square = geo::wkt!(POLYGON((0. 0., 4. 0., 4. 4., 0. 4., 0. 0.),(1. 1., 2. 1., 2. 2., 1. 1.)));
        let kinds: [Geometry<f64>; 7] = [
            geo::wkt!(POINT(106.7 10.77)).into(),
            geo::wkt!(LINESTRING(1. 2., 3. 4.)).into(),
            square.clone().into(),
            geo::wkt!(MULTIPOINT(1. 2., 3. 4.)).into(),
            geo::wkt!(MULTILINESTRING((1. 2., 3. 4.),(5. 6., 7. 8.))).into(),
            geo::wkt!(MULTIPOLYGON(((0. 0., 4. 0., 4. 4., 0. 0.)))).into(),
            Geometry::GeometryCollection(GeometryCollection::new_from(vec![square.into()])),
        ];
        for kind in kinds {
            let bytes = kind.to_ewkb(CoordDimensions::xy(), Some(4326)).unwrap();
            assert_eq!(read(&bytes), Ok(kind));
        }
    }

    #[test]
    fn the_third_dimension_is_left_out() {
        let mut bytes = vec![1];
        bytes.extend((0x8000_0001_u32).to_le_bytes());
        for number in [1.0_f64, 2.0, 3.0] {
            bytes.extend(number.to_le_bytes());
        }
        assert_eq!(read(&bytes), Ok(geo::wkt!(POINT(1. 2.)).into()));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }
    }
}
