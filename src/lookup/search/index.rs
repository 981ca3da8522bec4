//! The words of the city in memory: which objects hold which words, kept up to date by the follower.
//!
//! The index only proposes objects. What is shown of them, and whether they may be shown at all, is read from the core for
//! the audience that asks; and a field that the audience does not see counts for nothing.

use std::{collections::BTreeMap, sync::Arc};

use dothi_tiles::{Feature, Layer, LayerName, LngLatBox, Value};
use parking_lot::RwLock;
use uuid::Uuid;

use super::{
    fold::{fold, grams},
    former::Texts,
    house_number,
    parcel_number::normal,
    table::Table,
};
use crate::{
    catalog::Catalog,
    live::{Changed, LayerChange, State, Watcher},
};

/// Objects of one layer that are looked at more closely, after the trigrams have proposed them.
const PROPOSED: usize = 300;

/// Objects that are read anew under one lock.
const OBJECTS_A_LOCK: usize = 100;

/// One layer's words, and by which reader they were read.
struct Read {
    reader: Reader,
    table: Table,
}

/// The index of all layers.
#[derive(Default)]
pub struct SearchIndex {
    tables: RwLock<BTreeMap<LayerName, Read>>,
    /// Texts of old units.
    pub(super) former: Texts,
}

/// An object that was proposed, with its fields to be weighed.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// The layer it is in.
    pub layer: LayerName,
    /// The object.
    pub id: Uuid,
    /// Attribute and folded text.
    pub fields: Vec<(Arc<str>, Box<str>)>,
}

impl SearchIndex {
    /// Reads the words of every layer.
    pub fn read(&self, state: &State) {
        for layer in state.core.layers() {
            self.read_layer(&state.catalog, &layer);
        }
    }

    /// Objects whose words share trigrams with the question, the most first.
    pub fn propose(&self, folded: &str, sees: impl Fn(&LayerName) -> bool) -> Vec<Proposed> {
        let wanted = grams(folded);
        let tables = self.tables.read();
        let mut proposed = Vec::new();
        for (layer, read) in tables.iter().filter(|(layer, _)| sees(layer)) {
            let docs = read.table.propose(&wanted, PROPOSED).into_iter();
            proposed.extend(docs.map(|doc| Proposed { layer: layer.clone(), id: doc.id, fields: doc.fields.clone() }));
        }
        proposed
    }

    /// Parcels with that number, on that sheet if one is named.
    pub fn parcels(&self, sheet: Option<&str>, number: &str) -> Vec<Uuid> {
        let tables = self.tables.read();
        let Some(Read { table, .. }) = tables.get("parcel") else { return Vec::new() };
        let same = table.numbers.get(number).into_iter().flatten();
        same.filter(|(on, _)| sheet.is_none_or(|sheet| on == sheet)).map(|(_, id)| *id).collect()
    }

    /// Where the parcels lie whose numbers are of a commune of before.
    pub fn extent_of_commune(&self, code: &str) -> Option<LngLatBox> {
        self.tables.read().get("parcel")?.table.communes.get(code).copied()
    }

    /// Whether any parcel is on that map sheet.
    pub fn has_sheet(&self, sheet: &str) -> bool {
        let tables = self.tables.read();
        let numbers = tables.get("parcel").map(|read| &read.table.numbers);
        numbers.is_some_and(|numbers| numbers.values().flatten().any(|(on, _)| on == sheet))
    }

    /// Addresses with that house number.
    pub fn houses(&self, number: &str) -> Vec<Uuid> {
        let tables = self.tables.read();
        tables.get("address").and_then(|read| read.table.houses.get(number)).cloned().unwrap_or_default()
    }

    /// Where there is no such number in an alley: the houses of that alley, else the one it begins at.
    pub fn houses_beside(&self, number: &str) -> Vec<Uuid> {
        let tables = self.tables.read();
        let Some(Read { table, .. }) = tables.get("address") else { return Vec::new() };
        let Some((alley, _)) = number.rsplit_once('/') else { return Vec::new() };
        let inside = |key: &str| key.strip_prefix(alley).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        table.houses.iter().filter(|(key, _)| inside(key)).flat_map(|(_, ids)| ids.iter().copied()).collect()
    }

    fn read_layer(&self, catalog: &Catalog, layer: &Layer) {
        let name = layer.schema().name.clone();
        let Some(reader) = Reader::of(catalog, layer) else {
            self.tables.write().remove(&name);
            return;
        };
        let mut table = Table::default();
        for feature in layer.all() {
            reader.read(&mut table, layer, &feature);
        }
        let old = self.tables.write().insert(name, Read { reader, table });
        // Not under the lock: hundreds of thousands of texts are let go one by one.
        drop(old);
    }

