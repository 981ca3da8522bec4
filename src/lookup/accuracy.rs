//! How exact a drawing is, and what is too thin to be told from it.

use geo::{Area as _, Euclidean, Length as _, MultiPolygon};

/// Half a millimetre on the sheet: the width of a plotted line and the hand that placed it. At 1:2000 it is one metre,
/// which is how far such drawings lie from the cadastre in practice.
const ON_SHEET_M: f64 = 0.000_5;

/// Metres by which a line of a drawing at `scale` (as written: "1:2000") may lie wrong; 0 where the scale is not known,
/// so that nothing is passed over in silence.
pub fn of_scale(scale: Option<&str>) -> f64 {
    let denominator = scale.and_then(|scale| scale.rsplit([':', '/']).next()).and_then(|text| {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits.parse::<f64>().ok()
    });
    denominator.unwrap_or(0.0) * ON_SHEET_M
}

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
