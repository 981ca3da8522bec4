//! The words of one layer, and what it costs to keep them.
//!
//! Most lists of a city are long ("duong" stands in each address), and the follower keeps them while open maps wait to be told.
//! So a forgotten document only leaves its place empty; the lists lose its number when many places are empty, all at once.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use dothi_tiles::LngLatBox;
use uuid::Uuid;

use super::fold::{Gram, grams};

/// Empty places that are always borne: below that many, tidying costs more than it saves.
const BORNE: usize = 1_024;

/// The place of a document that is no more, while places are given anew.
const GONE: u32 = u32::MAX;

/// One object's words.
#[derive(Debug)]
pub(super) struct Doc {
    /// The object.
    pub id: Uuid,
    /// Attribute and folded text.
    pub fields: Vec<(Arc<str>, Box<str>)>,
    grams: Vec<Gram>,
}

/// The words of one layer.
#[derive(Default)]
pub(super) struct Table {
    /// A place is empty once its document is forgotten, and not used again before [`Table::tidy`].
    docs: Vec<Option<Doc>>,
    /// How many places are empty.
    empty: usize,
    by_id: HashMap<Uuid, Vec<u32>>,
    /// By trigram, the places of documents that have it or had it, rising.
    postings: HashMap<Gram, Vec<u32>>,
    /// Parcels: by number, the sheets and objects that have it.
    pub numbers: HashMap<String, Vec<(String, Uuid)>>,
    /// Under which numbers an object stands.
    numbered: HashMap<Uuid, Vec<String>>,
    /// Parcels: by the commune that their numbers are of, the box around all that were read. It grows only: what was taken
    /// away leaves it too large until the layer is read again.
    pub communes: HashMap<Box<str>, LngLatBox>,
    /// Addresses: by house number, the objects that have it.
    pub houses: HashMap<String, Vec<Uuid>>,
    /// Under which house numbers an object stands.
    housed: HashMap<Uuid, Vec<String>>,
}

impl Table {
    /// Documents that share trigrams with `wanted`, the most first, at most `many`.
    pub fn propose(&self, wanted: &[Gram], many: usize) -> Vec<&Doc> {
        let mut hits = vec![0u16; self.docs.len()];
        for doc in wanted.iter().filter_map(|gram| self.postings.get(gram)).flatten() {
            hits[*doc as usize] += 1;
        }
        let least = (wanted.len() as u16 / 3).max(1);
        let mut best: Vec<(u16, usize, usize, &Doc)> = hits
            .into_iter()
            .zip(&self.docs)
            .enumerate()
            .filter(|(_, (hits, _))| *hits >= least)
            .filter_map(|(at, (hits, doc))| doc.as_ref().map(|doc| (hits, doc.grams.len(), at, doc)))
            .collect();
        // Of those with as many hits, the one with the fewest other words comes first.
        let order = |doc: &(u16, usize, usize, &Doc)| (Reverse(doc.0), doc.1, doc.2);
        if best.len() > many {
            best.select_nth_unstable_by_key(many, order);
            best.truncate(many);
        }
        best.sort_unstable_by_key(order);
        best.into_iter().map(|(.., doc)| doc).collect()
    }

    /// Notes a parcel's number and sheet.
    pub fn put_number(&mut self, sheet: String, number: String, id: Uuid) {
        self.numbered.entry(id).or_default().push(number.clone());
        self.numbers.entry(number).or_default().push((sheet, id));
    }

    /// Notes where a parcel of a commune lies.
    pub fn put_commune(&mut self, code: &str, at: LngLatBox) {
        if !self.communes.contains_key(code) {
            self.communes.insert(code.into(), at);
        } else if let Some(known) = self.communes.get_mut(code) {
            known.extend(at.west, at.south);
            known.extend(at.east, at.north);
        }
    }

    /// Notes a house number.
    pub fn put_house(&mut self, key: String, id: Uuid) {
        self.housed.entry(id).or_default().push(key.clone());
        self.houses.entry(key).or_default().push(id);
    }

    /// Takes in one row of an object.
    pub fn add(&mut self, id: Uuid, fields: Vec<(Arc<str>, Box<str>)>) {
        let joined = fields.iter().map(|(_, text)| &**text).collect::<Vec<_>>().join(" ");
        let grams = grams(&joined);
        let doc = self.docs.len() as u32;
        for gram in &grams {
            self.postings.entry(*gram).or_default().push(doc);
        }
        self.by_id.entry(id).or_default().push(doc);
        self.docs.push(Some(Doc { id, fields, grams }));
    }

    /// Forgets all rows of an object.
    pub fn forget(&mut self, id: Uuid) {
        for number in self.numbered.remove(&id).unwrap_or_default() {
            take_out(&mut self.numbers, &number, |(_, other)| *other == id);
        }
        for number in self.housed.remove(&id).unwrap_or_default() {
            take_out(&mut self.houses, &number, |other| *other == id);
        }
        for doc in self.by_id.remove(&id).unwrap_or_default() {
            self.empty += usize::from(self.docs[doc as usize].take().is_some());
        }
        // A quarter: what a question reads in vain stays small, and each edit pays for four documents of the next tidying.
        if self.empty > BORNE.max(self.docs.len() / 4) {
            self.tidy();
        }
    }