    /// Reads a layer only if its words are others by the new catalog.
    fn read_if_new(&self, catalog: &Catalog, layer: &Layer) {
        let is_same = {
            let tables = self.tables.read();
            tables.get(&layer.schema().name).map(|read| &read.reader) == Reader::of(catalog, layer).as_ref()
        };
        if !is_same {
            self.read_layer(catalog, layer);
        }
    }

    fn read_objects(&self, catalog: &Catalog, layer: &Layer, ids: &[Uuid]) {
        let Some(reader) = Reader::of(catalog, layer) else { return };
        let name = &layer.schema().name;
        // Questions take their turns between them.
        for some in ids.chunks(OBJECTS_A_LOCK) {
            let mut tables = self.tables.write();
            let new = || Read { reader: reader.clone(), table: Table::default() };
            let table = &mut tables.entry(name.clone()).or_insert_with(new).table;
            for id in some {
                table.forget(*id);
                for feature in layer.rows_of(*id) {
                    reader.read(table, layer, &feature);
                }
            }
        }
    }
}

impl Watcher for SearchIndex {
    fn changed(&self, state: &State, changed: &Changed) {
        if changed.catalog {
            let layers = state.core.layers();
            self.tables.write().retain(|name, _| layers.iter().any(|layer| layer.schema().name == *name));
            for layer in layers {
                self.read_if_new(&state.catalog, &layer);
            }
        }
        for (name, change) in &changed.layers {
            let Some(layer) = state.core.layer(name) else { continue };
            match change {
                LayerChange::Everything => self.read_layer(&state.catalog, &layer),
                LayerChange::Rows(touched) => {
                    let mut ids: Vec<Uuid> = touched.iter().map(|touched| touched.id).collect();
                    ids.sort_unstable();
                    ids.dedup();
                    self.read_objects(&state.catalog, &layer, &ids);
                }
            }
        }
    }
}

/// Which attributes of a layer hold its words.
#[derive(Clone, Debug, PartialEq)]
struct Reader {
    words: Vec<(usize, Arc<str>)>,
    /// Places of sheet and number, in the layer of parcels.
    number: Option<(usize, usize)>,
    /// Place of the commune's code, in the layer of parcels.
    commune: Option<usize>,
    /// Place of the house number, in the layer of addresses.
    house: Option<usize>,
}

/// Layers whose features have no name of their own, only that of the street they belong to: who looks for the street
/// finds the street.
const NAMELESS: [&str; 4] = ["land_price", "planning_line", "lighting_line", "luminaire"];

impl Reader {
    fn of(catalog: &Catalog, layer: &Layer) -> Option<Self> {
        let schema = layer.schema();
        let described = catalog.layer(schema.name.as_str())?;
        if NAMELESS.contains(&schema.name.as_str()) {
            return None;
        }
        let number = (schema.name.as_str() == "parcel")
            .then(|| schema.index_of("sheet").zip(schema.index_of("number")))
            .flatten();
        let words: Vec<(usize, Arc<str>)> = described
            .attributes
            .iter()
            .filter(|attribute| attribute.searchable && !attribute.private)
            // A parcel's sheet, number and old commune are asked for by "tờ … thửa …": as words they would bury all else.
            .filter(|attribute| number.is_none() || attribute.name == "official_id")
            .filter_map(|attribute| Some((schema.index_of(&attribute.name)?, Arc::from(attribute.name.as_str()))))
            .collect();
        let house = (schema.name.as_str() == "address").then(|| schema.index_of("number")).flatten();
        let commune = number.and_then(|_| schema.index_of("commune_code"));
        (!words.is_empty() || number.is_some()).then_some(Self { words, number, commune, house })
    }

    fn read(&self, table: &mut Table, layer: &Layer, feature: &Feature) {
        let text = |at: usize| match layer.value(feature, at) {
            Value::Text(text) => Some(text),
            Value::Int(number) => Some(number.to_string().into()),
            _ => None,
        };
        if let Some((sheet, number)) = self.number.and_then(|(sheet, number)| text(sheet).zip(text(number))) {
            table.put_number(normal(&sheet), normal(&number), feature.id());
        }
        if let Some(commune) = self.commune.and_then(text) {
            table.put_commune(&commune, feature.bounds());
        }
        for key in self.house.and_then(text).map(|number| house_number::keys(&number)).unwrap_or_default() {
            table.put_house(key, feature.id());
        }
        let fields: Vec<(Arc<str>, Box<str>)> = self
            .words
            .iter()
            .filter_map(|(at, name)| Some((Arc::clone(name), fold(&text(*at)?).into_boxed_str())))
            .filter(|(_, text)| !text.is_empty())
            .collect();
        if !fields.is_empty() {
            table.add(feature.id(), fields);
        }
    }
}
