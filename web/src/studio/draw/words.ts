/** The words of drawing, in a namespace of their own, so that the portal does not carry them. */
import i18next from "i18next";

const vi = {
  tools: { label: "Công cụ vẽ", edit: "Sửa đỉnh", draw: "Vẽ", part: "Thêm phần", hole: "Khoét lỗ", offset: "Song song", undo: "Hoàn tác", redo: "Làm lại", finish: "Xong nét", cancel: "Bỏ nét", next: "Đỉnh sau", previous: "Đỉnh trước", nudge: "Dời đỉnh 10 cm, giữ Shift 1 cm", removeCorner: "Xóa đỉnh", removePart: "Xóa phần", removeHole: "Xóa lỗ", snap: "Bắt điểm", trace: "Đi theo ranh", traceLong: "Theo ranh, vòng xa", square: "Góc vuông", type: "Nhập số", table: "Bảng tọa độ", underlay: "Ảnh nền" },
  hint: {
    draw: "Chạm để đặt đỉnh, Enter hoặc chạm lại đỉnh đầu để khép.", line: "Chạm để đặt đỉnh, Enter hoặc chạm lại đỉnh cuối để xong.", point: "Chạm để đặt điểm.", hole: "Vẽ lỗ bên trong vùng.",
    edit: "Kéo một đỉnh để dời; chấm nhỏ giữa cạnh để thêm đỉnh; chạm để chọn.", chosen: "Phím mũi tên dời đỉnh 10 cm, giữ Shift 1 cm; Delete xóa.", offset: "Chạm vào một cạnh ranh để vẽ đường song song.",
    far: "Phóng to hơn để bắt điểm.",
  },
  hold: { corner: "Bắt đỉnh", edge: "Bắt cạnh", crossing: "Bắt giao điểm", own: "của chính hình này", of: "của {{layer}}" },
  size: { area: "Diện tích", legal: "theo VN-2000", plane: "trên mặt phẳng", perimeter: "Chu vi", length: "Chiều dài", corners_other: "{{count}} đỉnh", corners_one: "{{count}} đỉnh" },
  problems: {
    title: "Lỗi hình học", none: "Hình hợp lệ.", go: "Đến chỗ lỗi", refuse: "phải sửa", warn: "xem lại",
    crossing: "Ranh tự cắt ở đây", touches: "Ranh chạm lại chính nó ở đây", duplicate: "Hai đỉnh trùng nhau", spike: "Mũi nhọn: hai cạnh gấp lại", small: "Quá nhỏ: ít nhất 0,01 m² hoặc 0,01 m", few: "Chưa đủ đỉnh: cần ít nhất {{least}}",
    hole_outside: "Lỗ nằm ngoài vùng", holes_overlap: "Hai lỗ chồng nhau", parts_overlap: "Hai phần chồng nhau", outside: "Nằm ngoài địa bàn", empty: "Chưa vẽ gì",
  },
  shared: { offer_one: "{{count}} đối tượng khác dùng chung đỉnh này.", offer_other: "{{count}} đối tượng khác dùng chung đỉnh này.", move: "Dời cùng", leave: "Chỉ hình này", done_one: "Đã dời đỉnh của {{count}} đối tượng, thêm vào danh sách sửa.", done_other: "Đã dời đỉnh của {{count}} đối tượng, thêm vào danh sách sửa." },
  coordinates: {
    label: "Tọa độ con trỏ", north: "X (bắc)", east: "Y (đông)", lat: "Vĩ độ", lon: "Kinh độ", wgs: "WGS 84", open: "Nhập tọa độ hoặc độ dài",
    input: "Đỉnh tiếp theo", placeholder: "12,5 m, 90°  hoặc  X Y  hoặc  vĩ độ, kinh độ", place: "Đặt đỉnh", move: "Dời đỉnh đã chọn", goto: "Đến đó", close: "Đóng",
    polar: "Dài {{length}} m, hướng {{bearing}} từ đỉnh trước", polarPointer: "Dài {{length}} m theo hướng con trỏ", noLast: "Chưa có đỉnh trước: hãy nhập tọa độ, hoặc đặt đỉnh đầu.", unclear: "Chưa hiểu. Ví dụ: “12,5 m, 90°”, “1191000,123 603000,456”, “10,768403; 106,693584”.",
    swapped: "Số thứ nhất là Y (đông), số thứ hai là X (bắc): đã hiểu theo khoảng giá trị.", swappedDegrees: "Đã hiểu là kinh độ trước, vĩ độ sau.", outside: "Điểm này nằm ngoài địa bàn.", noZone: "Nơi này không có múi VN-2000: hãy nhập vĩ độ, kinh độ.", gridAt: "X {{north}} · Y {{east}}", degreesAt: "Vĩ độ {{lat}} · kinh độ {{lon}}",
  },
  offset: { label: "Khoảng cách (m)", side: "Chạm bên nào thì vẽ bên đó.", draw: "Vẽ song song", pick: "Chạm vào cạnh ranh trước." },
  table: {
    title: "Bảng tọa độ", paste: "Dán bảng", out: "Lấy bảng", input: "Dán bảng tọa độ vào đây", inputHint: "Mỗi dòng một mốc: số hiệu, X (bắc), Y (đông), cạnh. Tab, chấm phẩy hay dấu cách đều được.",
    zone: "Múi", read_other: "Đọc được {{count}} mốc", read_one: "Đọc được {{count}} mốc", rings_other: "{{count}} vòng ranh", rings_one: "{{count}} vòng ranh", area: "Diện tích pháp lý", perimeter: "Chu vi",
    swapped: "Cột thứ nhất là Y (đông), cột thứ hai là X (bắc), ngược với sổ. Đã đọc theo khoảng giá trị; hãy xem lại trên bản đồ.", outside: "Các mốc nằm ngoài địa bàn.", fits: "Có lẽ là múi {{zone}}.", useZone: "Dùng múi {{zone}}",
    line: "Dòng {{line}}", unreadable: "không đọc được", one_coordinate: "chỉ có một tọa độ", out_of_range: "tọa độ ngoài Việt Nam", other_order: "X và Y đổi chỗ so với các dòng khác, đã đọc theo khoảng giá trị", stray_edge: "chiều dài không thuộc mốc nào", edge: "cạnh từ mốc {{number}} ghi {{stated}} m, tính ra {{computed}} m",
    accept: "Dùng hình này", show: "Xem trên bản đồ", number: "Mốc", north: "X (m)", east: "Y (m)", edgeLength: "Cạnh (m)", bearing: "Phương vị", part: "Phần", hole: "lỗ", copy: "Chép bảng", copied: "Đã chép. Dán được vào Excel.", print: "In bảng", empty: "Chọn hoặc vẽ một đối tượng để lấy bảng.", emptyIn: "Chưa có gì để đọc.", noZone: "Lớp này không ở múi VN-2000; bảng theo mét trên mặt phẳng không có nghĩa.", close: "Đóng", sheet: "BẢNG KÊ TỌA ĐỘ GÓC RANH", reference: "Thông tin tham khảo.",
  },
  underlay: { title: "Ảnh nền", none: "Quản trị viên chưa khai báo ảnh nền nào.", go: "Đến chỗ có ảnh", opacity: "Độ đậm", swipe: "Vạch so sánh", swipeAt: "Vạch so sánh: bên phải là ảnh nền", swipeHow: "Kéo vạch trên bản đồ, hoặc chọn vạch rồi dùng phím ← →. Bên phải là ảnh nền.", off: "Tắt", failed: "Chưa tải được ảnh nền." },
};

