//! How exact a drawing is, and what is too thin to be told from it.

use geo::{Area as _, Euclidean, Length as _, MultiPolygon};

/// Half a millimetre on the sheet: the width of a plotted line and the hand that placed it. At 1:2000 it is one metre,
/// which is how far such drawings lie from the cadastre in practice.
const ON_SHEET_M: f64 = 0.000_5;

/// Metres by which a line of a drawing at `scale` (as written: "1:2000") may lie wrong; 0 where the scale is not known,
/// so that nothing is passed over in silence.
pub fn of_scale(scale: Option<&str>) -> f64 {
    denominator(scale.unwrap_or_default()).unwrap_or(0.0) * ON_SHEET_M
}

/// The number behind "1:" or "1/", with points or spaces between its thousands; what follows it is something else.
fn denominator(scale: &str) -> Option<f64> {
    let behind = match scale.split_once([':', '/']) {
        Some((one, behind)) => one.trim_end().ends_with('1').then_some(behind.trim_start())?,
        None => scale.trim(),
    };
    let mut digits = String::new();
    let mut rest = behind;
    loop {
        let run = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        // After the first run only whole thousands go on.
        if run == 0 || (!digits.is_empty() && run != 3) {
            break;
        }
        digits.push_str(&rest[..run]);
        let Some(next) = rest[run..].strip_prefix(['.', ',', ' ', '\u{a0}']) else { break };
        rest = next;
    }
    digits.parse::<f64>().ok().filter(|denominator| (1.0..=LEAST_EXACT).contains(denominator))
}

/// No plan is drawn at a smaller scale than this; a larger number is a slip, and tells nothing about the drawing.
const LEAST_EXACT: f64 = 1_000_000.0;

/// Metres across a strip, from its area and its edge; of what is no strip, something of the order of its width.
pub fn thickness(shape: &MultiPolygon<f64>) -> f64 {
    let edge: f64 = shape.0.iter().map(|polygon| Euclidean.length(polygon.exterior())).sum();
    if edge > 0.0 { 2.0 * shape.unsigned_area() / edge } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_is_as_exact_as_its_scale() {
        assert_eq!(of_scale(Some("1:2000")), 1.0);
        assert_eq!(of_scale(Some("1/500")), 0.25);
        assert_eq!(of_scale(Some("1:10.000")), 5.0);
        assert_eq!(of_scale(Some("1:2000 (2024)")), 1.0);
        assert_eq!(of_scale(Some("1/500, tờ 01")), 0.25);
        assert_eq!(of_scale(Some("1: 25 000")), 12.5);
        assert_eq!(of_scale(Some("Tỷ lệ 1/2.000")), 1.0);
        assert_eq!(of_scale(Some("2000")), 1.0);
        assert_eq!(of_scale(Some("QĐ 12/2024")), 0.0);
        assert_eq!(of_scale(Some("1:20002024")), 0.0);
        assert_eq!(of_scale(Some("không rõ")), 0.0);
        assert_eq!(of_scale(None), 0.0);
    }

    #[test]
    fn a_strip_is_as_thick_as_it_is_wide() {
        let strip = geo::wkt!(MULTIPOLYGON(((0. 0., 100. 0., 100. 0.4, 0. 0.4, 0. 0.))));
        assert!((thickness(&strip) - 0.4).abs() < 0.01, "{}", thickness(&strip));
        assert_eq!(thickness(&MultiPolygon(vec![])), 0.0);
    }
}
