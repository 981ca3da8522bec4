/**
 * Transverse Mercator on the WGS 84 ellipsoid by Krüger's series in n (Karney 2011, eq. 7-11, 35, 36): to a micrometre
 * within ten degrees of the meridian, both ways.
 */
const A = 6378137, F = 1 / 298.257223563, N = F / (2 - F), E = Math.sqrt(F * (2 - F));
const N2 = N * N, N3 = N2 * N, N4 = N3 * N, N5 = N4 * N;
const RADIUS = (A / (1 + N)) * (1 + N2 / 4 + N4 / 64);
const FORTH = [
  N / 2 - (2 * N2) / 3 + (5 * N3) / 16 + (41 * N4) / 180 - (127 * N5) / 288,
  (13 * N2) / 48 - (3 * N3) / 5 + (557 * N4) / 1440 + (281 * N5) / 630,
  (61 * N3) / 240 - (103 * N4) / 140 + (15061 * N5) / 26880,
  (49561 * N4) / 161280 - (179 * N5) / 168,
  (34729 * N5) / 80640,
];
const BACK = [
  N / 2 - (2 * N2) / 3 + (37 * N3) / 96 - N4 / 360 - (81 * N5) / 512,
  N2 / 48 + N3 / 15 - (437 * N4) / 1440 + (46 * N5) / 105,
  (17 * N3) / 480 - (37 * N4) / 840 - (209 * N5) / 4480,
  (4397 * N4) / 161280 - (11 * N5) / 504,
  (4583 * N5) / 161280,
];

/** Tangent of the conformal latitude, of the tangent of the geographic one. */
function conformal(tau: number): number {
  const sigma = Math.sinh(E * Math.atanh((E * tau) / Math.hypot(1, tau)));
  return tau * Math.hypot(1, sigma) - sigma * Math.hypot(1, tau);
}

/** Metres right of the meridian and above the equator, on the ellipsoid's own scale; angles in radians. */
export function forward(fromMeridian: number, latitude: number): { x: number; y: number } {
  const tau = conformal(Math.tan(latitude));
  const xi = Math.atan2(tau, Math.cos(fromMeridian));
  const eta = Math.asinh(Math.sin(fromMeridian) / Math.hypot(tau, Math.cos(fromMeridian)));
  let x = eta, y = xi;
  FORTH.forEach((alpha, i) => {
    const k = 2 * (i + 1);
    y += alpha * Math.sin(k * xi) * Math.cosh(k * eta);
    x += alpha * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  return { x: RADIUS * x, y: RADIUS * y };
}

/** The other way: radians from the meridian and latitude. */
export function inverse(x: number, y: number): { fromMeridian: number; latitude: number } {
  const xi = y / RADIUS, eta = x / RADIUS;
  let xiOnSphere = xi, etaOnSphere = eta;
  BACK.forEach((beta, i) => {
    const k = 2 * (i + 1);
    xiOnSphere -= beta * Math.sin(k * xi) * Math.cosh(k * eta);
    etaOnSphere -= beta * Math.cos(k * xi) * Math.sinh(k * eta);
  });
  const sinh = Math.sinh(etaOnSphere), cos = Math.cos(xiOnSphere);
  const wanted = Math.sin(xiOnSphere) / Math.hypot(sinh, cos);
  let tau = wanted;
  for (let i = 0; i < 5; i++) {
    const step = ((wanted - conformal(tau)) * (1 + (1 - E * E) * tau * tau)) / (Math.hypot(1, conformal(tau)) * (1 - E * E) * Math.hypot(1, tau));
    tau += step;
    if (Math.abs(step) < 1e-15) break;
  }
  return { fromMeridian: Math.atan2(sinh, cos), latitude: Math.atan(tau) };
}
