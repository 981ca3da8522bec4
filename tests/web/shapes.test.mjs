// Shapes by the mouse alone, from the button to the database: a hole in a zone, a tree as a point.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { databaseUrl, launch, openPage } from "./support/browser.mjs";
import { account, signIn } from "./support/people.mjs";
import { DESKTOP, drawn, until } from "./support/portal.mjs";
import { sql } from "./support/server.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

async function studio(who, { lon, lat, zoom }, layer) {
  const page = await openPage(browser, `/studio#${zoom}/${lat}/${lon}`, { viewport: DESKTOP });
  await signIn(page, who);
  await page.waitForFunction(() => window.dothiDraw, null, { timeout: 45_000 });
  await drawn(page);
  await page.locator(".layer-button", { hasText: layer }).first().click();
  await page.locator(".rows tbody tr[data-at]").first().waitFor();
  return page;
}

/** Where a place is on the screen. */
const onScreen = (page, lon, lat) => page.evaluate(([lon, lat]) => {
  const { left, top } = window.dothiMap.inner.getCanvas().getBoundingClientRect(), { x, y } = window.dothiMap.inner.project([lon, lat]);
  return [left + x, top + y];
}, [lon, lat]);
const tool = (page, name) => page.locator(".draw-tool", { hasText: name }).first();

const keep = (page) => page.getByRole("button", { name: "Giữ hình này" }).click();
async function publish(page, reason) {
  await page.locator("[data-pending='1']").click();
  await page.locator("#reason").fill(reason);
  await page.locator(".work-send button.main").click();
  await page.getByText(/Đã công bố 1 thay đổi/).waitFor();
  // What the server refuses on the way (a question before signing in) the browser writes down itself.
  assert.deepEqual(page.faults.filter((fault) => !/status of 401/.test(fault)), []);
  await page.context().close();
}

test("a hole is cut into a zone by the mouse, and is a hole in the database", async () => {
  const [id, lon, lat] = sql(databaseUrl, `SELECT id, ST_X(c.center), ST_Y(c.center) FROM gis.planning_zone, ST_MaximumInscribedCircle(geom) AS c
    WHERE validity @> gis.today() AND ST_NumInteriorRings(ST_GeometryN(geom, 1)) = 0 AND ST_Area(geom::geography) BETWEEN 3000 AND 20000
    ORDER BY c.radius DESC LIMIT 1`).trim().split("|");
  const area = () => Number(sql(databaseUrl, `SELECT ST_Area(geom::geography) FROM gis.planning_zone WHERE id = '${id}' AND validity @> gis.today()`));
  const before = area();
  const page = await studio(account("cat.lo", "planner"), { lon, lat, zoom: 19 }, "Ô chức năng quy hoạch");
  const [x, y] = await onScreen(page, Number(lon), Number(lat));
  await page.mouse.click(x, y);
  await page.locator("[data-field=storeys_max]").waitFor();
  await page.getByRole("button", { name: "Sửa hình" }).click();
  await tool(page, "Bắt điểm").click();
  await tool(page, "Khoét lỗ").click();
  const corners = [[-30, -25], [30, -25], [30, 25], [-30, 25]];
  for (const [i, [dx, dy]] of corners.entries()) {
    await page.mouse.click(x + dx, y + dy);
    await page.waitForFunction((count) => window.dothiDraw.view().open?.length === count, i + 1);
  }
  await page.mouse.click(x + corners[0][0], y + corners[0][1]);
  await page.waitForFunction(() => !window.dothiDraw.view().open && window.dothiDraw.view().drawn?.geometry.coordinates.some((part) => part.length === 2));
  const metresAPixel = (156_543.034 * Math.cos((lat * Math.PI) / 180)) / 2 ** 19 / 2;
  await keep(page);
  await publish(page, "chừa sân trong");
  assert.equal(sql(databaseUrl, `SELECT sum(ST_NumInteriorRings(part.geom)) FROM gis.planning_zone z, ST_Dump(z.geom) part WHERE z.id = '${id}' AND validity @> gis.today()`).trim(), "1");
  const cut = before - area(), drawnArea = 60 * 50 * metresAPixel ** 2;
  assert.ok(Math.abs(cut - drawnArea) < 0.05 * drawnArea, `${cut} m² are cut, ${drawnArea} m² were drawn`);
});

test("a tree is planted by one tap, moved by the mouse, and stands in the database where it was put", async () => {
  const here = { lon: 106.6966, lat: 10.7785, zoom: 20 };
  const page = await studio(account("trong.cay", "asset_keeper"), here, "Cây xanh đô thị");
  await page.locator(".table-bar button.outlined").click();
  await page.locator(".draw-tools").waitFor();
  await tool(page, "Bắt điểm").click();
  const [x, y] = await onScreen(page, here.lon, here.lat);
  await page.mouse.click(x, y);
  await page.waitForFunction(() => window.dothiDraw.view().drawn?.geometry?.type === "Point");
  await tool(page, "Sửa đỉnh").click();
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 60, y - 40, { steps: 6 });
  await page.mouse.up();
  const wanted = await page.evaluate(([dx, dy]) => {
    const map = window.dothiMap.inner, middle = map.project([106.6966, 10.7785]), at = map.unproject([middle.x + dx, middle.y + dy]);
    return [at.lng, at.lat];
  }, [60, -40]);
  const moved = await until("it is moved", () => page.evaluate(() => window.dothiDraw.view().drawn.geometry.coordinates), ([lon]) => Math.abs(lon - wanted[0]) < 2e-6);
  await keep(page);
  await page.locator("[data-field=tree_number]").fill("CX-CHUOT-1");
  await page.locator("[data-field=tree_number]").press("Enter");
  await publish(page, "trồng mới");
  const away = Number(sql(databaseUrl, `SELECT ST_Distance(geom::geography, ST_SetSRID(ST_MakePoint(${moved[0]}, ${moved[1]}), 4326)::geography) FROM gis.tree WHERE tree_number = 'CX-CHUOT-1' AND validity @> gis.today()`));
  assert.ok(away < 0.01, `${away} m away`);
});
