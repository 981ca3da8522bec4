//! The drawing commands of a feature (MVT 2.1, §4.3).

use super::{Rule, TileGeometry};

/// Reads commands; what is wrong is told to `say`. Positions are kept in 64 bits: a cursor may run over 32.
pub(super) fn read(kind: u32, commands: &[u32], say: &mut dyn FnMut(Rule, String)) -> TileGeometry {
    let mut reader = Reader { rest: commands, cursor: (0, 0), say };
    match kind {
        1 => TileGeometry::Points(reader.points()),
        2 => TileGeometry::Lines(reader.lines()),
        3 => TileGeometry::Rings(reader.rings()),
        _ => TileGeometry::Unknown,
    }
}

struct Reader<'g, 's> {
    rest: &'g [u32],
    cursor: (i64, i64),
    say: &'s mut dyn FnMut(Rule, String),
}

impl Reader<'_, '_> {
    fn fail<T>(&mut self, said: &str) -> Option<T> {
        self.rest = &[];
        (self.say)(Rule::Commands, said.into());
        None
    }

    /// The next command, which must be `id`, with its count.
    fn command(&mut self, id: u32, name: &str) -> Option<u32> {
        let Some((command, rest)) = self.rest.split_first() else {
            return self.fail(&format!("{name} is missing at the end"));
        };
        if command & 7 != id {
            return self.fail(&format!("command {} where {name} must stand", command & 7));
        }
        self.rest = rest;
        Some(command >> 3)
    }

    fn positions(&mut self, count: u32, may_stay: bool) -> Option<Vec<(i64, i64)>> {
        let count = count as usize;
        let Some((numbers, rest)) = count.checked_mul(2).and_then(|numbers| self.rest.split_at_checked(numbers)) else {
            return self.fail(&format!("a count of {count} positions, of which {} are there", self.rest.len() / 2));
        };
        self.rest = rest;
        let mut path = Vec::with_capacity(count);
        for pair in numbers.as_chunks::<2>().0 {
            let step = (signed(pair[0]), signed(pair[1]));
            if step == (0, 0) && !may_stay {
                (self.say)(Rule::RepeatedPosition, "a LineTo that goes nowhere".into());
            }
            self.cursor = (self.cursor.0 + step.0, self.cursor.1 + step.1);
            path.push(self.cursor);
        }
        Some(path)
    }

    fn points(&mut self) -> Vec<(i64, i64)> {
        let count = match self.command(1, "MoveTo") {
            Some(0) => self.fail("a MoveTo without positions"),
            other => other,
        };
        let points = count.and_then(|count| self.positions(count, true)).unwrap_or_default();
        if !self.rest.is_empty() {
            self.fail::<()>("more commands after the points");
        }
        points
    }

    /// `MoveTo` of one position, then `LineTo` of at least `least`.
    fn path(&mut self, least: u32) -> Option<Vec<(i64, i64)>> {
        if self.command(1, "MoveTo")? != 1 {
            return self.fail("a MoveTo that begins a line must have one position");
        }
        let mut path = self.positions(1, true)?;
        let count = self.command(2, "LineTo")?;
        if count < least {
            return self.fail(&format!("a LineTo with {count} positions, at least {least} are needed"));
        }
        path.extend(self.positions(count, false)?);
        Some(path)
    }

    fn lines(&mut self) -> Vec<Vec<(i64, i64)>> {
        let mut lines = Vec::new();
        while !self.rest.is_empty() {
            lines.extend(self.path(1));
        }
        lines
    }

    fn rings(&mut self) -> Vec<Vec<(i64, i64)>> {
        let mut rings: Vec<Vec<(i64, i64)>> = Vec::new();
        while !self.rest.is_empty() {
            let Some(ring) = self.path(2) else { break };
            match self.command(7, "ClosePath") {
                Some(1) => {}
                Some(count) => self.fail(&format!("a ClosePath with a count of {count}")).unwrap_or_default(),
                None => break,
            }
            if ring.first() == ring.last() {
                (self.say)(Rule::RepeatedPosition, "a ring repeats its first position at its end".into());
            }
            match doubled_area(&ring) {
                0 => (self.say)(Rule::Ring, "a ring without area".into()),
                area if area < 0 && rings.is_empty() => {
                    (self.say)(Rule::Ring, "the first ring is wound as an interior one".into());
                }
                _ => {}
            }
            rings.push(ring);
        }
        rings
    }
}

fn signed(parameter: u32) -> i64 {
    i64::from(parameter >> 1) ^ -i64::from(parameter & 1)
}

/// Twice the area by the surveyor's formula; positive for exterior rings.
pub(super) fn doubled_area(ring: &[(i64, i64)]) -> i128 {
    let Some(mut a) = ring.last() else { return 0 };
    let mut sum = 0;
    for b in ring {
        sum += i128::from(a.0) * i128::from(b.1) - i128::from(b.0) * i128::from(a.1);
        a = b;
    }
    sum
}
