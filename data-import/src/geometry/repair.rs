//! Repair of invalid areas, only where it is certain what was meant.

use gdal::cpl::CslStringList;
use gdal::vector::Geometry;

use super::shape::{Dimension, Shape};

/// A repair may change an area by this share of it …
pub const AREA_TOLERANCE: f64 = 0.001;
/// … or by this many square metres, whichever is more.
pub const AREA_TOLERANCE_M2: f64 = 0.5;

/// What the check of an area found.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Valid as it is.
    Valid,
    /// Repaired in place; areas in m² before and after.
    Repaired {
        /// By the shoelace formula.
        before_m2: f64,
        /// Of the repaired geometry.
        after_m2: f64,
    },
    /// Not certain what was meant.
    Refused {
        /// By the shoelace formula.
        before_m2: f64,
        /// What a repair would have given.
        after_m2: f64,
    },
}

/// Asks GEOS, and repairs where two different methods (linework and structure) agree with each other and with the
/// shoelace area within the tolerance. `m2` turns square units of the coordinates into square metres.
pub fn check(shape: &mut Shape, m2: f64) -> Verdict {
    let Ok(geometry) = Geometry::from_wkb(&shape.to_wkb(true)) else {
        return Verdict::Refused { before_m2: shape.area() * m2, after_m2: 0.0 };
    };
    if geometry.is_valid() {
        return Verdict::Valid;
    }
    let before_m2 = shape.area() * m2;
    let repaired: Vec<Shape> =
        ["LINEWORK", "STRUCTURE"].iter().filter_map(|method| repair_by(&geometry, method)).collect();
    let after_m2 = repaired.first().map_or(0.0, |s| s.area() * m2);
    let tolerance = AREA_TOLERANCE_M2.max(before_m2 * AREA_TOLERANCE);
    let agrees = |s: &Shape| {
        let area = s.area() * m2;
        area > 0.0 && (area - before_m2).abs() <= tolerance && (area - after_m2).abs() <= tolerance
    };
    match repaired.first() {
        Some(first) if repaired.len() == 2 && repaired.iter().all(agrees) => {
            shape.replace_by(first);
            Verdict::Repaired { before_m2, after_m2 }
        }
        _ => Verdict::Refused { before_m2, after_m2 },
    }
}

fn repair_by(geometry: &Geometry, method: &str) -> Option<Shape> {
    let mut options = CslStringList::new();
    options.set_name_value("METHOD", method).ok()?;
    let valid = geometry.make_valid(&options).ok()?;
    let mut shape = Shape::default();
    read_areas(&valid, &mut shape)?;
    Some(shape)
}

/// Takes the areas out of a repaired geometry: lines and points that a repair leaves over have no area to lose.
fn read_areas(geometry: &Geometry, into: &mut Shape) -> Option<()> {
    let wkb = geometry.wkb().ok()?;
    if into.read(&wkb, usize::MAX).is_ok() {
        return (into.dimension() == Dimension::Polygon).then_some(());
    }
    let areas = Geometry::empty(gdal_sys::OGRwkbGeometryType::wkbMultiPolygon).ok().map(|mut all| {
        collect_areas(geometry, &mut all);
        all
    })?;
    into.read(&areas.wkb().ok()?, usize::MAX).ok()
}

fn collect_areas(geometry: &Geometry, all: &mut Geometry) {
    for i in 0..geometry.geometry_count() {
        let part = geometry.get_geometry(i);
        match part.geometry_name().as_str() {
            "POLYGON" => {
                // Adding a copy can only fail for a wrong type, which was just looked at.
                let _ = all.add_geometry((*part).clone());
            }
            "MULTIPOLYGON" | "GEOMETRYCOLLECTION" => collect_areas(&part, all),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(wkt: &str) -> (Verdict, Shape) {
        let mut shape = Shape::default();
        shape.read(&Geometry::from_wkt(wkt).unwrap().wkb().unwrap(), 10_000).unwrap();
        (check(&mut shape, 1.0), shape)
    }

    #[test]
    fn valid_stays_a_touching_hole_too() {
        assert_eq!(checked("POLYGON ((0 0,9 0,9 9,0 9,0 0),(0 0,2 1,1 2,0 0))").0, Verdict::Valid);
    }

    #[test]
    fn a_spike_is_cut_off_and_the_area_stays() {
        let (verdict, shape) = checked("POLYGON ((0 0,100 0,100 100,50 100,50 120,50 100,0 100,0 0))");
        assert_eq!(verdict, Verdict::Repaired { before_m2: 10_000.0, after_m2: 10_000.0 });
        assert_eq!(shape.bounds()[3], 100.0);
    }

    #[test]
    fn a_bow_tie_is_refused_since_nobody_knows_what_was_meant() {
        assert!(matches!(checked("POLYGON ((0 0,100 100,100 0,0 100,0 0))").0, Verdict::Refused { .. }));
    }

    #[test]
    fn a_tiny_loop_is_repaired_within_the_tolerance() {
        let (verdict, shape) =
            checked("POLYGON ((0 0,100 0,100 100,50.1 100,49.9 100.2,49.9 100,50.1 100.2,50 100,0 100,0 0))");
        assert!(matches!(verdict, Verdict::Repaired { .. }), "{verdict:?}");
        assert!(Geometry::from_wkb(&shape.to_wkb(true)).unwrap().is_valid());
    }
}
