//! Coordinate systems: VN-2000 pinned to EPSG:6960, everything else through GDAL.
//!
//! PROJ knows two operations from VN-2000 to WGS 84 and, left alone, changes from one to the other around Ho Chi Minh
//! City: a jump of 0.8 m. So VN-2000 never goes through EPSG codes here: each zone has one explicit pipeline with the
//! seven parameters of QĐ 05/2007/QĐ-BTNMT (EPSG:6960, position vector signs). Near a zone's meridian the same steps run
//! in [`native`] code, which tests hold to PROJ.

pub mod detect;
pub mod native;

use std::cell::RefCell;
use std::collections::HashMap;

use proj::Proj;

/// EPSG code of WGS 84, lon/lat.
pub const WGS84: i32 = 4326;

/// `+towgs84` of EPSG:6960: metres, arc seconds (position vector), parts per million.
pub const TOWGS84_6960: &str = "-191.90441429,-39.30318279,-111.45032835,0.00928836,-0.01975479,0.00427372,0.252906278";

const HELMERT: &str = "+proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835 +rx=0.00928836 +ry=-0.01975479 \
    +rz=0.00427372 +s=0.252906278 +convention=position_vector";

/// A projected VN-2000 zone: transverse Mercator, false easting 500 km, latitude of origin 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zone {
    /// EPSG code.
    pub srid: i32,
    /// Central meridian, degrees.
    pub meridian: f64,
    /// Scale on it: 0.9999 (3° zones) or 0.9996 (6°).
    pub scale: f64,
}

/// All projected VN-2000 zones; where EPSG has two codes for one (6956–6959 repeat 5896–5899), the first is canonical.
pub const ZONES: [Zone; 24] = [
    tm3(5896, 102.0),
    tm3(9205, 103.0),
    tm3(9206, 104.0),
    tm3(9207, 104.5),
    tm3(9208, 104.75),
    tm3(5897, 105.0),
    tm3(9209, 105.5),
    tm3(9210, 105.75),
    tm3(9211, 106.0),
    tm3(9212, 106.25),
    tm3(9213, 106.5),
    tm3(9214, 107.0),
    tm3(9215, 107.25),
    tm3(9216, 107.5),
    tm3(5899, 107.75),
    tm3(5898, 108.0),
    tm3(9217, 108.25),
    tm3(9218, 108.5),
    Zone { srid: 3405, meridian: 105.0, scale: 0.9996 },
    Zone { srid: 3406, meridian: 111.0, scale: 0.9996 },
    tm3(6956, 102.0),
    tm3(6957, 105.0),
    tm3(6958, 108.0),
    tm3(6959, 107.75),
];

const fn tm3(srid: i32, meridian: f64) -> Zone {
    Zone { srid, meridian, scale: 0.9999 }
}

/// Could not convert.
#[derive(Debug, thiserror::Error)]
pub enum CrsError {
    /// Not WGS 84 and not a VN-2000 code.
    #[error("EPSG:{0} is neither WGS 84 nor a VN-2000 zone")]
    NotVn2000(i32),
    /// PROJ refused.
    #[error("converting coordinates: {0}")]
    Proj(String),
}

/// The zone of an EPSG code, if it is a projected VN-2000 zone.
pub fn zone(srid: i32) -> Option<Zone> {
    ZONES.into_iter().find(|z| z.srid == srid)
}

/// Is it VN-2000, projected or geographic (4756)?
pub fn is_vn2000(srid: i32) -> bool {
    srid == 4756 || zone(srid).is_some()
}

