//! Areas taken from areas, by GEOS: shapes that share most of their edges are what it is robust at.

use gdal::vector::Geometry;
use geo::{Geometry as Shape, MultiPolygon};
use geozero::wkb::Wkb;
use geozero::{CoordDimensions, ToGeo as _, ToWkb as _};

/// What of `a` is not in `b`, in one plane; none where it cannot be said.
pub fn without(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> Option<MultiPolygon<f64>> {
    let rest = read(a)?.difference(&read(b)?)?;
    let wkb = rest.wkb().ok()?;
    Some(only_areas(Wkb(&wkb).to_geo().ok()?))
}

/// What `a` and `b` share, in one plane; none where it cannot be said.
pub fn common(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> Option<MultiPolygon<f64>> {
    let shared = read(a)?.intersection(&read(b)?)?;
    let wkb = shared.wkb().ok()?;
    Some(only_areas(Wkb(&wkb).to_geo().ok()?))
}

fn read(areas: &MultiPolygon<f64>) -> Option<Geometry> {
    let wkb = Shape::MultiPolygon(areas.clone()).to_wkb(CoordDimensions::xy()).ok()?;
    Geometry::from_wkb(&wkb).ok()
}

/// Lines and points that an operation leaves over have no area.
fn only_areas(shape: Shape<f64>) -> MultiPolygon<f64> {
    match shape {
        Shape::Polygon(polygon) => MultiPolygon(vec![polygon]),
        Shape::MultiPolygon(polygons) => polygons,
        Shape::GeometryCollection(parts) => {
            MultiPolygon(parts.into_iter().flat_map(|part| only_areas(part).0).collect())
        }
        _ => MultiPolygon(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use geo::Area as _;

    use super::*;

    #[test]
    fn what_is_taken_again_and_again_along_the_same_edges_leaves_the_rest() {
        let plot = geo::wkt!(MULTIPOLYGON(((0. 0., 5. 0., 5. 20., 0. 20., 0. 0.))));
        let road = geo::wkt!(MULTIPOLYGON(((-50. -10., 50. -10., 50. 1.5, -50. 1.5, -50. -10.))));
        let block = geo::wkt!(MULTIPOLYGON(((-50. 1.24, 7. 1.24, 7. 90., -50. 90., -50. 1.24))));
        let rest = without(&plot, &road).unwrap();
        assert!((rest.unsigned_area() - 92.5).abs() < 1e-9);
        assert!(without(&rest, &block).unwrap().unsigned_area() < 1e-9);
        assert!((without(&rest, &road).unwrap().unsigned_area() - 92.5).abs() < 1e-9);
        assert!((without(&plot, &MultiPolygon(vec![])).unwrap().unsigned_area() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn what_two_share_is_the_same_along_nearly_equal_edges() {
        let plot = geo::wkt!(MULTIPOLYGON(((0. 0., 5. 0., 5. 20., 0. 20., 0. 0.))));
        let beside = geo::wkt!(MULTIPOLYGON(((5. 0., 9. 0., 9. 20., 5. 20., 5. 0.))));
        let nearly = geo::wkt!(MULTIPOLYGON(((0. 0.000000001, 5. 0., 5.000000001 20., 0. 20., 0. 0.000000001))));
        assert!((common(&plot, &nearly).unwrap().unsigned_area() - 100.0).abs() < 1e-6);
        assert!(common(&plot, &beside).unwrap().0.is_empty(), "an edge is no area");
    }
}
