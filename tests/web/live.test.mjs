import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { databaseUrl, launch, openPage } from "./support/browser.mjs";
import { DESKTOP, difference, drawn, pixels, sentence, until } from "./support/portal.mjs";
import { sql } from "./support/server.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** The largest housing zone in force that no smaller zone of another plan is painted over, and a spot inside it. */
function aZone() {
  const row = sql(databaseUrl, `SELECT id, ST_X(spot), ST_Y(spot), function FROM (
    SELECT id, function, ST_PointOnSurface(geom) AS spot, ST_Area(geom) AS size FROM gis.planning_zone
    WHERE land_use = 'ODT' AND validity @> current_date) AS zone
    WHERE NOT EXISTS (SELECT FROM gis.planning_zone AS above WHERE above.id <> zone.id AND above.validity @> current_date
      AND ST_Intersects(above.geom, zone.spot) AND ST_Area(above.geom) < zone.size)
    ORDER BY size DESC LIMIT 1`).trim();
  const [id, lon, lat, use] = row.split("|");
  return { id, lon: Number(lon), lat: Number(lat), use };
}

const onlyZones = "off=parcel,building,road,planning_line,protection_area,tree,lamp_post,hydrant,permit,works,address,place,water_area,green_space,heritage_site,admin_unit";

test("one line of SQL recolours the open map without a reload", async () => {
  const zone = aZone();
  const page = await openPage(browser, `/#17/${zone.lat}/${zone.lon}&${onlyZones}`, { viewport: DESKTOP });
  await drawn(page);
  await page.waitForTimeout(800);
  await page.evaluate(() => { window.stillHere = true; });
  const look = async () => (await pixels(page, zone.lon, zone.lat, 12, 12))[40];
  const first = await look();
  try {
    sql(databaseUrl, `UPDATE gis.planning_zone SET function = 'nong_nghiep' WHERE id = '${zone.id}'`);
    const second = await until("the zone changes its colour", look, (now) => difference(now, first) > 30, 5_000);
    assert.ok(second[2] < second[0], `farmland is yellow, not ${second}`);
    assert.equal(await page.evaluate(() => window.stillHere), true);
  } finally {
    sql(databaseUrl, `UPDATE gis.planning_zone SET function = '${zone.use}' WHERE id = '${zone.id}'`);
  }
  await until("the zone changes back", look, (now) => difference(now, first) < 12, 5_000);
  assert.deepEqual(page.faults, []);
});

test("the open answer is asked again when what it rests on changes", async () => {
  const zone = aZone();
  const page = await openPage(browser, `/#17/${zone.lat}/${zone.lon}&at=${zone.lat},${zone.lon}`, { viewport: DESKTOP });
  await sentence(page, /./);
  await drawn(page);
  const storeys = sql(databaseUrl, `SELECT coalesce(storeys_max, -1) FROM gis.planning_zone WHERE id = '${zone.id}' LIMIT 1`).trim();
  const asked = page.waitForRequest((request) => request.url().includes("/api/v1/lookup"), { timeout: 10_000 });
  try {
    sql(databaseUrl, `UPDATE gis.planning_zone SET storeys_max = 77 WHERE id = '${zone.id}'`);
    await asked;
    await page.getByText(/77 tầng/).first().waitFor({ timeout: 10_000 });
  } finally {
    sql(databaseUrl, `UPDATE gis.planning_zone SET storeys_max = nullif(${storeys}, -1) WHERE id = '${zone.id}'`);
  }
  assert.deepEqual(page.faults, []);
});

test("a page that the browser had put aside hears changes again, and looks at once what it missed", async () => {
  const zone = aZone();
  const page = await openPage(browser, `/#17/${zone.lat}/${zone.lon}&at=${zone.lat},${zone.lon}`, { viewport: DESKTOP });
  await sentence(page, /./);
  await drawn(page);
  const storeys = sql(databaseUrl, `SELECT coalesce(storeys_max, -1) FROM gis.planning_zone WHERE id = '${zone.id}' LIMIT 1`).trim();
  const set = (to) => sql(databaseUrl, `UPDATE gis.planning_zone SET storeys_max = ${to} WHERE id = '${zone.id}'`);
  // What the browser tells a page that it keeps for "back".
  const told = (name) => page.evaluate((name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true })), name);
  try {
    await told("pagehide");
    set(66);
    await told("pageshow");
    await page.getByText(/66 tầng/).first().waitFor({ timeout: 10_000 });
    set(67);
    await page.getByText(/67 tầng/).first().waitFor({ timeout: 10_000 });
  } finally {
    set(`nullif(${storeys}, -1)`);
  }
  assert.deepEqual(page.faults, []);
});
