import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { databaseUrl, launch, openPage } from "./support/browser.mjs";
import { DESKTOP, drawn, until } from "./support/portal.mjs";
import { sql } from "./support/server.mjs";

const PASSWORD = "một mật khẩu đủ dài";
const dothi = fileURLToPath(new URL("../../target/debug/dothi", import.meta.url));

let browser;
before(async () => {
  for (const account of ["lan.anh", "tuan"]) {
    const env = { ...process.env, DATABASE_URL: databaseUrl };
    execFileSync(dothi, ["user", "add", account, "--name", account, "--password-stdin"], { env, input: PASSWORD });
    execFileSync(dothi, ["user", "grant", account, "planner", "--units", "26740"], { env });
  }
  browser = await launch();
});
after(() => browser?.close());

/** Zones of the ward, small and with few corners, that answer alone for the spot inside them. */
function zone(number) {
  const row = sql(databaseUrl, `SELECT z.id, z.zone_code, z.storeys_max, ST_X(ST_PointOnSurface(z.geom)), ST_Y(ST_PointOnSurface(z.geom)), ST_AsGeoJSON(z.geom, 15)
    FROM gis.planning_zone z JOIN gis.admin_unit u ON u.code = '26740' AND ST_Within(z.geom, u.geom)
    WHERE z.validity @> current_date AND z.storeys_max > 2 AND ST_NPoints(z.geom) BETWEEN 5 AND 12 AND ST_Area(z.geom::geography) BETWEEN 1500 AND 40000
      AND NOT EXISTS (SELECT FROM gis.planning_zone o WHERE o.id <> z.id AND o.zone_code LIKE '%' || z.zone_code || '%')
    ORDER BY z.zone_code DESC LIMIT 1 OFFSET ${number}`).trim();
  const [id, code, storeys, lon, lat, shape] = row.split("|");
  return { id, code, storeys: Number(storeys), lon: Number(lon), lat: Number(lat), shape: JSON.parse(shape) };
}

const now = (id) => {
  const [storeys, area] = sql(databaseUrl, `SELECT storeys_max, ST_Area(geom::geography) FROM gis.planning_zone WHERE id = '${id}' AND validity @> current_date`).trim().split("|");
  return { storeys: Number(storeys), area: Number(area) };
};

