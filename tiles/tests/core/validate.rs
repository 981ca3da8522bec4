//! The validator, held against `@mapbox/mvt-fixtures` and against hostile bytes.

use dothi_tiles::validate::{Rule, Severity, validate};
use proptest::prelude::*;

const FIXTURES: &str = include_str!("../fixtures/mvt_fixtures_4.0.0.txt");

struct Fixture {
    number: &'static str,
    is_valid: bool,
    severity: Option<Severity>,
    tile: Vec<u8>,
}

fn fixtures() -> Vec<Fixture> {
    let lines = FIXTURES.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            let severity = match words[2] {
                "fatal" => Some(Severity::Fatal),
                "recoverable" => Some(Severity::Recoverable),
                _ => None,
            };
            Fixture { number: words[0], is_valid: words[1] == "valid", severity, tile: from_hex(words[3]) }
        })
        .collect()
}

fn from_hex(hex: &str) -> Vec<u8> {
    let digits = if hex == "-" { "" } else { hex };
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex")).collect()
}

/// Two of the package's 46 valid tiles cannot be accepted by any reader that rejects its 28 invalid ones:
/// - 016 was meant to hold the type 0, but its bytes leave it out: they are, byte for byte, those of 003 ("missing
///   geometry type", invalid);
/// - 057 has a `MoveTo` of 536,870,911 positions with one there, as 051 has ("count too large", invalid).
///
/// The specification (§4.2, §4.3.1) is on the side of 003 and 051, so we reject all four.
const VALID_IN_NAME_ONLY: [(&str, Rule); 2] = [("016", Rule::GeometryType), ("057", Rule::Commands)];

fn tile(number: &str) -> Vec<u8> {
    fixtures().into_iter().find(|fixture| fixture.number == number).expect("it is in the file").tile
}

#[test]
fn the_two_tiles_that_are_valid_in_name_only_are_what_we_say_of_them() {
    assert_eq!(tile("016"), tile("003"));
    let gigantic_move_to = [0xf9, 0xff, 0xff, 0xff, 0x0f];
    for number in ["057", "051"] {
        assert!(tile(number).windows(5).any(|bytes| bytes == gigantic_move_to), "{number}");
    }
}

#[test]
fn every_valid_fixture_is_accepted_and_every_invalid_one_rejected() {
    let (mut valid, mut invalid) = (0, 0);
    for fixture in fixtures() {
        let verdict = validate(&fixture.tile);
        let in_name_only = VALID_IN_NAME_ONLY.iter().find(|(number, _)| *number == fixture.number);
        if let Some((number, rule)) = in_name_only {
            assert_eq!(verdict.expect_err(number)[0].rule, *rule);
            valid += 1;
        } else if fixture.is_valid {
            assert_eq!(verdict, Ok(()), "{}", fixture.number);
            valid += 1;
        } else {
            assert!(verdict.is_err(), "{} is accepted", fixture.number);
            invalid += 1;
        }
    }
    assert_eq!((valid, invalid), (46, 28));
}

#[test]
fn the_severity_is_the_one_that_the_package_names() {
    for fixture in fixtures().into_iter().filter(|fixture| !fixture.is_valid) {
        let violations = validate(&fixture.tile).expect_err(fixture.number);
        let worst = violations.iter().map(|violation| violation.rule.severity()).max();
        if fixture.severity.is_some() {
            assert_eq!(worst, fixture.severity, "{}: {violations:?}", fixture.number);
        }
    }
}

#[test]
fn tags_that_point_nowhere_are_found() {
    for number in ["040", "042"] {
        let violations = validate(&tile(number)).expect_err("it is invalid");
        assert!(violations.iter().any(|violation| violation.rule == Rule::TagRange), "{violations:?}");
    }
}

#[test]
fn a_count_that_is_not_there_costs_no_memory() {
    let bomb = [0x1a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0x0a];
    assert_eq!(validate(&bomb).expect_err("no such length")[0].rule, Rule::Protobuf);
}

proptest! {
    #[test]
    fn any_bytes_are_judged_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = validate(&bytes);
        let _ = dothi_tiles::validate::describe(&bytes);
    }

    #[test]
    fn any_damage_to_a_tile_is_judged_without_panic(
        which in 0_usize..74, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let mut tile = fixtures().swap_remove(which).tile;
        if !tile.is_empty() {
            let index = at.index(tile.len());
            tile[index] = byte;
            tile.truncate(cut.index(tile.len() + 1));
        }
        let _ = validate(&tile);
    }
}
