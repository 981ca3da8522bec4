//! Permits, works under construction and violations, as places; no person is in them.

use anyhow::Result;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::ground::Ground;
use super::land::{area, parcel_label, point};
use super::lots::City;
use super::numbers::{Address, ParcelKey};
use super::shapes::{centre, ring_area};
use super::write::Sink;
use crate::generated_row;

/// Writes the cases of a place: about one lot in sixty has a permit, one in four hundred a violation.
pub fn write(
    ground: &Ground,
    city: &City,
    addresses: &[Address],
    keys: &[ParcelKey],
    index: usize,
    rng: &mut ChaCha8Rng,
    sink: &mut dyn Sink,
) -> Result<()> {
    let mut permits = 0;
    let mut violations = 0;
    for ((lot, address), key) in city.lots.iter().zip(addresses).zip(keys) {
        if lot.code == "DKV" {
            continue;
        }
        let roll = rng.random_range(0..400);
        let place = Some(format!("{} {}", address.number, address.street).trim().to_owned()).filter(|p| !p.is_empty());
        let mut works_code = None;
        if roll < 7 {
            permits += 1;
            let year: i64 = rng.random_range(2024..2027);
            let month = rng.random_range(1..10);
            let number =
                format!("{permits}/{year}/GPXD{}", if index == 0 { String::new() } else { format!("-{index}") });
            let state = ["da_cap", "da_khoi_cong", "da_khoi_cong", "nghiem_thu", "het_han_khoi_cong", "thu_hoi"]
                [rng.random_range(0..6)];
            let kind = ["moi", "moi", "moi", "sua_chua_cai_tao", "gia_han", "co_thoi_han", "dieu_chinh"]
                [rng.random_range(0..7)];
            let footprint = ring_area(&lot.ring) * 0.75;
            let storeys: i64 = if lot.is_large { rng.random_range(6..20) } else { rng.random_range(3..6) };
            sink.put(generated_row!("permit", area(&lot.ring), permit_number: &number, authority: "UBND Phường Sài Gòn", kind: kind,
                subkind: if lot.is_large { "khong_theo_tuyen" } else { "nha_o_rieng_le" }, state: state,
                works_name: if lot.is_large { "Công trình thương mại, dịch vụ" } else { "Nhà ở riêng lẻ" },
                work_class: if lot.is_large { "cap_2" } else { "cap_3" }, work_type: "dan_dung", issued_on: format!("{year}-{month:02}-14"),
                start_before: format!("{}-{month:02}-14", year + 1), storeys: storeys, basements: i64::from(lot.is_large),
                height_m: storeys as f64 * 3.5 + 1.0, footprint_m2: (footprint * 10.0).round() / 10.0, floor_area_m2: (footprint * storeys as f64).round(),
                coverage_pct: 75.0, far: 0.75 * storeys as f64, parcel_label: parcel_label(ground, *key), address: place.clone(),
                external_dossier_code: format!("MH-{year}-{permits:05}"), published_until: format!("{}-{month:02}-14", year + 1)))?;
            if matches!(state, "da_khoi_cong" | "nghiem_thu") {
                let code = format!("CT-{index:02}-{permits:04}");
                let (works_state, built) = match state {
                    "nghiem_thu" => ("da_nghiem_thu", storeys),
                    _ if roll < 2 => ("tam_dung", storeys / 2),
                    _ => ("dang_thi_cong", storeys / 2),
                };
                sink.put(generated_row!("works", area(&lot.ring), works_code: &code, state: works_state, permit_number: &number, exempt: false,
                    name: format!("Công trình tại {}", place.clone().unwrap_or_else(|| parcel_label(ground, *key))), started_on: format!("{year}-{:02}-01", (month + 1).min(12)),
                    expected_end_on: format!("{}-{month:02}-01", year + 1), storeys_built: built, last_visit_on: "2026-09-10", notes: "Minh họa"))?;
                works_code = Some(code);
            }
        }
        if roll == 8 || (works_code.is_some() && roll == 1) {
            violations += 1;
            let (state, remedy) = [
                ("cho_xac_minh", None),
                ("da_lap_bien_ban", None),
                ("da_ra_quyet_dinh", Some("chua_thuc_hien")),
                ("dang_khac_phuc", Some("dang_thuc_hien")),
                ("da_dong", Some("da_kiem_tra")),
            ][rng.random_range(0..5)];
            let kind = ["khong_phep", "sai_phep", "lan_chiem", "khong_che_chan"][rng.random_range(0..4)];
            sink.put(generated_row!("violation", point(centre(&lot.ring)), case_code: format!("VP-{index:02}-{violations:04}"), state: state, kind: kind,
                works_code: works_code, found_on: format!("2026-{:02}-{:02}", rng.random_range(1..11), rng.random_range(1..28)),
                decision_number: remedy.map(|_| format!("{violations}/QĐ-XPHC (minh họa)")), remedy_state: remedy, address: place.clone(),
                published: state == "da_ra_quyet_dinh" || state == "da_dong"))?;
        }
    }
    Ok(())
}