async function studio(account, at = null) {
  const page = await openPage(browser, `/studio${at ? `#18/${at.lat}/${at.lon}` : ""}`, { viewport: DESKTOP });
  await page.locator("input[name=account]").fill(account);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.locator(".sign-in button.main").click();
  await page.locator(".layer-button").first().waitFor({ timeout: 45_000 });
  await page.waitForFunction(() => window.dothiDraw, null, { timeout: 30_000 });
  await drawn(page);
  return page;
}

async function openZone(page, code) {
  await page.locator(".panel-tabs button", { hasText: "Lớp" }).click();
  await page.locator(".layer-button", { hasText: "Ô chức năng quy hoạch" }).click();
  await page.locator(".table-search").fill(code);
  await page.locator(".rows tbody tr", { hasText: code }).first().click();
  await page.locator("[data-field=storeys_max]").waitFor();
}

async function set(page, field, value) {
  await page.locator(`[data-field=${field}]`).fill(String(value));
  await page.locator(`[data-field=${field}]`).press("Enter");
  await page.locator(`.field[data-name=${field}][data-changed=true]`).waitFor();
}

const work = (page) => page.locator(".studio-top [data-pending]").click();
async function keepInDraft(page, name = "") {
  await work(page);
  if (name) await page.locator("#reason").fill(name);
  await page.locator(".draft-target button").click();
  await page.getByText(/Đã lưu \d+ thay đổi vào bản nháp/).waitFor();
}
async function openDraft(page, name) {
  await page.locator(".panel-tabs button", { hasText: "Bản nháp" }).click();
  const back = page.locator(".drafts .link.back");
  if (await back.isVisible()) await back.click();
  await page.locator(".draft-line", { hasText: name }).click();
  await page.locator(".drafts.one h2", { hasText: name }).waitFor();
}
const step = (page, name) => page.locator(`.drafts.one [data-step=${name}]`).click();
const stands = (page, state) => page.locator(`.drafts.one[data-state=${state}]`).waitFor({ timeout: 45_000 });

const REFUSED = /status of (401|404|409|422)/;
const expected = (page) => page.faults.filter((fault) => !REFUSED.test(fault));

/** Where a place is on the screen. */
const onScreen = (page, lon, lat) => page.evaluate(([lon, lat]) => {
  const { left, top } = window.dothiMap.inner.getCanvas().getBoundingClientRect(), { x, y } = window.dothiMap.inner.project([lon, lat]);
  return [left + x, top + y];
}, [lon, lat]);

test("a plan adjustment goes from drawing over review, return and approval onto every open map", async () => {
  const place = zone(0), name = `Điều chỉnh ô ${place.code}`, before = now(place.id);
  const portal = await openPage(browser, `/#18/${place.lat}/${place.lon}&at=${place.lat},${place.lon}`, { viewport: DESKTOP });
  await drawn(portal);
  await portal.evaluate(() => { window.stillHere = true; });

  // Lan changes a number and pulls a corner in, and keeps both in a new draft.
  let lan = await studio("lan.anh", place);
  await openZone(lan, place.code);
  await set(lan, "storeys_max", place.storeys + 40);
  await lan.getByRole("button", { name: "Sửa hình" }).click();
  await lan.evaluate(([lon, lat]) => window.dothiMap.inner.jumpTo({ center: [lon, lat], zoom: 18 }), place.shape.coordinates[0][0][0]);
  await drawn(lan);
  const [x, y] = await onScreen(lan, ...place.shape.coordinates[0][0][0]);
  const [u, v] = await onScreen(lan, place.lon, place.lat);
  const far = Math.hypot(u - x, v - y);
  await lan.mouse.move(x, y);
  await lan.mouse.down();
  await lan.mouse.move(x + ((u - x) / far) * 40, y + ((v - y) / far) * 40, { steps: 8 });
  await lan.mouse.up();
  await lan.getByRole("button", { name: "Giữ hình này" }).click();
  await keepInDraft(lan, name);
  await stands(lan, "open");
  assert.match(await lan.locator(".draft-areas").innerText(), /Hình: .+ m² → .+ m²/);
  assert.match(await lan.locator(".draft-fields").innerText(), new RegExp(`${place.storeys}\\s*→\\s*${place.storeys + 40}`));
  assert.deepEqual(now(place.id), before, "a draft changes nothing that others see");
  assert.deepEqual(expected(lan), []);
  await lan.context().close();

  // Days later, in another browser: it is there, drawn over the map, checked, and goes to review.
  lan = await studio("lan.anh", place);
  const tile = lan.waitForResponse((response) => /\/tiles\/.*[?&]draft=/.test(response.url()), { timeout: 45_000 });
  await openDraft(lan, name);
  assert.equal((await tile).status(), 200);
  await lan.locator(".draft-check .note.good").waitFor();
  await lan.locator("[aria-label='Ảnh hưởng'] .impact tr").first().waitFor();
  await lan.screenshot({ path: process.env.DOTHI_SHOTS ? `${process.env.DOTHI_SHOTS}-draft.png` : undefined });
  await step(lan, "submit");
  await stands(lan, "in_review");

  // Tuan returns it with a comment at a place.
  const tuan = await studio("tuan", place);
  await tuan.locator(".panel-tabs button", { hasText: "Bản nháp" }).click();
  await tuan.locator("[data-group=toReview] .draft-line", { hasText: name }).waitFor();
  await openDraft(tuan, name);
  await tuan.locator("#draft-text").fill("Tầng cao quá, xin xem lại");
  await tuan.locator(".aim").waitFor();
  await tuan.getByRole("button", { name: "Trả lại kèm ý kiến" }).click();
  await stands(tuan, "returned");

  // Lan is told without a reload, goes to the place, edits further, answers, and sends it again.
  await stands(lan, "returned");
  await lan.locator(".comments li", { hasText: "Tầng cao quá" }).getByText("Đến chỗ đó").click();
  await lan.getByText("Sửa tiếp").click();
  await lan.locator(".field[data-name=storeys_max][data-changed=true]").waitFor();
  await set(lan, "storeys_max", place.storeys + 30);
  await keepInDraft(lan);
  await lan.locator(".draft-fields", { hasText: String(place.storeys + 30) }).waitFor();
  assert.match(await lan.locator(".draft-areas").innerText(), /Hình: .+ m² → .+ m²/, "the shape came along");
  await lan.locator("#draft-text").fill("Đã hạ xuống");
  await lan.getByRole("button", { name: "Ghi ý kiến" }).click();
  await lan.locator(".comments li", { hasText: "Đã hạ xuống" }).waitFor();
  await step(lan, "submit");
  await stands(lan, "in_review");
  assert.equal(await lan.locator("[data-step=approve]").count(), 0, "nobody approves their own");

  // Tuan approves what he sees, and one step puts it on the map.
  await stands(tuan, "in_review");
  await tuan.locator(".draft-fields", { hasText: String(place.storeys + 30) }).waitFor();
  await step(tuan, "approve");
  await stands(tuan, "approved");
  await tuan.locator("#draft-reason").fill("Theo quyết định 12/QĐ-UBND");
  await step(tuan, "publish");
  await stands(tuan, "published");
  const after = now(place.id);
  assert.equal(after.storeys, place.storeys + 30);
  assert.ok(after.area < before.area - 1, `${before.area} → ${after.area}`);

  // Both maps that showed the draft show what is published now, not the refused tiles of a draft that has ended.
  for (const page of [lan, tuan]) {
    await until("the published map is drawn", () => page.evaluate(() => {
      const map = window.dothiMap.inner;
      return { of: map.getStyle().sources.plan.tiles[0], zones: map.queryRenderedFeatures().filter((one) => one.sourceLayer === "planning_zone").length };
    }), ({ of, zones }) => !of.includes("draft=") && zones > 0, 20_000);
  }

  // The public map that was open all the time says it.
  await portal.getByText(new RegExp(`${place.storeys + 30} tầng`)).first().waitFor({ timeout: 20_000 });
  assert.equal(await portal.evaluate(() => window.stillHere), true);
  assert.deepEqual(portal.faults, []);
  assert.deepEqual(expected(lan), []);
  assert.deepEqual(expected(tuan), []);
  for (const page of [portal, lan, tuan]) await page.context().close();
});

test("what others published meanwhile meets a draft as a conflict, and is merged attribute by attribute", async () => {
  const place = zone(1), name = `Xung đột ${place.code}`;
  const [lan, tuan] = [await studio("lan.anh", place), await studio("tuan", place)];
  await openZone(lan, place.code);
  await set(lan, "storeys_max", place.storeys + 5);
  await set(lan, "name", "Ô của Lan");
  await keepInDraft(lan, name);
  await lan.locator(".draft-check .note.good").waitFor();

  await openZone(tuan, place.code);
  await set(tuan, "storeys_max", place.storeys + 9);
  await set(tuan, "name", "Ô của Tuấn");
  await work(tuan);
  await tuan.locator("#reason").fill("sửa ngay");
  await tuan.locator(".work-send button.main").click();
  await tuan.getByText(/Đã công bố 1 thay đổi/).waitFor();

  const conflict = lan.locator("section.conflict");
  await conflict.waitFor();
  const line = async (field) => (await conflict.locator(`tr[data-name=${field}] td`).allInnerTexts()).map((text) => text.trim());
  assert.deepEqual(await line("storeys_max"), [String(place.storeys), String(place.storeys + 9), String(place.storeys + 5)]);
  assert.match(await conflict.innerText(), /tuan đã sửa lúc/);
  await lan.screenshot({ path: process.env.DOTHI_SHOTS ? `${process.env.DOTHI_SHOTS}-conflict.png` : undefined });
  await conflict.locator("tr[data-name=name] td").nth(1).locator("input").check();
  await conflict.getByText("Gộp theo lựa chọn").click();
  await conflict.waitFor({ state: "detached" });
  await lan.locator(".draft-check .note.good").waitFor();
  await step(lan, "submit");
  await stands(lan, "in_review");
  await openDraft(tuan, name);
  await step(tuan, "approve");
  await stands(tuan, "approved");
  await stands(lan, "approved");
  await step(lan, "publish");
  await stands(lan, "published");
  assert.equal(sql(databaseUrl, `SELECT storeys_max, name FROM gis.planning_zone WHERE id = '${place.id}' AND validity @> current_date`).trim(), `${place.storeys + 5}|Ô của Tuấn`);
  assert.deepEqual(expected(lan), []);
  assert.deepEqual(expected(tuan), []);
  await lan.context().close();
  await tuan.context().close();
});

test("a draft on a zone that was split says what lies there now, and goes on without it", async () => {
  const place = zone(2), name = `Tách ${place.code}`;
  const lan = await studio("lan.anh", place);
  await openZone(lan, place.code);
  await set(lan, "storeys_max", place.storeys + 3);
  await keepInDraft(lan, name);
  await lan.locator(".draft-check .note.good").waitFor();
  // Two take its place, cut through its middle from north to south.
  sql(databaseUrl, `WITH old AS (DELETE FROM gis.planning_zone WHERE id = '${place.id}' RETURNING *),
    half AS (SELECT old.*, side, ST_MakeEnvelope(CASE side WHEN 'a' THEN ST_XMin(old.geom_source) ELSE x END, ST_YMin(old.geom_source),
        CASE side WHEN 'a' THEN x ELSE ST_XMax(old.geom_source) END, ST_YMax(old.geom_source), ST_SRID(old.geom_source)) AS box
      FROM old, LATERAL (SELECT (ST_XMin(old.geom_source) + ST_XMax(old.geom_source)) / 2 AS x) AS middle, unnest(ARRAY['a', 'b']) AS side)
    INSERT INTO gis.planning_zone (plan, zone_code, function, geom_source)
    SELECT plan, zone_code || side, function, ST_Multi(ST_CollectionExtract(ST_Intersection(geom_source, box), 3)) FROM half`);
  const refused = lan.locator(".draft-check .findings .field-wrong");
  await refused.waitFor({ timeout: 30_000 });
  const said = await refused.innerText();
  assert.match(said, new RegExp(`không còn: db:\\S+ đã kết thúc lúc .*chỗ đó nay có 2: .*${place.code}a, .*${place.code}b`));
  await lan.screenshot({ path: process.env.DOTHI_SHOTS ? `${process.env.DOTHI_SHOTS}-split.png` : undefined });
  await lan.getByRole("button", { name: "Mở đối tượng đang ở đó" }).click();
  await lan.locator(".studio-right header", { hasText: `${place.code}a` }).waitFor();
  await lan.getByRole("button", { name: "Bỏ phần này khỏi bản nháp" }).click();
  await refused.waitFor({ state: "detached" });
  assert.equal(sql(databaseUrl, `SELECT count(*) FROM gis.draft_op JOIN gis.draft ON draft.id = draft_op.draft WHERE draft.name = '${name}'`).trim(), "0");
  assert.deepEqual(expected(lan), []);
  await lan.context().close();
});
