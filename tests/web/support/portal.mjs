// What a reader's eyes and hands do on the portal: wait until it is drawn, read a sentence, look at a pixel.

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** Waits until the map and everything in sight is drawn. */
export async function drawn(page) {
  await page.waitForFunction(() => window.dothiMap?.inner.loaded() && window.dothiMap.inner.areTilesLoaded(), null, { timeout: 60_000 });
}

/** The first sentence of the panel, once there is an answer to `question`. */
export async function sentence(page, pattern) {
  const first = page.locator(".answer-first", { hasText: pattern });
  await first.waitFor({ timeout: 15_000 });
  return first.innerText();
}

/** Pixels of the map around a place, as [r, g, b] rows read from the drawn frame. */
export function pixels(page, lon, lat, halfWidth = 0, halfHeight = 0) {
  return page.evaluate(
    ({ lon, lat, halfWidth, halfHeight }) =>
      new Promise((done) => {
        const map = window.dothiMap.inner;
        map.once("render", () => {
          const canvas = map.getCanvas();
          const gl = canvas.getContext("webgl2");
          const ratio = canvas.width / canvas.clientWidth;
          const { x, y } = map.project([lon, lat]);
          const width = Math.max(1, Math.round(2 * halfWidth * ratio)), height = Math.max(1, Math.round(2 * halfHeight * ratio));
          const read = new Uint8Array(4 * width * height);
          gl.readPixels(Math.round((x - halfWidth) * ratio), Math.round(canvas.height - (y + halfHeight) * ratio), width, height, gl.RGBA, gl.UNSIGNED_BYTE, read);
          done(Array.from({ length: width * height }, (_, i) => [read[4 * i], read[4 * i + 1], read[4 * i + 2]]));
        });
        map.triggerRepaint();
      }),
    { lon, lat, halfWidth, halfHeight },
  );
}

/** How different two colours are, 0 to 441. */
export const difference = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

/** Asks again until `holds`, or fails with the last answer after `withinMs`. */
export async function until(what, ask, holds, withinMs = 10_000) {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms, last was ${JSON.stringify(answer)}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** A place that is surely on a plot with a plan: the first hit of a plot search. */
export async function aPlot(origin, query = "tờ 12 thửa 345") {
  const answer = await (await fetch(`${origin}/api/v1/search?q=${encodeURIComponent(query)}`)).json();
  const plot = answer.results.find((result) => result.kind === "parcel");
  if (!plot) throw new Error(`no plot found by "${query}": ${JSON.stringify(answer)}`);
  return plot;
}
