//! The pinned pipelines in plain Rust: a third of PROJ's time for a point, which an import of parcels feels.
//!
//! The same steps as [`super::pipeline_to_wgs84`]: transverse Mercator by Krüger's series (Karney 2011, to the fourth
//! order: below 0.1 µm inside a zone), geocentric coordinates, the seven parameters, and back. Heights are 0 before the
//! shift and dropped after it, as there. Tests hold it to PROJ on a grid over all zones.

use super::Zone;

const A: f64 = 6_378_137.0;
const F: f64 = 1.0 / 298.257_223_563;
const E2: f64 = F * (2.0 - F);
/// Square root of [`E2`].
const E: f64 = 0.081_819_190_842_621_49;
const N: f64 = F / (2.0 - F);
const N2: f64 = N * N;
const N3: f64 = N2 * N;
const N4: f64 = N3 * N;
/// Radius of the rectifying sphere.
const RECTIFYING: f64 = A / (1.0 + N) * (1.0 + N2 / 4.0 + N4 / 64.0);
const ALPHA: [f64; 4] = [
    N / 2.0 - 2.0 * N2 / 3.0 + 5.0 * N3 / 16.0 + 41.0 * N4 / 180.0,
    13.0 * N2 / 48.0 - 3.0 * N3 / 5.0 + 557.0 * N4 / 1440.0,
    61.0 * N3 / 240.0 - 103.0 * N4 / 140.0,
    49_561.0 * N4 / 161_280.0,
];
const BETA: [f64; 4] = [
    N / 2.0 - 2.0 * N2 / 3.0 + 37.0 * N3 / 96.0 - N4 / 360.0,
    N2 / 48.0 + N3 / 15.0 - 437.0 * N4 / 1440.0,
    17.0 * N3 / 480.0 - 37.0 * N4 / 840.0,
    4397.0 * N4 / 161_280.0,
];

const ARC_SECOND: f64 = std::f64::consts::PI / 648_000.0;
const SHIFT: [f64; 3] = [-191.904_414_29, -39.303_182_79, -111.450_328_35];
const ROTATION: [f64; 3] = [0.009_288_36 * ARC_SECOND, -0.019_754_79 * ARC_SECOND, 0.004_273_72 * ARC_SECOND];
const SCALE: f64 = 1.0 + 0.252_906_278e-6;

/// Projected VN-2000 to WGS 84 lon/lat degrees.
pub fn to_wgs84(zone: Zone, east: f64, north: f64) -> (f64, f64) {
    let (lon, tau) = from_plane((east - 500_000.0) / (zone.scale * RECTIFYING), north / (zone.scale * RECTIFYING));
    let [x, y, z] = to_earth(lon + zone.meridian.to_radians(), tau);
    let [rx, ry, rz] = ROTATION;
    let shifted = [
        SHIFT[0] + SCALE * (x - rz * y + ry * z),
        SHIFT[1] + SCALE * (rz * x + y - rx * z),
        SHIFT[2] + SCALE * (-ry * x + rx * y + z),
    ];
    let (lon, tau) = from_earth(shifted);
    (lon.to_degrees(), tau.atan().to_degrees())
}

/// WGS 84 lon/lat degrees to projected VN-2000.
pub fn from_wgs84(zone: Zone, lon: f64, lat: f64) -> (f64, f64) {
    let [x, y, z] = to_earth(lon.to_radians(), lat.to_radians().tan());
    let (x, y, z) = ((x - SHIFT[0]) / SCALE, (y - SHIFT[1]) / SCALE, (z - SHIFT[2]) / SCALE);
    // The transposed matrix, as PROJ inverts it.
    let [rx, ry, rz] = ROTATION;
    let (lon, tau) = from_earth([x + rz * y - ry * z, -rz * x + y + rx * z, ry * x - rx * y + z]);
    let (eta, xi) = to_plane(lon - zone.meridian.to_radians(), tau);
    (500_000.0 + zone.scale * RECTIFYING * eta, zone.scale * RECTIFYING * xi)
}

/// Longitude and tangent of latitude to geocentric metres, at height 0.
fn to_earth(lon: f64, tau: f64) -> [f64; 3] {
    let (sin_lon, cos_lon) = lon.sin_cos();
    let cos_lat = 1.0 / (1.0 + tau * tau).sqrt();
    let sin_lat = tau * cos_lat;
    let curvature = A / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    let across = curvature * cos_lat;
    [across * cos_lon, across * sin_lon, curvature * (1.0 - E2) * sin_lat]
}

/// Geocentric metres to longitude and tangent of latitude (Bowring; exact to nanometres near the ground).
fn from_earth([x, y, z]: [f64; 3]) -> (f64, f64) {
    let across = (x * x + y * y).sqrt();
    let minor = A * (1.0 - F);
    let reduced = z * A / (across * minor);
    let cos = 1.0 / (1.0 + reduced * reduced).sqrt();
    let sin = reduced * cos;
    let tau = (z + E2 / (1.0 - E2) * minor * sin * sin * sin) / (across - E2 * A * cos * cos * cos);
    (y.atan2(x), tau)
}

