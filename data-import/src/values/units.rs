//! Units that departments use, and their factors.

/// Unit, dimension, factor to the dimension's base.
const UNITS: [(&str, &str, f64); 36] = [
    ("m", "length", 1.0),
    ("mm", "length", 0.001),
    ("cm", "length", 0.01),
    ("dm", "length", 0.1),
    ("km", "length", 1000.0),
    ("ft", "length", 0.3048),
    ("us-ft", "length", 1200.0 / 3937.0),
    ("in", "length", 0.0254),
    ("yd", "length", 0.9144),
    ("mi", "length", 1609.344),
    ("m2", "area", 1.0),
    ("m²", "area", 1.0),
    ("dm2", "area", 0.01),
    ("ha", "area", 10_000.0),
    ("km2", "area", 1e6),
    ("ft2", "area", 0.092_903_04),
    ("sqft", "area", 0.092_903_04),
    ("acre", "area", 4_046.856_422_4),
    ("bar", "pressure", 1.0),
    ("psi", "pressure", 0.068_947_572_931_783),
    ("kpa", "pressure", 0.01),
    ("mH2O", "pressure", 0.098_066_5),
    ("l/s", "flow", 1.0),
    ("m3/h", "flow", 1.0 / 3.6),
    ("gpm", "flow", 0.063_090_196_4),
    ("w", "power", 1.0),
    ("kw", "power", 1000.0),
    ("v", "voltage", 1.0),
    ("kv", "voltage", 1000.0),
    ("kva", "apparent", 1.0),
    ("mva", "apparent", 1000.0),
    ("deg", "angle", 1.0),
    ("°", "angle", 1.0),
    ("%", "share", 1.0),
    ("1", "share", 100.0),
    ("person", "count", 1.0),
];

fn find(unit: &str) -> Option<(&'static str, f64)> {
    UNITS
        .iter()
        .find(|(name, _, _)| name.eq_ignore_ascii_case(unit))
        .map(|(_, dimension, factor)| (*dimension, *factor))
}

/// What a value in `from` is multiplied by to be in `to`; `None` if they measure different things.
pub fn factor(from: &str, to: &str) -> Option<f64> {
    let ((from_dimension, a), (to_dimension, b)) = (find(from)?, find(to)?);
    (from_dimension == to_dimension).then_some(a / b)
}

#[cfg(test)]
mod tests {
    use super::factor;

    #[test]
    fn units_convert_within_a_dimension_only() {
        assert_eq!(factor("ft", "m"), Some(0.3048));
        assert!((factor("in", "cm").unwrap() - 2.54).abs() < 1e-12);
        assert!((factor("m2", "km2").unwrap() - 1e-6).abs() < 1e-18);
        assert_eq!(factor("ft", "m2"), None);
        assert_eq!(factor("parsec", "m"), None);
    }
}
