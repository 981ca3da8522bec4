//! What a person says of a picture's coordinates.

use crate::crs::ZONES;
use crate::crs::detect::SourceCrs;
use crate::protocol::Text;
use crate::worker::fatal::Fatal;

/// Reads `--crs`: `EPSG:9210`, a PROJ string, WKT, or a name of VN-2000 with its meridian, as it stands on map sheets:
/// `VN-2000 105-45`, `VN-2000 / TM-3 105°45'`, `VN-2000 / UTM zone 48N`.
///
/// # Errors
/// What was not understood, with examples.
pub fn parse(text: &str) -> Result<SourceCrs, Fatal> {
    let definition = vn2000(text).map_or_else(|| text.to_owned(), |srid| format!("EPSG:{srid}"));
    SourceCrs::parse(&definition, "option").map_err(|what| {
        Fatal::new(
            "crs-unknown",
            Text::new(
                format!("không hiểu --crs “{what}”; ví dụ: --crs EPSG:9210 hoặc --crs \"VN-2000 105-45\""),
                format!("--crs “{what}” is not understood; such as: --crs EPSG:9210 or --crs \"VN-2000 105-45\""),
            ),
        )
    })
}

/// The zone that a name of VN-2000 means; none without a meridian, for that is never guessed.
fn vn2000(text: &str) -> Option<i32> {
    let text = text.trim().to_ascii_lowercase();
    let rest = text.strip_prefix("vn-2000").or_else(|| text.strip_prefix("vn2000"))?;
    let rest = rest.trim_start_matches([' ', '/', '_', ':']);
    match rest {
        "utm zone 48n" | "utm 48n" => return Some(3405),
        "utm zone 49n" | "utm 49n" => return Some(3406),
        _ => {}
    }
    let rest = rest.strip_prefix("tm-3").or_else(|| rest.strip_prefix("tm3")).unwrap_or(rest);
    let rest = rest.trim_start_matches([' ', '_', ':', '-', '/']).trim_end_matches([' ', '\'', '′', '°']);
    let meridian = match rest.split_once(['-', '°', ' ']) {
        Some((degrees, minutes)) => {
            let minutes = minutes.trim().parse::<f64>().ok().filter(|minutes| (0.0..60.0).contains(minutes))?;
            degrees.parse::<f64>().ok()? + minutes / 60.0
        }
        None => rest.replace(',', ".").parse::<f64>().ok()?,
    };
    let is_it = |zone: &&crate::crs::Zone| zone.scale > 0.9998 && (zone.meridian - meridian).abs() < 1e-6;
    ZONES.iter().find(is_it).map(|zone| zone.srid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_vn_2000_as_they_stand_on_map_sheets() {
        for (name, srid) in [
            ("VN-2000 105-45", 9210),
            ("VN-2000 / TM-3 105-45", 9210),
            ("vn2000 105.75", 9210),
            ("VN-2000 105°45'", 9210),
            ("VN-2000 105,5", 9209),
            ("VN-2000 / TM-3 105-00", 5897),
            ("VN-2000 / UTM zone 48N", 3405),
            ("EPSG:3405", 3405),
        ] {
            assert_eq!(parse(name).unwrap().srid, Some(srid), "{name}");
        }
    }

    #[test]
    fn a_meridian_that_is_not_said_is_not_guessed() {
        for bad in ["VN-2000", "VN-2000 ", "VN-2000 99-00", "VN-2000 105-75", "VN-2000 TP.HCM", "/etc/passwd"] {
            assert_eq!(parse(bad).unwrap_err().slug, "crs-unknown", "{bad}");
        }
    }
}
