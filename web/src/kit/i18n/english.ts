const UNITS: readonly [vi: string, en: string][] = [
  ["Thành phố", "City"], ["Tỉnh", "Province"], ["Phường", "Ward"], ["Xã", "Commune"], ["Thị trấn", "Township"], ["Đặc khu", "Special Zone"], ["Quận", "District"], ["Huyện", "District"],
];

/** "Bến Nghé Ward" for "Phường Bến Nghé"; a number stays behind its word ("District 1"); other names as they are. */
export function unitInEnglish(name: string): string {
  const unit = UNITS.find(([vi]) => name.toLocaleLowerCase("vi").startsWith(`${vi.toLocaleLowerCase("vi")} `));
  if (!unit) return name;
  const rest = name.slice(unit[0].length + 1);
  return /^\d+$/.test(rest) ? `${unit[1]} ${rest}` : `${rest} ${unit[1]}`;
}

/** A suggested search in English, in words that the search reads: a unit by its bare name. */
export function searchInEnglish(text: string): string {
  const plot = /^tờ (\d+) thửa (\d+)$/i.exec(text);
  if (plot) return `sheet ${plot[1]} plot ${plot[2]}`;
  const street = /^đường (.+)$/i.exec(text);
  return street ? `${street[1]} street` : text.replace(/^(phường|xã) /i, "");
}
