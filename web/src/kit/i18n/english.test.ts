import { expect, it } from "vitest";
import { searchInEnglish, unitInEnglish } from "./english";

it("units are introduced in English and keep their names", () => {
  expect(["Phường Bến Nghé", "phường Bến Nghé", "Quận 1", "Đặc khu Hoàng Sa", "Cambridge"].map(unitInEnglish))
    .toEqual(["Bến Nghé Ward", "Bến Nghé Ward", "District 1", "Hoàng Sa Special Zone", "Cambridge"]);
});

it("a suggested search is written in the reader's language", () => {
  expect(["tờ 12 thửa 345", "đường Lê Lợi", "phường Bến Nghé", "Massachusetts Ave"].map(searchInEnglish)).toEqual(["sheet 12 plot 345", "Lê Lợi street", "Bến Nghé", "Massachusetts Ave"]);
});
