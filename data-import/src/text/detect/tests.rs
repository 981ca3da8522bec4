//! What is written in each encoding is found again and reads as it was, and nothing is decided wrongly.

use rand::{Rng as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use unicode_normalization::UnicodeNormalization as _;

use super::*;
use crate::values::text::encode;

const FAMILIES: [&str; 14] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Hoàng", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Dương"];
const MIDDLES: [&str; 8] = ["Văn", "Thị", "Hữu", "Đức", "Ngọc", "Quốc", "Minh", "Thanh"];
const GIVEN: [&str; 16] = [
    "An",
    "Bình",
    "Cường",
    "Dũng",
    "Giàu",
    "Hạnh",
    "Hương",
    "Khải",
    "Lộc",
    "Mỹ",
    "Nghĩa",
    "Phượng",
    "Quỳnh",
    "Sáu",
    "Thủy",
    "Xuân",
];
const PLACES: [&str; 24] = [
    "Nguyễn Huệ",
    "Lê Lợi",
    "Tôn Thất Thiệp",
    "Huỳnh Thúc Kháng",
    "Hồ Tùng Mậu",
    "Võ Thị Sáu",
    "Nam Kỳ Khởi Nghĩa",
    "Lý Tự Trọng",
    "Phường Bến Nghé",
    "Phường Cầu Ông Lãnh",
    "Xã Tân Quý Tây",
    "Đặc khu Phú Quốc",
    "Phường Gò Vấp",
    "Xã Bình Chánh",
    "Đường số 7",
    "Hẻm 83 Pasteur",
    "Trần Hưng Đạo",
    "Cách Mạng Tháng Tám",
    "Điện Biên Phủ",
    "Phường Hạnh Thông",
    "Xã Nghĩa Thành",
    "Phường Vũng Tàu",
    "Rạch Bến Cát",
    "Khu phố 3",
];

/// Names of wards as they are, where the data are there; the streets above where not.
fn places() -> Vec<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/real/vn_admin/vn_wards_2025_simplified.fgb.zip");
    let real = || -> Option<Vec<String>> {
        use gdal::vector::LayerAccess as _;
        let data = gdal::Dataset::open(format!("/vsizip/{file}")).ok()?;
        let mut layer = data.layer(0).ok()?;
        let at =
            layer.defn().fields().position(|field| matches!(field.name().as_str(), "name" | "ward_name" | "ten_xa"))?;
        Some(layer.features().filter_map(|feature| feature.field_as_string(at).ok()?).collect())
    };
    real().filter(|names| names.len() > 1_000).unwrap_or_else(|| PLACES.map(str::to_owned).to_vec())
}

fn column(random: &mut ChaCha8Rng, places: &[String], rows: usize) -> Vec<String> {
    let pick = |random: &mut ChaCha8Rng, from: &[&str]| (*from.choose(random).unwrap()).to_owned();
    let of_people = random.random_bool(0.5);
    let loud = random.random_bool(0.1);
    (0..rows)
        .map(|_| {
            let text = if of_people {
                [pick(random, &FAMILIES), pick(random, &MIDDLES), pick(random, &GIVEN)].join(" ")
            } else if random.random_bool(0.5) {
                places.choose(random).unwrap().clone()
            } else {
                format!("{} {}", random.random_range(1..300), pick(random, &PLACES))
            };
            if loud { text.to_uppercase() } else { text }
        })
        .collect()
}

/// In an encoding, how many of many columns were found again, left open, and decided wrongly.
fn rates(encoding: Encoding, rows: usize, columns: usize) -> (usize, usize, usize) {
    let (mut random, places) = (ChaCha8Rng::seed_from_u64(20_261_123), places());
    let (mut found, mut open, mut wrong) = (0, 0, 0);
    for _ in 0..columns {
        let texts = column(&mut random, &places, rows);
        let Some(bytes) = texts.iter().map(|text| encode(encoding, text)).collect::<Option<Vec<_>>>() else { continue };
        let back = |by: Encoding| {
            bytes.iter().zip(&texts).all(|(bytes, text)| {
                let read = by.decode(bytes).unwrap_or_default().into_owned();
                // A font of capitals leaves no trace in a word of few plain letters.
                read == text.nfc().collect::<String>()
                    || (by == Encoding::Tcvn3 && read.to_uppercase() == text.to_uppercase())
            })
        };
        match detect(bytes.iter().map(Vec::as_slice)) {
            Found::Decided(scores) if back(scores[0].encoding) => found += 1,
            Found::Utf8 | Found::Plain if back(Encoding::Utf8) => found += 1,
            Found::Unclear(_) => open += 1,
            _ => wrong += 1,
        }
    }
    (found, open, wrong)
}

#[test]
fn columns_of_streets_and_owners_are_found_again_and_none_is_read_wrongly() {
    let columns = std::env::var("DOTHI_COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(300);
    let all = CANDIDATES
        .into_iter()
        .filter(|one| *one != Encoding::Standard(encoding_rs::WINDOWS_1252))
        .chain([Encoding::Utf8]);
    for encoding in all {
        for rows in [1, 5, 20, 50] {
            let (found, open, wrong) = rates(encoding, rows, columns);
            println!("{:<22} {rows:>2} values a column: {found} found, {open} asked, {wrong} wrong", encoding.name());
            assert_eq!(wrong, 0, "{encoding:?}, {rows} values");
            assert!(
                rows < 20 || found as f64 >= 0.999 * (found + open) as f64,
                "{encoding:?}, {rows} values: {open} open"
            );
        }
    }
}

#[test]
fn decomposed_text_is_utf8_and_becomes_composed() {
    let apart: String = "Đường Nguyễn Huệ".nfd().collect();
    assert_eq!(detect([apart.as_bytes()]), Found::Utf8);
    assert_eq!(Encoding::Utf8.decode(apart.as_bytes()).unwrap(), "Đường Nguyễn Huệ");
}

#[test]
fn what_is_not_vietnamese_is_asked_about_or_left_as_it_is() {
    let french =
        ["Rue de l'Église", "Allée des Chênes", "Hôtel de Ville, 3ème étage", "Place de la République française"];
    assert_eq!(detect(french.iter().map(|text| text.as_bytes())), Found::Utf8);
    let old: Vec<Vec<u8>> = french.iter().map(|text| encoding_rs::WINDOWS_1252.encode(text).0.into_owned()).collect();
    assert!(matches!(detect(old.iter().map(Vec::as_slice)), Found::Unclear(_)));
    assert_eq!(detect([b"ODT".as_slice(), b"12/3"]), Found::Plain);
}

#[test]
fn capitals_of_fonts_come_back_where_plain_letters_say_so() {
    for text in ["PHƯỜNG BẾN NGHÉ", "THÀNH PHỐ HỒ CHÍ MINH", "Nguyễn Văn Ánh", "UBND phường Bến Nghé"]
    {
        let bytes = encode(Encoding::Tcvn3, text).unwrap();
        let read = Encoding::Tcvn3.decode(&bytes).unwrap().into_owned();
        if text == "Nguyễn Văn Ánh" {
            assert_eq!(read, "Nguyễn Văn ánh", "one letter says nothing");
        } else {
            assert_eq!(read, text);
        }
    }
}

#[test]
fn a_preview_shows_the_first_values_that_are_evidence() {
    let bytes = encode(Encoding::Vni, "Đường Lê Lợi").unwrap();
    assert_eq!(preview(Encoding::Vni, [b"12".as_slice(), &bytes], 3), ["Đường Lê Lợi"]);
}
