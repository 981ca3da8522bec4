//! One row of a layer: one object in one period of validity.

use crate::dictionary::{write_row, Cell, Dictionary, Row};
use crate::generalise::own_zoom;
use crate::packed::{Kind, Packing, Shape};
use crate::{DateRange, LayerSchema, LngLatBox, Value};
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
#[derive(Debug)]
pub struct Feature {
    fid: i64,
    id: Uuid,
    data: Box<[u8]>,
    valid: (i32, i32),
    positions: u32,
    ends: u32,
    version: i32,
    legal_srid: i32,
    kind: Kind,
    own_zoom: u8,
}

impl Feature {
    pub(crate) fn pack(new: &NewFeature, schema: &LayerSchema, dictionaries: &[Dictionary]) -> Self {
        let packing = Packing::of(&new.geometry);
        let (kind, positions, ends) = (packing.kind, packing.coords.len() as u32, packing.ends.len() as u32);
        let mut data = packing.into_bytes(32);
        let shape_bytes = data.len();
        let mut row = data.split_off(shape_bytes);
        let held = new.values.iter().zip(dictionaries).enumerate();
        write_row(&mut row, held.map(|(index, (value, dictionary))| (schema.held(index, value), dictionary)));
        data.extend_from_slice(&row);
        let mut feature = Self {
            fid: new.fid,
            id: new.id,
            data: data.into_boxed_slice(),
            valid: new.valid.to_days(),
            positions,
            ends,
            version: new.version,
            legal_srid: new.legal_srid.unwrap_or(0),
            kind,
            own_zoom: 0,
        };
        feature.own_zoom = own_zoom(&feature, schema);
        feature
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
        self.version
    }

    /// The VN-2000 zone in which its metres are legal, if any.
    pub fn legal_srid(&self) -> Option<i32> {
        (self.legal_srid != 0).then_some(self.legal_srid)
    }

    /// When this row holds.
    pub fn valid(&self) -> DateRange {
        DateRange::from_days(self.valid)
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
        self.own_zoom
    }

    pub(crate) fn shape(&self) -> Shape<'_> {
        let positions = self.positions as usize * 16;
        let ends = positions + self.ends as usize * 4;
        Shape::new(self.kind, &self.data[..positions], &self.data[positions..ends])
    }

    pub(crate) fn row(&self) -> Row<'_> {
        Row::new(&self.data[self.shape_bytes()..])
    }

    pub(crate) fn cell(&self, index: usize) -> Cell<'_> {
        self.row().cell(index)
    }

    fn shape_bytes(&self) -> usize {
        self.positions as usize * 16 + self.ends as usize * 4
    }

    /// Bytes of its positions.
    pub(crate) fn coordinate_bytes(&self) -> usize {
        self.positions as usize * 16
    }

    /// Bytes beside its positions: itself, its counters, its row, and what an allocator adds to two blocks.
    pub(crate) fn own_bytes(&self) -> usize {
        let itself = allocated(size_of::<Self>() + 16);
        itself + allocated(self.data.len()) - self.coordinate_bytes()
    }
}

/// What `malloc` takes for a block: eight bytes more, in steps of sixteen.
fn allocated(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { (bytes + 8).next_multiple_of(16).max(32) }
}