    /// Gives the documents new places, one after another in the same order, and takes the others out of the lists.
    fn tidy(&mut self) {
        let mut places = vec![GONE; self.docs.len()];
        let mut next = 0;
        for (place, _) in places.iter_mut().zip(&self.docs).filter(|(_, doc)| doc.is_some()) {
            *place = next;
            next += 1;
        }
        self.postings.retain(|_, list| {
            list.retain_mut(|doc| {
                *doc = places[*doc as usize];
                *doc != GONE
            });
            !list.is_empty()
        });
        self.by_id.values_mut().flatten().for_each(|doc| *doc = places[*doc as usize]);
        self.docs.retain(Option::is_some);
        self.empty = 0;
    }
}

/// Takes entries out of the list of one key, and the key with the last of them.
fn take_out<T>(lists: &mut HashMap<String, Vec<T>>, key: &str, gone: impl Fn(&T) -> bool) {
    let Some(list) = lists.get_mut(key) else { return };
    list.retain(|entry| !gone(entry));
    if list.is_empty() {
        lists.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use proptest::prelude::*;

    use super::*;

    fn id(n: usize) -> Uuid {
        Uuid::from_u128(n as u128 + 1)
    }

    fn put(table: &mut Table, n: usize, text: &str) {
        table.forget(id(n));
        table.add(id(n), vec![("street".into(), text.into())]);
    }

    fn found(table: &Table, text: &str) -> Vec<(Uuid, String)> {
        let docs = table.propose(&grams(text), usize::MAX);
        let mut found: Vec<_> = docs.iter().map(|doc| (doc.id, doc.fields[0].1.to_string())).collect();
        found.sort();
        found
    }

    /// Numbers of documents that stand in lists of trigrams.
    fn listed(table: &Table) -> usize {
        table.postings.values().map(Vec::len).sum()
    }

    proptest! {
        #[test]
        fn whatever_was_put_and_forgotten_it_finds_what_a_fresh_one_finds(
            steps in prop::collection::vec(
                (0usize..30, prop::option::of("[ab]{1,3} [cd]{1,3}"), prop::bool::weighted(0.1)), 1..400),
            asked in "[abcd]{1,4}",
        ) {
            let (mut kept, mut now) = (Table::default(), HashMap::new());
            for (n, text, tidy) in steps {
                match text {
                    Some(text) => {
                        put(&mut kept, n, &text);
                        now.insert(n, text);
                    }
                    None => {
                        kept.forget(id(n));
                        now.remove(&n);
                    }
                }
                if tidy {
                    kept.tidy();
                }
            }
            let mut fresh = Table::default();
            now.iter().for_each(|(n, text)| put(&mut fresh, *n, text));
            prop_assert_eq!(found(&kept, &asked), found(&fresh, &asked));
        }
    }

    #[test]
    fn a_table_that_is_edited_for_years_holds_what_is_there_and_a_little_more() {
        let mut table = Table::default();
        for year in 0..20 {
            for n in 0..2_000 {
                put(&mut table, n, &format!("so {n} duong nam {year}"));
            }
        }
        let mut fresh = Table::default();
        (0..2_000).for_each(|n| put(&mut fresh, n, &format!("so {n} duong nam 19")));
        assert!(table.docs.len() <= 2 * fresh.docs.len() + 2_048, "{} places", table.docs.len());
        assert!(listed(&table) <= 2 * listed(&fresh) + 2_048 * 30, "{} beside {}", listed(&table), listed(&fresh));
        assert_eq!(found(&table, "so 1234 duong nam 19"), found(&fresh, "so 1234 duong nam 19"));
    }

    #[test]
    fn numbers_that_nobody_has_any_more_are_gone() {
        let mut table = Table::default();
        for n in 0..100 {
            table.put_number("12".into(), n.to_string(), id(n));
            table.put_house(n.to_string(), id(n));
            table.forget(id(n));
        }
        assert!(table.numbers.is_empty() && table.houses.is_empty());
    }

    #[test]
    #[ignore = "a measurement"]
    fn a_thousand_of_three_hundred_thousand_addresses() {
        let street = |n: usize| format!("{} duong so {} phuong {} thanh pho", n % 400, n / 400, n / 20_000);
        let mut table = Table::default();
        let began = Instant::now();
        (0..300_000).for_each(|n| put(&mut table, n, &street(n)));
        println!("300,000 addresses read in {:?}", began.elapsed());
        let mut longest = std::time::Duration::ZERO;
        for set in 0..100 {
            let began = Instant::now();
            (0..1_000).for_each(|n| put(&mut table, (set * 1_000 + n * 7) % 300_000, &street(n + set)));
            longest = longest.max(began.elapsed());
            if set == 0 {
                println!("1,000 of them changed in {:?}", began.elapsed());
            }
            if std::env::var_os("DOTHI_ONE_SET").is_some() {
                return;
            }
        }
        println!("the longest of 100 such sets {longest:?}");
        let began = Instant::now();
        let found = table.propose(&grams("12 duong so 300"), 300).len();
        println!("a question in {:?}: {found}", began.elapsed());
    }
}