const en: typeof vi = {
  tools: { label: "Drawing tools", edit: "Corners", draw: "Draw", part: "Add part", hole: "Cut hole", offset: "Parallel", undo: "Undo", redo: "Redo", finish: "Finish", cancel: "Give up", next: "Next corner", previous: "Corner before", nudge: "Move the corner 10 cm, with Shift 1 cm", removeCorner: "Delete corner", removePart: "Delete part", removeHole: "Delete hole", snap: "Snap", trace: "Trace border", traceLong: "Trace, longer way", square: "Right angle", type: "Type", table: "Corner table", underlay: "Underlay" },
  hint: {
    draw: "Tap to put down corners; Enter or the first corner closes.", line: "Tap to put down corners; Enter or the last corner finishes.", point: "Tap to put down the point.", hole: "Draw the hole inside the area.",
    edit: "Drag a corner to move it; the small dot on an edge adds one; tap to choose.", chosen: "Arrow keys move the corner 10 cm, with Shift 1 cm; Delete takes it out.", offset: "Tap an edge of a border to draw its parallel.",
    far: "Zoom in to snap.",
  },
  hold: { corner: "On the corner", edge: "On the edge", crossing: "On the crossing", own: "of this shape", of: "of {{layer}}" },
  size: { area: "Area", legal: "in VN-2000", plane: "on a plane", perimeter: "Perimeter", length: "Length", corners_other: "{{count}} corners", corners_one: "{{count}} corner" },
  problems: {
    title: "Geometry", none: "The shape is sound.", go: "Show the place", refuse: "must be mended", warn: "have a look",
    crossing: "The border crosses itself here", touches: "The border touches itself here", duplicate: "Two corners in one place", spike: "A spike: the edges fold back", small: "Too small: at least 0.01 m² or 0.01 m", few: "Too few corners: at least {{least}}",
    hole_outside: "The hole lies outside", holes_overlap: "Holes overlap", parts_overlap: "Parts overlap", outside: "Outside the place", empty: "Nothing drawn yet",
  },
  shared: { offer_one: "{{count}} other feature shares this corner.", offer_other: "{{count}} other features share this corner.", move: "Move them too", leave: "Only this one", done_one: "{{count}} feature's corner moved along; it is in the list of changes.", done_other: "{{count}} features' corners moved along; they are in the list of changes." },
  coordinates: {
    label: "Coordinates of the pointer", north: "X (north)", east: "Y (east)", lat: "Latitude", lon: "Longitude", wgs: "WGS 84", open: "Type coordinates or a length",
    input: "Next corner", placeholder: "12.5 m, 90°  or  X Y  or  lat, lon", place: "Put down", move: "Move the chosen corner", goto: "Go there", close: "Close",
    polar: "{{length}} m at {{bearing}} from the last corner", polarPointer: "{{length}} m towards the pointer", noLast: "No corner before: type coordinates, or put down the first one.", unclear: "Not understood. For example “12.5 m, 90°”, “1191000.123 603000.456”, “10.768403, 106.693584”.",
    swapped: "The first number is Y (east), the second X (north): told by their range.", swappedDegrees: "Read as longitude first, latitude second.", outside: "This lies outside the place.", noZone: "There is no VN-2000 zone here: type latitude and longitude.", gridAt: "X {{north}} · Y {{east}}", degreesAt: "Latitude {{lat}} · longitude {{lon}}",
  },
  offset: { label: "Distance (m)", side: "The side that you tap is the side it is drawn on.", draw: "Draw the parallel", pick: "Tap an edge first." },
  table: {
    title: "Corner table", paste: "Paste a table", out: "Take the table", input: "Paste the corner table here", inputHint: "A corner a line: number, X (north), Y (east), edge. Tabs, semicolons or spaces.",
    zone: "Zone", read_other: "{{count}} corners read", read_one: "{{count}} corner read", rings_other: "{{count}} rings", rings_one: "{{count}} ring", area: "Legal area", perimeter: "Perimeter",
    swapped: "The first column is Y (east), the second X (north), unlike the papers. Read by range; look at the map.", outside: "The corners lie outside the place.", fits: "The zone may be {{zone}}.", useZone: "Use {{zone}}",
    line: "Line {{line}}", unreadable: "cannot be read", one_coordinate: "has one coordinate only", out_of_range: "coordinates outside Vietnam", other_order: "X and Y the other way round than in other lines; read by range", stray_edge: "a length that belongs to no corner", edge: "the edge from corner {{number}} is stated as {{stated}} m and is {{computed}} m",
    accept: "Use this shape", show: "Show on the map", number: "Corner", north: "X (m)", east: "Y (m)", edgeLength: "Edge (m)", bearing: "Bearing", part: "Part", hole: "hole", copy: "Copy the table", copied: "Copied. It can be pasted into a sheet.", print: "Print the table", empty: "Choose or draw a feature to take its table.", emptyIn: "Nothing to read yet.", noZone: "This layer is in no VN-2000 zone; a table of metres would mean nothing.", close: "Close", sheet: "TABLE OF BOUNDARY CORNERS", reference: "For reference.",
  },
  underlay: { title: "Underlay", none: "The administrator has named no underlay.", go: "Zoom to the picture", opacity: "Opacity", swipe: "Swipe", swipeAt: "Swipe line: the picture is right of it", swipeHow: "Drag the line on the map, or focus it and use the keys ← →. The picture is right of it.", off: "Off", failed: "The underlay could not be loaded." },
};

/** Makes the words known; i18next must have been started. */
export function addDrawWords(): void {
  if (i18next.hasResourceBundle("vi", "draw")) return;
  i18next.addResourceBundle("vi", "draw", vi);
  i18next.addResourceBundle("en", "draw", en);
}
