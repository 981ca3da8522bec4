import { describe, expect, it } from "vitest";
import { area, date, distance, inOrder, number, share } from "./format";

describe("numbers", () => {
  it("have a point for thousands and a comma for decimals in Vietnamese", () => {
    expect(number(1234.5, "vi")).toBe("1.234,5");
    expect(number(1234.5, "en")).toBe("1,234.5");
  });
  it("become areas, shares and distances with their unit", () => {
    expect(area(6.2, "vi")).toBe("6,2 m²");
    expect(area(12345.6, "vi")).toBe("12.346 m²");
    expect(share(0.875, "vi")).toBe("88 %");
    expect(share(0.0123, "vi")).toBe("1,2 %");
    expect(distance(4.25, "vi")).toBe("4,3 m");
    expect(distance(1530, "en")).toBe("1.5 km");
  });
});

describe("dates", () => {
  it("are day, month, year", () => {
    expect(date("2024-03-12")).toBe("12/03/2024");
    expect(date("2024-03-12T08:00:00Z")).toBe("12/03/2024");
  });
  it("leave alone what is no date", () => expect(date("2024")).toBe("2024"));
});

it("Đ sorts after D", () => {
  expect(["Đa Kao", "Dân Trí", "Bến Nghé", "Ea"].sort(inOrder)).toEqual(["Bến Nghé", "Dân Trí", "Đa Kao", "Ea"]);
});