/// The pinned PROJ pipeline from a VN-2000 code (metres east, north; or degrees for 4756) to WGS 84 lon/lat degrees.
pub fn pipeline_to_wgs84(srid: i32) -> Option<String> {
    let first = if srid == 4756 {
        "+proj=unitconvert +xy_in=deg +xy_out=rad".to_owned()
    } else {
        format!("+inv {}", tmerc(zone(srid)?))
    };
    Some(format!(
        "+proj=pipeline +step {first} +step +proj=push +v_3 +step +proj=cart +ellps=WGS84 +step {HELMERT} \
         +step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    ))
}

/// The way back: WGS 84 lon/lat degrees to a VN-2000 code.
///
/// Heights are taken as 0 on both sides, as PostGIS and GDAL do for 2D; so there and back differs by up to 0.9 mm (in
/// the north; 0.1 mm around Ho Chi Minh City). That is why legal layers keep `geom_source` and derive `geom` from it.
pub fn pipeline_from_wgs84(srid: i32) -> Option<String> {
    let last = if srid == 4756 { "+proj=unitconvert +xy_in=rad +xy_out=deg".to_owned() } else { tmerc(zone(srid)?) };
    Some(format!(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=push +v_3 +step +proj=cart +ellps=WGS84 \
         +step +inv {HELMERT} +step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 +step {last}"
    ))
}

fn tmerc(zone: Zone) -> String {
    format!("+proj=tmerc +lat_0=0 +lon_0={} +k={} +x_0=500000 +y_0=0 +ellps=WGS84", zone.meridian, zone.scale)
}

thread_local! {
    /// A `Proj` belongs to one thread; making one costs about a millisecond, so each thread keeps its own.
    static PIPELINES: RefCell<HashMap<(i32, bool), Proj>> = RefCell::new(HashMap::new());
}

/// Converts points in place from `srid` (4326 or VN-2000) to WGS 84 lon/lat degrees.
///
/// # Errors
/// [`CrsError::NotVn2000`] for any other code; [`CrsError::Proj`] where a point cannot be converted.
pub fn to_wgs84(srid: i32, points: &mut [(f64, f64)]) -> Result<(), CrsError> {
    convert(srid, true, points)
}

/// Converts points in place from WGS 84 lon/lat degrees to `srid` (4326 or VN-2000).
///
/// # Errors
/// As [`to_wgs84`].
pub fn from_wgs84(srid: i32, points: &mut [(f64, f64)]) -> Result<(), CrsError> {
    convert(srid, false, points)
}

fn convert(srid: i32, forward: bool, points: &mut [(f64, f64)]) -> Result<(), CrsError> {
    if srid == WGS84 {
        return Ok(());
    }
    if let Some(zone) = zone(srid)
        && points.iter().all(|p| is_near(zone, forward, *p))
    {
        for point in points {
            *point = if forward {
                native::to_wgs84(zone, point.0, point.1)
            } else {
                native::from_wgs84(zone, point.0, point.1)
            };
        }
        return Ok(());
    }
    by_proj(srid, forward, points)
}

/// Within ten degrees of its meridian the series is as exact as PROJ; beyond, PROJ decides what can be converted.
fn is_near(zone: Zone, forward: bool, (x, y): (f64, f64)) -> bool {
    if forward {
        (x - 500_000.0).abs() < 1_000_000.0 && y.abs() < 9_000_000.0
    } else {
        (x - zone.meridian).abs() < 10.0 && y.abs() < 80.0
    }
}

fn by_proj(srid: i32, forward: bool, points: &mut [(f64, f64)]) -> Result<(), CrsError> {
    PIPELINES.with_borrow_mut(|pipelines| {
        let proj = match pipelines.entry((srid, forward)) {
            std::collections::hash_map::Entry::Occupied(e) => e.into_mut(),
            std::collections::hash_map::Entry::Vacant(e) => {
                let definition = if forward { pipeline_to_wgs84(srid) } else { pipeline_from_wgs84(srid) };
                let definition = definition.ok_or(CrsError::NotVn2000(srid))?;
                e.insert(Proj::new(&definition).map_err(|e| CrsError::Proj(e.to_string()))?)
            }
        };
        proj.convert_array(points).map_err(|e| CrsError::Proj(e.to_string()))?;
        Ok(())
    })
}

/// Converts one position; see [`to_wgs84`].
///
/// # Errors
/// As [`to_wgs84`].
pub fn point_to_wgs84(srid: i32, east: f64, north: f64) -> Result<(f64, f64), CrsError> {
    let mut point = [(east, north)];
    to_wgs84(srid, &mut point)?;
    Ok(point[0])
}

/// Converts one position; see [`from_wgs84`].
///
/// # Errors
/// As [`from_wgs84`].
pub fn point_from_wgs84(srid: i32, lon: f64, lat: f64) -> Result<(f64, f64), CrsError> {
    let mut point = [(lon, lat)];
    from_wgs84(srid, &mut point)?;
    Ok(point[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The points of the domain paper, read from EPSG:6960: about 0.1 mm.
    const POINTS: [(f64, f64, f64, f64); 2] = [
        (603_000.0, 1_191_000.0, 106.693_584_094, 10.768_403_658),
        (505_000.0, 2_325_000.0, 105.799_984_319, 21.018_477_689),
    ];

    #[test]
    fn known_points_agree_to_a_tenth_of_a_millimetre_and_come_back_to_one() {
        for (east, north, lon, lat) in POINTS {
            let (x, y) = point_to_wgs84(9210, east, north).unwrap();
            assert!((x - lon).abs() < 1e-9 && (y - lat).abs() < 1e-9, "{x} {y}");
            let (e, n) = point_from_wgs84(9210, x, y).unwrap();
            assert!((e - east).abs() < 1e-3 && (n - north).abs() < 1e-3, "{e} {n}");
        }
    }

    #[test]
    fn every_zone_comes_back_and_no_other_code_is_taken() {
        for zone in ZONES {
            let (e, n) = point_from_wgs84(zone.srid, zone.meridian + 0.4, 12.0).unwrap();
            let (lon, lat) = point_to_wgs84(zone.srid, e, n).unwrap();
            assert!((lon - zone.meridian - 0.4).abs() < 1e-8 && (lat - 12.0).abs() < 1e-8, "{}", zone.srid);
        }
        assert!(matches!(point_to_wgs84(32648, 1.0, 1.0), Err(CrsError::NotVn2000(32648))));
    }
}
