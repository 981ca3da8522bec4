//! One row of a layer: one object in one period of validity.

use crate::cover::{Outline, shape_touches_tile};
use crate::dictionary::{Cell, Dictionary, Row, write_row};
use crate::generalise::own_zoom;
use crate::packed::{Kind, Packing, Shape};
use crate::{DateRange, LayerSchema, LngLatBox, TileId, Value};
use chrono::NaiveDate;
use geo::Geometry;
use uuid::Uuid;

/// A feature on its way into a layer.
#[derive(Clone, Debug)]
pub struct NewFeature {
    /// Key of the row in `PostGIS`, and its id in tiles; < 2⁵³.
    pub fid: i64,
    /// The object, of which this is one period.
    pub id: Uuid,
    /// Version of the object.
    pub version: i32,
    /// Shape in lon/lat degrees. An empty one is kept but found by no place.
    pub geometry: Geometry<f64>,
    /// The VN-2000 zone of its data set, where its metres are legal.
    pub legal_srid: Option<i32>,
    /// When this row holds.
    pub valid: DateRange,
    /// Values in the order of the schema's attributes; missing ones at the end are null.
    pub values: Vec<Value>,
}

/// A feature in a layer: immutable, shared, packed.
///
/// Two keys and one run of bytes: a header, positions, part ends, attribute row. The header is variable, because most
/// features hold for ever and have one part: so the whole is 64 bytes and what it really needs.
#[derive(Debug)]
pub struct Feature {
    fid: i64,
    id: Uuid,
    data: Box<[u8]>,
}

impl Feature {
    pub(crate) fn pack(new: &NewFeature, schema: &LayerSchema, dictionaries: &[Dictionary]) -> Self {
        let packing = Packing::of(&new.geometry);
        let mut header = Header {
            kind: packing.kind,
            own_zoom: 0,
            positions: packing.coords.len(),
            ends: packing.ends.len(),
            version: new.version,
            valid: new.valid.to_days(),
            legal_srid: new.legal_srid.unwrap_or(0),
            shape_at: 0,
        };
        let mut data = Vec::with_capacity(packing.coords.len() * 16 + packing.ends.len() * 4 + 64);
        header.write(&mut data);
        packing.write(&mut data);
        let held = new.values.iter().zip(dictionaries).enumerate();
        write_row(&mut data, held.map(|(index, (value, dictionary))| (schema.held(index, value), dictionary)));
        let mut feature = Self { fid: new.fid, id: new.id, data: data.into_boxed_slice() };
        header.own_zoom = own_zoom(&feature, schema);
        if let Some(byte) = feature.data.get_mut(OWN_ZOOM_AT) {
            *byte = header.own_zoom;
        }
        feature
    }

    fn header(&self) -> Header {
        Header::read(&self.data)
    }

    /// Key of the row, and its id in tiles.
    pub fn fid(&self) -> i64 {
        self.fid
    }

    /// The object.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// Version of the object.
    pub fn version(&self) -> i32 {
        self.header().version
    }

    /// The VN-2000 zone in which its metres are legal, if any.
    pub fn legal_srid(&self) -> Option<i32> {
        Some(self.header().legal_srid).filter(|srid| *srid != 0)
    }

    /// When this row holds.
    pub fn valid(&self) -> DateRange {
        DateRange::from_days(self.header().valid)
    }