/// Longitude from the meridian and tangent of latitude to (η, ξ).
fn to_plane(lon: f64, tau: f64) -> (f64, f64) {
    let conformal = conformal_of(tau);
    let (sin, cos) = lon.sin_cos();
    let xi = conformal.atan2(cos);
    let eta = (sin / (conformal * conformal + cos * cos).sqrt()).asinh();
    let (de, dx) = series(&ALPHA, eta, xi);
    (eta + de, xi + dx)
}

/// (η, ξ) to longitude from the meridian and tangent of latitude.
fn from_plane(eta: f64, xi: f64) -> (f64, f64) {
    let (de, dx) = series(&BETA, eta, xi);
    let (eta, xi) = (eta - de, xi - dx);
    let sinh = eta.sinh();
    let (sin, cos) = xi.sin_cos();
    let conformal = sin / (sinh * sinh + cos * cos).sqrt();
    (sinh.atan2(cos), from_conformal(conformal))
}

/// Tangent of the conformal latitude. The arguments of atanh and sinh stay below 0.082 and 0.007, so that short series
/// give them to the last bit.
fn conformal_of(tau: f64) -> f64 {
    let one = (1.0 + tau * tau).sqrt();
    let x = E * tau / one;
    let x2 = x * x;
    let atanh = x
        * (1.0
            + x2 * (1.0 / 3.0
                + x2 * (1.0 / 5.0 + x2 * (1.0 / 7.0 + x2 * (1.0 / 9.0 + x2 * (1.0 / 11.0 + x2 / 13.0))))));
    let y = E * atanh;
    let y2 = y * y;
    let sigma = y * (1.0 + y2 / 6.0 * (1.0 + y2 / 20.0 * (1.0 + y2 / 42.0)));
    tau * (1.0 + sigma * sigma).sqrt() - sigma * one
}

/// Newton's method from the conformal tangent; two steps reach the last bit.
fn from_conformal(conformal: f64) -> f64 {
    let mut tau = conformal / (1.0 - E2);
    for _ in 0..2 {
        let guess = conformal_of(tau);
        let slope = (1.0 + (1.0 - E2) * tau * tau) / ((1.0 - E2) * (1.0 + tau * tau).sqrt());
        tau += (conformal - guess) / (1.0 + guess * guess).sqrt() * slope;
    }
    tau
}

/// Σ cⱼ sin 2j(ξ + iη), its imaginary and real part, by Clenshaw.
fn series(c: &[f64; 4], eta: f64, xi: f64) -> (f64, f64) {
    let (sin, cos) = (2.0 * xi).sin_cos();
    let e = (2.0 * eta).exp();
    let (cosh, sinh) = (f64::midpoint(e, 1.0 / e), (e - 1.0 / e) / 2.0);
    // 2 cos z and sin z of z = 2(ξ + iη).
    let (two_re, two_im) = (2.0 * cos * cosh, -2.0 * sin * sinh);
    let (mut b1, mut b2) = ((0.0, 0.0), (0.0, 0.0));
    for coefficient in c.iter().rev() {
        let next = (two_re * b1.0 - two_im * b1.1 - b2.0 + coefficient, two_re * b1.1 + two_im * b1.0 - b2.1);
        b2 = b1;
        b1 = next;
    }
    let (s_re, s_im) = (sin * cosh, cos * sinh);
    (s_re * b1.1 + s_im * b1.0, s_re * b1.0 - s_im * b1.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crs::{ZONES, pipeline_from_wgs84, pipeline_to_wgs84};

    #[test]
    fn it_agrees_with_proj_to_a_micrometre_all_over_every_zone() {
        for zone in ZONES {
            let forward = proj::Proj::new(&pipeline_to_wgs84(zone.srid).unwrap()).unwrap();
            let back = proj::Proj::new(&pipeline_from_wgs84(zone.srid).unwrap()).unwrap();
            for i in -6..=6 {
                for j in 0..=36 {
                    let (lon, lat) = (zone.meridian + f64::from(i) * 0.5, 6.0 + f64::from(j) * 0.5);
                    let (e, n) = from_wgs84(zone, lon, lat);
                    let (pe, pn) = back.convert((lon, lat)).unwrap();
                    assert!(
                        (e - pe).abs() < 1e-6 && (n - pn).abs() < 1e-6,
                        "{} {lon} {lat}: {e} {pe}, {n} {pn}",
                        zone.srid
                    );
                    let (x, y) = to_wgs84(zone, pe, pn);
                    let (px, py) = forward.convert((pe, pn)).unwrap();
                    assert!(
                        (x - px).abs() < 1e-11 && (y - py).abs() < 1e-11,
                        "{} {pe} {pn}: {x} {px}, {y} {py}",
                        zone.srid
                    );
                }
            }
        }
    }
}
