//! Did two rows of a delivery share their key? Answered while the rows pass, so that PostgreSQL need not group them all.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

/// Keys that are remembered, eight bytes each; beyond this many, "perhaps" is the answer.
const REMEMBERED: usize = 4_000_000;

/// The keys that came so far, as hashes: "no" is certain, "perhaps" has to be looked at.
#[derive(Debug, Default)]
pub struct Keys {
    seen: HashSet<u64, BuildHasherDefault<AsItIs>>,
    bytes: Vec<u8>,
    perhaps: bool,
}

impl Keys {
    /// Notes one row's key, its parts as they go over the wire. A key without any value is none.
    pub fn note<'a>(&mut self, key: impl Iterator<Item = Option<&'a [u8]>>, period: [Option<&'a [u8]>; 2]) {
        if self.perhaps {
            return;
        }
        self.bytes.clear();
        let mut valued = false;
        for part in key {
            valued |= part.is_some();
            self.put(part);
        }
        if !valued {
            return;
        }
        period.into_iter().for_each(|end| self.put(end));
        if !self.seen.insert(xxh3_64(&self.bytes)) || self.seen.len() >= REMEMBERED {
            self.give_up();
        }
    }

    /// From now on the answer is "perhaps": for keys whose bytes do not say whether they are equal.
    pub fn give_up(&mut self) {
        self.perhaps = true;
        self.seen = HashSet::default();
    }

    /// Could two rows have had the same key?
    pub fn perhaps_twice(&self) -> bool {
        self.perhaps
    }

    fn put(&mut self, part: Option<&[u8]>) {
        // The length first: ("a", "bc") is not ("ab", "c"), and null is not empty.
        self.bytes.extend_from_slice(&part.map_or(-1, |p| p.len() as i64).to_le_bytes());
        self.bytes.extend_from_slice(part.unwrap_or_default());
    }
}

/// The keys are hashes already.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Key<'a> = ([Option<&'a [u8]>; 2], [Option<&'a [u8]>; 2]);

    fn twice(rows: &[Key<'_>]) -> bool {
        let mut keys = Keys::default();
        rows.iter().for_each(|(key, period)| keys.note(key.iter().copied(), *period));
        keys.perhaps_twice()
    }

    #[test]
    fn the_same_key_is_noticed_and_a_like_one_is_not() {
        let (always, later) = ([None, None], [Some(&[0u8, 0, 0, 9][..]), None]);
        let row = |a: Option<&'static [u8]>, b: Option<&'static [u8]>| ([a, b], always);
        assert!(twice(&[row(Some(b"12"), Some(b"345")), row(Some(b"1"), None), row(Some(b"12"), Some(b"345"))]));
        assert!(!twice(&[row(Some(b"12"), Some(b"345")), row(Some(b"123"), Some(b"45"))]), "the parts are told apart");
        assert!(!twice(&[row(Some(b"12"), None), row(Some(b"12"), Some(b""))]), "null is not empty");
        assert!(!twice(&[row(None, None), row(None, None)]), "no key is none");
        assert!(!twice(&[row(Some(b"12"), None), ([Some(b"12"), None], later)]), "one after the other is no clash");
    }
}
