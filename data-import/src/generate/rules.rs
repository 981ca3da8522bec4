//! What the plans allow: rules by the use of a block, and which blocks a later adjustment changes.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::lots::City;
use super::shapes::ring_area;

/// Of so many blocks of houses one is adjusted.
const ADJUSTED_EVERY: usize = 7;

/// What a zone allows.
pub struct Rules {
    pub function: &'static str,
    pub code: &'static str,
    pub title: &'static str,
    pub storeys: (i64, i64),
    pub coverage: f64,
    pub setback: f64,
}

/// Share of each block's lot area that large lots take.
pub fn large_shares(city: &City) -> Vec<f64> {
    let mut sums = vec![(0.0, 0.0); city.blocks.len()];
    for lot in &city.lots {
        let a = ring_area(&lot.ring);
        sums[lot.block].1 += a;
        if lot.is_large {
            sums[lot.block].0 += a;
        }
    }
    sums.into_iter().map(|(large, all)| if all > 0.0 { large / all } else { 0.0 }).collect()
}

/// Rules of a block: (new plan, plan of 2013).
pub fn rules_of(code: Option<&str>, large_share: f64, rng: &mut ChaCha8Rng) -> (Rules, Rules) {
    let rule =
        |function, code, title, storeys, coverage, setback| Rules { function, code, title, storeys, coverage, setback };
    match code {
        Some("DKV" | "DTT") => (
            rule("cay_xanh", "DKV", "Công viên cây xanh", (0, 1), 5.0, 0.0),
            rule("cay_xanh", "DKV", "Công viên cây xanh", (0, 1), 5.0, 0.0),
        ),
        Some("DGD") => (
            rule("giao_duc", "DGD", "Đất giáo dục", (1, 5), 40.0, 6.0),
            rule("giao_duc", "DGD", "Đất giáo dục", (1, 4), 40.0, 6.0),
        ),
        Some("DYT") => {
            (rule("y_te", "DYT", "Đất y tế", (2, 12), 40.0, 6.0), rule("y_te", "DYT", "Đất y tế", (2, 9), 40.0, 6.0))
        }
        Some("TON" | "TIN") => (
            rule("ton_giao", "TON", "Đất tôn giáo", (1, 3), 40.0, 4.0),
            rule("ton_giao", "TON", "Đất tôn giáo", (1, 3), 40.0, 4.0),
        ),
        Some("TSC" | "DNG" | "DTS") => (
            rule("hanh_chinh", "TSC", "Đất cơ quan", (2, 9), 50.0, 4.0),
            rule("hanh_chinh", "TSC", "Đất cơ quan", (2, 7), 50.0, 4.0),
        ),
        Some("DVH") => (
            rule("van_hoa", "DVH", "Đất văn hóa", (1, 5), 45.0, 6.0),
            rule("van_hoa", "DVH", "Đất văn hóa", (1, 4), 45.0, 6.0),
        ),
        Some("CQP" | "CAN") => (
            rule("an_ninh_quoc_phong", "CQP", "Đất an ninh, quốc phòng", (1, 9), 50.0, 4.0),
            rule("an_ninh_quoc_phong", "CQP", "Đất an ninh, quốc phòng", (1, 9), 50.0, 4.0),
        ),
        Some("TMD" | "DCH") => (
            rule("thuong_mai_dich_vu", "TMD", "Đất thương mại dịch vụ", (5, 45), 55.0, 6.0),
            rule("thuong_mai_dich_vu", "TMD", "Đất thương mại dịch vụ", (5, 30), 60.0, 3.0),
        ),
        _ if large_share > 0.7 => (
            rule("thuong_mai_dich_vu", "TMD", "Đất thương mại dịch vụ", (5, rng.random_range(25..45)), 60.0, 6.0),
            rule("hon_hop", "TMD", "Đất hỗn hợp", (5, 20), 60.0, 3.0),
        ),
        _ if large_share > 0.35 => (
            rule("hon_hop", "TMD", "Đất hỗn hợp (ở, thương mại, văn phòng)", (3, rng.random_range(12..25)), 65.0, 3.0),
            rule("o_hien_huu", "ODT", "Đất ở hiện hữu chỉnh trang", (2, 9), 70.0, 0.0),
        ),
        _ => {
            let high = rng.random_range(5..9);
            (
                rule("o_hien_huu", "ODT", "Đất ở hiện hữu chỉnh trang", (2, high), 80.0, 0.0),
                rule("o_hien_huu", "ODT", "Đất ở hiện hữu chỉnh trang", (2, high - 1), 85.0, 0.0),
            )
        }
    }
}

/// Blocks of houses that the local adjustment lets grow.
pub fn adjusted(rules: &[(Rules, Rules)]) -> Vec<usize> {
    let houses = rules.iter().enumerate().filter(|(_, (new, _))| new.function == "o_hien_huu");
    houses.map(|(b, _)| b).step_by(ADJUSTED_EVERY).collect()
}
