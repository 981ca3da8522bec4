//! Metres: in the plane of a legal VN-2000 zone where there is one, on the ellipsoid otherwise.

use dothi_import::crs::{self, CrsError};
use geo::{
    Area as _, BooleanOps as _, BoundingRect as _, Coord, GeodesicArea as _, Geometry, MapCoords as _, MultiPolygon,
    Orient as _, Point, Rect, orient::Direction,
};

use super::answer::AreaKind;

/// Where areas and lengths are computed.
///
/// Two features are never compared across zones: the other one is turned by the pinned pipeline into the zone of the
/// parcel that is asked about (decision 3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Plane {
    /// The plane of a VN-2000 zone, by EPSG code.
    Legal(i32),
    /// No legal zone: shapes stay in lon/lat, areas are geodesic. Lengths are taken in a local plane around a latitude.
    Geodesic {
        /// Latitude of the local plane.
        lat: f64,
    },
}

/// Metres in a degree of latitude, on the sphere of the mean radius: good enough to order lengths of a few hundred metres.
const METRES_A_DEGREE: f64 = 111_195.08;

impl Plane {
    /// The plane for a feature that lies around `at`.
    pub fn of(legal_srid: Option<i32>, at: Point<f64>) -> Self {
        legal_srid.filter(|srid| crs::zone(*srid).is_some()).map_or(Self::Geodesic { lat: at.y() }, Self::Legal)
    }

    /// How its areas are labelled.
    pub fn kind(self) -> AreaKind {
        if matches!(self, Self::Legal(_)) { AreaKind::Legal } else { AreaKind::Geodesic }
    }

    /// Turns lon/lat into this plane: metres east and north; or, without a zone, metres of the local plane.
    pub fn project(self, geometry: &Geometry<f64>) -> Result<Geometry<f64>, CrsError> {
        match self {
            Self::Legal(srid) => geometry.try_map_coords(|Coord { x, y }| {
                let (x, y) = crs::point_from_wgs84(srid, x, y)?;
                Ok(Coord { x, y })
            }),
            Self::Geodesic { lat } => {
                let east = METRES_A_DEGREE * lat.to_radians().cos();
                Ok(geometry.map_coords(|Coord { x, y }| Coord { x: x * east, y: y * METRES_A_DEGREE }))
            }
        }
    }

    /// Square metres of areas that were projected into this plane.
    pub fn area(self, projected: &MultiPolygon<f64>) -> f64 {
        match self {
            Self::Legal(_) => projected.unsigned_area(),
            Self::Geodesic { lat } => {
                let east = METRES_A_DEGREE * lat.to_radians().cos();
                let back = projected.map_coords(|Coord { x, y }| Coord { x: x / east, y: y / METRES_A_DEGREE });
                // The way round matters on an ellipsoid: the other side of a ring is the rest of the Earth.
                back.orient(Direction::Default).geodesic_area_unsigned()
            }
        }
    }
}

/// The areas of a geometry; lines and points have none.
pub fn areas(geometry: &Geometry<f64>) -> MultiPolygon<f64> {
    match geometry {
        Geometry::Polygon(polygon) => MultiPolygon(vec![polygon.clone()]),
        Geometry::MultiPolygon(polygons) => polygons.clone(),
        Geometry::GeometryCollection(parts) => MultiPolygon(parts.iter().flat_map(|part| areas(part).0).collect()),
        _ => MultiPolygon(Vec::new()),
    }
}

/// What two areas in one plane have in common. Computed around the middle of the first one's box: far from it, coordinates
/// of a million metres would cost the last digits.
pub fn common(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    use geo::Translate as _;
    let (Some(box_a), Some(box_b)) = (a.bounding_rect(), b.bounding_rect()) else { return MultiPolygon(Vec::new()) };
    if !meet(box_a, box_b) {
        return MultiPolygon(Vec::new());
    }
    let origin = box_a.center();
    let a = a.translate(-origin.x, -origin.y);
    let b = b.translate(-origin.x, -origin.y);
    // Shapes that cross themselves, which GEOS does not take, still have an answer.
    dothi_import::geometry::areas::common(&a, &b).unwrap_or_else(|| a.intersection(&b)).translate(origin.x, origin.y)
}

fn meet(a: Rect<f64>, b: Rect<f64>) -> bool {
    a.min().x <= b.max().x && b.min().x <= a.max().x && a.min().y <= b.max().y && b.min().y <= a.max().y
}

/// The name of a VN-2000 zone as papers write it.
pub fn zone_name(srid: i32) -> String {
    let Some(zone) = crs::zone(srid) else { return format!("EPSG:{srid}") };
    let minutes = (zone.meridian.fract() * 60.0).round();
    let kind = if zone.scale > 0.9998 { "3°" } else { "6°" };
    format!("VN-2000, múi {kind}, kinh tuyến trục {}°{:02}'", zone.meridian.trunc(), minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tube_house_in_the_legal_zone_has_the_area_of_its_paper() {
        // 5 m by 20 m around the checked point of the domain paper, in EPSG:9210.
        let corners =
            [(603_000.0, 1_191_000.0), (603_005.0, 1_191_000.0), (603_005.0, 1_191_020.0), (603_000.0, 1_191_020.0)];
        let lon_lat: Vec<Coord<f64>> = corners
            .iter()
            .map(|(x, y)| crs::point_to_wgs84(9210, *x, *y).unwrap())
            .map(|(x, y)| Coord { x, y })
            .collect();
        let parcel = Geometry::Polygon(geo::Polygon::new(lon_lat.into(), vec![]));
        let plane = Plane::of(Some(9210), geo::point!(x: 106.69, y: 10.77));
        let area = plane.area(&areas(&plane.project(&parcel).unwrap()));
        assert!((area - 100.0).abs() < 0.001, "{area}");
        let geodesic = Plane::of(None, geo::point!(x: 106.69, y: 10.77));
        let area = geodesic.area(&areas(&geodesic.project(&parcel).unwrap()));
        // The zone's scale is 0.9999 on its meridian: the ground is up to 0.02 % larger than the plane.
        assert!((area - 100.0).abs() < 0.05 && (area - 100.0).abs() > 1e-6, "{area}");
        assert_eq!((plane.kind(), geodesic.kind()), (AreaKind::Legal, AreaKind::Geodesic));
    }

    #[test]
    fn a_zone_is_named_as_papers_name_it() {
        assert_eq!(zone_name(9210), "VN-2000, múi 3°, kinh tuyến trục 105°45'");
    }
}
