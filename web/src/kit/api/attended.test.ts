import { expect, it } from "vitest";
import { attendance, watchAttendance } from "./attended";

it("says who asks: somebody, or the page by itself, and tells of touches that ask nothing", () => {
  let now = 1_000_000, told = 0;
  const page = new EventTarget();
  const stop = watchAttendance(() => { told += 1; }, page, () => now);
  expect(attendance(now)).toEqual({});
  now += 59_000;
  expect(attendance(now)).toEqual({});
  now += 2_000;
  expect(attendance(now)).toEqual({ "dothi-unattended": "1" });
  page.dispatchEvent(new Event("keydown"));
  expect(told).toBe(0);
  expect(attendance(now)).toEqual({});
  now += 61_000;
  page.dispatchEvent(new Event("pointerdown"));
  page.dispatchEvent(new Event("pointerdown"));
  expect(told).toBe(1);
  stop();
  now += 61_000;
  page.dispatchEvent(new Event("pointerdown"));
  expect(attendance(now)).toEqual({ "dothi-unattended": "1" });
});