    /// Whether this row holds on `day`.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.valid().contains(day)
    }

    /// Its shape in lon/lat, rings closed.
    pub fn geometry(&self) -> Geometry<f64> {
        self.shape().to_geometry()
    }

    /// The box around it; [`LngLatBox::EMPTY`] around nothing.
    pub fn bounds(&self) -> LngLatBox {
        self.shape().bounds()
    }

    /// The lowest zoom at which it is drawn on its own.
    pub fn own_zoom(&self) -> u8 {
        self.data.get(OWN_ZOOM_AT).copied().unwrap_or_default()
    }

    /// Whether it is drawn in a tile, from the detail zoom up: whether it touches the tile with its buffer. This is the
    /// encoder's own test, so a cache that drops by it never keeps a stale tile.
    pub fn touches_tile(&self, tile: TileId) -> bool {
        shape_touches_tile(&self.shape(), tile)
    }

    /// Its shape made ready to be compared with many tiles; [`Self::touches_tile`] for each.
    pub fn outline(&self) -> Outline {
        Outline::of(&self.shape())
    }

    pub(crate) fn shape(&self) -> Shape<'_> {
        let header = self.header();
        let ends_at = header.shape_at + header.positions * 16;
        let row_at = ends_at + header.ends * 4;
        Shape::new(header.kind, &self.data[header.shape_at..ends_at], &self.data[ends_at..row_at])
    }

    pub(crate) fn row(&self) -> Row<'_> {
        let header = self.header();
        Row::new(&self.data[header.shape_at + header.positions * 16 + header.ends * 4..])
    }

    pub(crate) fn cell(&self, index: usize) -> Cell<'_> {
        self.row().cell(index)
    }

    /// Bytes of its positions.
    pub(crate) fn coordinate_bytes(&self) -> usize {
        self.header().positions * 16
    }

    /// Bytes beside its positions: itself, its counters, its header and row, and what an allocator adds to two blocks.
    pub(crate) fn own_bytes(&self) -> usize {
        let itself = allocated(size_of::<Self>() + 16);
        itself + allocated(self.data.len()) - self.coordinate_bytes()
    }
}

/// Where the header has the zoom from which the feature is drawn on its own.
const OWN_ZOOM_AT: usize = 1;

const HAS_ENDS: u8 = 1 << 3;
const HAS_START: u8 = 1 << 4;
const HAS_END: u8 = 1 << 5;
const HAS_SRID: u8 = 1 << 6;

/// What stands before the shape.
struct Header {
    kind: Kind,
    own_zoom: u8,
    positions: usize,
    ends: usize,
    version: i32,
    valid: (i32, i32),
    legal_srid: i32,
    shape_at: usize,
}

impl Header {
    fn write(&self, data: &mut Vec<u8>) {
        let flag = |flag: u8, is_set: bool| if is_set { flag } else { 0 };
        let flags = flag(HAS_ENDS, self.ends > 0)
            | flag(HAS_START, self.valid.0 != i32::MIN)
            | flag(HAS_END, self.valid.1 != i32::MAX)
            | flag(HAS_SRID, self.legal_srid != 0);
        data.extend([self.kind as u8 | flags, self.own_zoom]);
        let fields = [
            (0, self.positions as u32),
            (HAS_ENDS, self.ends as u32),
            (0, self.version.cast_unsigned()),
            (HAS_START, self.valid.0.cast_unsigned()),
            (HAS_END, self.valid.1.cast_unsigned()),
            (HAS_SRID, self.legal_srid.cast_unsigned()),
        ];
        for (flag, mut value) in fields {
            if flag & flags != flag {
                continue;
            }
            while value >= 0x80 {
                data.push(value as u8 | 0x80);
                value >>= 7;
            }
            data.push(value as u8);
        }
    }

    #[inline]
    fn read(data: &[u8]) -> Self {
        let (first, own_zoom) = (data[0], data[OWN_ZOOM_AT]);
        let mut at = OWN_ZOOM_AT + 1;
        let mut number = |flag: u8, missing: i32| -> i32 {
            if first & flag != flag {
                return missing;
            }
            let (mut value, mut shift) = (0_u32, 0);
            loop {
                let byte = data[at];
                at += 1;
                value |= u32::from(byte & 0x7f) << shift;
                if byte & 0x80 == 0 {
                    return value.cast_signed();
                }
                shift += 7;
            }
        };
        let (positions, ends) = (number(0, 0) as usize, number(HAS_ENDS, 0) as usize);
        let version = number(0, 0);
        let valid = (number(HAS_START, i32::MIN), number(HAS_END, i32::MAX));
        let legal_srid = number(HAS_SRID, 0);
        Self { kind: Kind::from_bits(first), own_zoom, positions, ends, version, valid, legal_srid, shape_at: at }
    }
}

/// What `malloc` takes for a block: eight bytes more, in steps of sixteen.
fn allocated(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}
