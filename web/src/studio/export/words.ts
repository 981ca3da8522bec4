/** The words of exports, in a namespace of their own. */
import i18next from "i18next";

const vi = {
  button: "Xuất", chosen: "{{count}} đối tượng đang chọn", all: "Các dòng đang lọc ({{shown}})",
  gpkg: "GeoPackage", gpkgHint: "QGIS, ArcGIS; đủ thuộc tính",
  shp: "Shapefile (zip)", shpHint: "Tên trường rút gọn, kèm bảng tên đầy đủ",
  dxf: "DXF", dxfHint: "AutoCAD; chỉ có nét vẽ",
  geojson: "GeoJSON", geojsonHint: "Cho chương trình khác",
  csv: "Bảng CSV", csvHint: "Excel; không có hình",
  zone: "Tọa độ VN-2000, EPSG:{{srid}}", degrees: "Tọa độ WGS 84",
  private: "Kèm thuộc tính riêng tư", purpose: "Mục đích sử dụng (được ghi nhật ký)",
  writing: "Đang ghi tệp…", reading: "Đã đọc {{shown}} dòng…", saved: "Đã lưu {{name}}: {{shown}} dòng.",
  tooMany: "Đang chọn {{rows}} dòng, mỗi tệp tối đa {{most}} dòng: hãy lọc bớt.",
};
const en: typeof vi = {
  button: "Export", chosen: "The {{count}} selected objects", all: "The rows as filtered ({{shown}})",
  gpkg: "GeoPackage", gpkgHint: "QGIS, ArcGIS; with all attributes",
  shp: "Shapefile (zip)", shpHint: "Shortened names, with a table of the full ones",
  dxf: "DXF", dxfHint: "AutoCAD; lines only",
  geojson: "GeoJSON", geojsonHint: "For other programs",
  csv: "CSV table", csvHint: "Excel; without shapes",
  zone: "VN-2000 coordinates, EPSG:{{srid}}", degrees: "WGS 84 coordinates",
  private: "With private attributes", purpose: "What they are needed for (it is logged)",
  writing: "The file is being written…", reading: "{{shown}} rows are read…", saved: "{{name}} is saved: {{shown}} rows.",
  tooMany: "{{rows}} rows are chosen, a file takes {{most}}: filter them.",
};

i18next.addResourceBundle("vi", "export", vi);
i18next.addResourceBundle("en", "export", en);
