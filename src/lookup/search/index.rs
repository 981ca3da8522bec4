//! The words of the city in memory: which objects hold which words, kept up to date by the follower.
//!
//! The index only proposes objects. What is shown of them, and whether they may be shown at all, is read from the core for
//! the audience that asks; and a field that the audience does not see counts for nothing.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use dothi_tiles::{Feature, Layer, LayerName, Value};
use parking_lot::RwLock;
use uuid::Uuid;

use super::{
    fold::{Gram, fold, grams},
    former::Texts,
    house_number,
    parcel_number::normal,
};
use crate::{
    catalog::Catalog,
    live::{Changed, LayerChange, State, Watcher},
};

/// Objects of one layer that are looked at more closely, after the trigrams have proposed them.
const PROPOSED: usize = 300;

/// One object's words.
#[derive(Debug)]
struct Doc {
    id: Uuid,
    /// Attribute and folded text.
    fields: Vec<(Arc<str>, Box<str>)>,
    grams: Vec<Gram>,
}

/// The words of one layer.
#[derive(Default)]
struct Table {
    docs: Vec<Option<Doc>>,
    by_id: HashMap<Uuid, Vec<u32>>,
    postings: HashMap<Gram, Vec<u32>>,
    /// Parcels: by number, the sheets and objects that have it.
    numbers: HashMap<String, Vec<(String, Uuid)>>,
    /// Under which numbers an object stands.
    numbered: HashMap<Uuid, Vec<String>>,
    /// Addresses: by house number, the objects that have it.
    houses: HashMap<String, Vec<Uuid>>,
    /// Under which house numbers an object stands.
    housed: HashMap<Uuid, Vec<String>>,
}

/// The index of all layers.
#[derive(Default)]
pub struct SearchIndex {
    tables: RwLock<BTreeMap<LayerName, Table>>,
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
        for (layer, table) in tables.iter().filter(|(layer, _)| sees(layer)) {
            let mut hits: HashMap<u32, u16> = HashMap::new();
            for gram in &wanted {
                for doc in table.postings.get(gram).into_iter().flatten() {
                    *hits.entry(*doc).or_default() += 1;
                }
            }
            let least = (wanted.len() as u16 / 3).max(1);
            let mut best: Vec<(u16, u32)> =
                hits.into_iter().filter(|(_, n)| *n >= least).map(|(doc, n)| (n, doc)).collect();
            let few_grams = |doc: u32| table.docs[doc as usize].as_ref().map_or(usize::MAX, |doc| doc.grams.len());
            // Of those with as many hits, the one with the fewest other words comes first.
            best.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| few_grams(a.1).cmp(&few_grams(b.1))).then(a.1.cmp(&b.1)));
            let docs = best.into_iter().filter_map(|(_, doc)| table.docs[doc as usize].as_ref()).take(PROPOSED);
            proposed.extend(docs.map(|doc| Proposed { layer: layer.clone(), id: doc.id, fields: doc.fields.clone() }));
        }
        proposed
    }

    /// Parcels with that number, on that sheet if one is named.
    pub fn parcels(&self, sheet: Option<&str>, number: &str) -> Vec<Uuid> {
        let tables = self.tables.read();
        let Some(table) = tables.get("parcel") else { return Vec::new() };
        let same = table.numbers.get(number).into_iter().flatten();
        same.filter(|(on, _)| sheet.is_none_or(|sheet| on == sheet)).map(|(_, id)| *id).collect()
    }

    /// Whether any parcel is on that map sheet.
    pub fn has_sheet(&self, sheet: &str) -> bool {
        let tables = self.tables.read();
        let numbers = tables.get("parcel").map(|table| &table.numbers);
        numbers.is_some_and(|numbers| numbers.values().flatten().any(|(on, _)| on == sheet))
    }

    /// Addresses with that house number.
    pub fn houses(&self, number: &str) -> Vec<Uuid> {
        let tables = self.tables.read();
        tables.get("address").and_then(|table| table.houses.get(number)).cloned().unwrap_or_default()
    }

    /// Where there is no such number in an alley: the houses of that alley, else the one it begins at.
    pub fn houses_beside(&self, number: &str) -> Vec<Uuid> {
        let tables = self.tables.read();
        let Some(table) = tables.get("address") else { return Vec::new() };
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
        self.tables.write().insert(name, table);
    }

    fn read_objects(&self, catalog: &Catalog, layer: &Layer, ids: impl Iterator<Item = Uuid>) {
        let Some(reader) = Reader::of(catalog, layer) else { return };
        let mut tables = self.tables.write();
        let table = tables.entry(layer.schema().name.clone()).or_default();
        for id in ids {
            table.forget(id);
            for feature in layer.rows_of(id) {
                reader.read(table, layer, &feature);
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
                self.read_layer(&state.catalog, &layer);
            }
            return;
        }
        for (name, change) in &changed.layers {
            let Some(layer) = state.core.layer(name) else { continue };
            match change {
                LayerChange::Everything => self.read_layer(&state.catalog, &layer),
                LayerChange::Rows(touched) => {
                    let mut ids: Vec<Uuid> = touched.iter().map(|touched| touched.id).collect();
                    ids.sort_unstable();
                    ids.dedup();
                    self.read_objects(&state.catalog, &layer, ids.into_iter());
                }
            }
        }
    }
}

/// Which attributes of a layer hold its words.
struct Reader {
    words: Vec<(usize, Arc<str>)>,
    /// Places of sheet and number, in the layer of parcels.
    number: Option<(usize, usize)>,
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
        (!words.is_empty() || number.is_some()).then_some(Self { words, number, house })
    }

    fn read(&self, table: &mut Table, layer: &Layer, feature: &Feature) {
        let text = |at: usize| match layer.value(feature, at) {
            Value::Text(text) => Some(text),
            Value::Int(number) => Some(number.to_string().into()),
            _ => None,
        };
        if let Some((sheet, number)) = self.number.and_then(|(sheet, number)| text(sheet).zip(text(number))) {
            let number = normal(&number);
            table.numbered.entry(feature.id()).or_default().push(number.clone());
            table.numbers.entry(number).or_default().push((normal(&sheet), feature.id()));
        }
        for key in self.house.and_then(text).map(|number| house_number::keys(&number)).unwrap_or_default() {
            table.housed.entry(feature.id()).or_default().push(key.clone());
            table.houses.entry(key).or_default().push(feature.id());
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

impl Table {
    fn add(&mut self, id: Uuid, fields: Vec<(Arc<str>, Box<str>)>) {
        let joined = fields.iter().map(|(_, text)| &**text).collect::<Vec<_>>().join(" ");
        let grams = grams(&joined);
        let doc = self.docs.len() as u32;
        for gram in &grams {
            self.postings.entry(*gram).or_default().push(doc);
        }
        self.by_id.entry(id).or_default().push(doc);
        self.docs.push(Some(Doc { id, fields, grams }));
    }

    fn forget(&mut self, id: Uuid) {
        for number in self.numbered.remove(&id).unwrap_or_default() {
            if let Some(list) = self.numbers.get_mut(&number) {
                list.retain(|(_, other)| *other != id);
            }
        }
        for number in self.housed.remove(&id).unwrap_or_default() {
            if let Some(list) = self.houses.get_mut(&number) {
                list.retain(|other| *other != id);
            }
        }
        for doc in self.by_id.remove(&id).unwrap_or_default() {
            let Some(doc_was) = self.docs[doc as usize].take() else { continue };
            for gram in doc_was.grams {
                if let Some(list) = self.postings.get_mut(&gram) {
                    list.retain(|other| *other != doc);
                }
            }
        }
    }
}
