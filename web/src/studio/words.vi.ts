/** The words of the studio in Vietnamese. English has the same keys, which the compiler checks. */
export const vi = {
  title: "Biên tập bản đồ",
  signIn: { title: "Đăng nhập để biên tập", note: "Dành cho cán bộ của thành phố.", again: "Phiên làm việc đã hết", againNote: "Việc chưa công bố vẫn còn trên máy này. Đăng nhập lại để làm tiếp.", account: "Tài khoản", password: "Mật khẩu", code: "Mã xác thực", codeNote: "Sáu số trong ứng dụng xác thực của bạn, hoặc một mã dự phòng.", go: "Đăng nhập", portal: "Về bản đồ công khai", out: "Đăng xuất", as: "Đăng xuất {{name}}", tryAs: "Dùng thử với vai (chỉ trong bản minh họa)", role: { public: "Công chúng", citizen: "Người dân", reception: "Tiếp nhận", officer: "Thụ lý", clerk: "Văn thư", signatory: "Ký duyệt", inspector: "Thanh tra", planner: "Quy hoạch", asset_keeper: "Quản lý hạ tầng", leader: "Lãnh đạo", administrator: "Quản trị" } },
  noRights: "Tài khoản này không phải của cán bộ thành phố nên không có lớp nào ở đây.",
  panels: { layers: "Lớp", form: "Thuộc tính", table: "Bảng", work: "Chưa công bố", drafts: "Bản nháp", findings: "Cần xem", map: "Bản đồ", hide: "Ẩn", show: "Hiện" },
  layers: { title: "Lớp của bạn", readOnly: "chỉ xem", editable: "được sửa", shown: "Vẽ lớp {{name}} trên bản đồ", noPlace: "Không vẽ trên bản đồ này", none: "Không có lớp nào." },
  select: { label: "Chọn đối tượng", click: "Bấm", box: "Khung", polygon: "Vùng", hint: { box: "Kéo một khung quanh các đối tượng. Giữ Shift để thêm vào lựa chọn, Esc để thôi.", polygon: "Bấm các đỉnh của vùng, Enter hoặc bấm lại đỉnh đầu để chọn. Esc để thôi." }, none: "Không có đối tượng nào của lớp này ở đó.", most: "Chỉ chọn {{count}} đối tượng đầu tiên." },
  form: {
    none: "Chưa chọn đối tượng nào.", noneHint: "Chọn một lớp, rồi bấm một đối tượng trên bản đồ hoặc một dòng trong bảng.", new: "mới", version: "phiên bản {{version}}", willGo: "Sẽ bị xóa khi công bố.", movedOn: "Người khác đã sửa đối tượng này sau khi bạn bắt đầu. Kiểm tra trước khi công bố.",
    show: "Đến", shape: "Sửa hình", corners: "Bảng tọa độ", history: "Lịch sử", drop: "Bỏ thay đổi", remove: "Xóa", choose: "Chọn…", unknownCode: "không có trong danh mục", pastCode: "hết hiệu lực", required: "bắt buộc", help: "Giải thích", noHelp: "Chưa có giải thích.", before: "Trước:", empty: "trống", restore: "khôi phục",
    kind: { text: "Nhập chữ.", int: "Nhập số nguyên.", float: "Nhập số, ví dụ 12,5.", bool: "Chọn có hoặc không.", date: "Nhập ngày.", timestamp: "Nhập thời điểm, ví dụ 2026-01-31T08:00:00+07:00.", code: "Chọn một mã.", json: "Nhập JSON hợp lệ." },
    drawing: "Đang sửa hình", drawingNew: "Đang vẽ đối tượng mới", keepShape: "Giữ hình này", dropShape: "Bỏ",
  },
  bulk: { title_one: "{{count}} đối tượng", title_other: "{{count}} đối tượng", field: "Thuộc tính sửa hàng loạt", empty: "Để trống ở tất cả", now: "Đang có:", preview: "{{count}} trong {{all}} đối tượng sẽ đổi:", from: "Đang là", objects: "Số", to: "Thành", same: "giữ nguyên", more: "và {{count}} giá trị khác", apply: "Đưa {{count}} sửa đổi vào danh sách", remove: "Xóa {{count}}" },
  table: {
    none: "Chọn một lớp ở bên trái để xem bảng của lớp đó.", search: "Tìm trong bảng", filter: "Lọc", chooseAll: "Chọn tất cả", onlyChosen: "Chỉ {{count}} đang chọn", only: "Chỉ {{count}}", clear: "Bỏ chọn", count: "{{shown}} dòng", new: "Thêm mới", empty: "Không có dòng nào.",
    field: "Thuộc tính", comparison: "So sánh", value: "Giá trị", addCondition: "Thêm điều kiện", dropCondition: "Bỏ điều kiện",
    is: { "=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥", has: "có chữ", empty: "trống", filled: "đã có" },
  },
  work: {
    none: "Chưa có thay đổi nào. Mọi thay đổi nằm ở đây, trên máy này, cho đến khi bạn công bố hoặc lưu vào bản nháp.", reason: "Lý do", reasonHint: "Ví dụ: điều chỉnh theo quyết định 5678/QĐ-UBND", check: "Kiểm tra", publish: "Công bố {{count}} thay đổi", needsReason: "Viết lý do trước khi công bố.", checkReason: "kiểm tra",
    sound_one: "Đạt: công bố được.", sound_other: "Đạt: công bố được {{count}} thay đổi.", unsound: "{{count}} thay đổi chưa công bố được.", published: "Đã công bố {{count}} thay đổi.", nothingWritten: "Chưa ghi gì; xem từng dòng bên dưới.", drop: "Bỏ", place: "Đến chỗ đó", attributes: "{{count}} thuộc tính", geometry: "Hình",
    op: { insert: "Thêm", update: "Sửa", delete: "Xóa" }, outcome: { applied: "đạt", merged: "đạt, đã gộp", identical: "không đổi", conflict: "xung đột", refused: "bị từ chối" },
  },
  conflict: { title: "Xung đột", who: "{{who}} đã sửa lúc {{when}}. Chọn giá trị giữ lại.", gone: "Người khác đã xóa đối tượng này.", field: "Thuộc tính", seen: "Bạn đã thấy", there: "Đang có", yours: "Của bạn", takeTheirs: "Lấy bản đang có", keepMine: "Giữ bản của tôi", merge: "Gộp theo lựa chọn", shape: "hình khác" },
  drafts: {
    plot: "tờ {{sheet}} thửa {{number}}", name: "Tên bản nháp mới", make: "Tạo", none: "Chưa có bản nháp. Tạo một bản, hoặc lưu danh sách thay đổi vào bản nháp.", all: "Mọi bản nháp", operations: "{{count}} thao tác", unnamed: "Bản nháp", target: "Lưu vào", newOne: "Bản nháp mới", save: "Lưu vào bản nháp", saved: "Đã lưu {{count}} thay đổi vào bản nháp.", unsaved: "Còn {{count}} thay đổi trên máy này chưa lưu vào bản nháp nào. Mở “Chưa công bố” để lưu.",
    group: { toReview: "Chờ bạn duyệt", mine: "Của bạn", others: "Của người khác", over: "Đã xong" },
    next: {
      empty: "Bản nháp chưa có gì. Vẽ hoặc sửa trên bản đồ, rồi ở “Chưa công bố” bấm “Lưu vào bản nháp”.",
      open: { owner: "Bản đồ đang vẽ kèm bản nháp này. Xong thì gửi cho người thứ hai duyệt.", reviewer: "Bản đồ đang vẽ kèm bản nháp này. Chủ bản nháp còn đang soạn.", reader: "Bản đồ đang vẽ kèm bản nháp này. Chủ bản nháp còn đang soạn." },
      in_review: { owner: "Đang chờ người khác duyệt. Muốn sửa thì rút lại.", reviewer: "Xem trên bản đồ và trong các mục dưới đây, rồi duyệt hoặc trả lại kèm ý kiến.", reader: "Đang chờ duyệt." },
      returned: { owner: "Bản nháp bị trả lại. Xem ý kiến, sửa rồi gửi duyệt lại.", reviewer: "Đã trả lại cho chủ bản nháp.", reader: "Đã trả lại cho chủ bản nháp." },
      approved: { owner: "Đã được duyệt đúng như đang thấy. Công bố đưa tất cả lên bản đồ trong một lần.", reviewer: "Đã được duyệt đúng như đang thấy. Công bố đưa tất cả lên bản đồ trong một lần.", reader: "Đã được duyệt, chờ công bố." },
      published: "Đã lên bản đồ công khai. Lịch sử của từng đối tượng ghi lần công bố này.", discarded: "Bản nháp đã bỏ, chỉ còn để xem.",
    },
    leave: "Bỏ phần này khỏi bản nháp", openNext: "Mở đối tượng đang ở đó", reason: "Lý do công bố", check: "Kiểm tra", commentHint: "Viết ý kiến", goOn: "Sửa tiếp", area: "Diện tích", reopens: "Giải quyết xung đột thì bản nháp phải được duyệt lại.", ownerSettles: "{{who}} (chủ bản nháp) quyết định giữ giá trị nào.",
    state: { open: "đang soạn", in_review: "chờ duyệt", returned: "trả lại", approved: "đã duyệt", published: "đã công bố", discarded: "đã bỏ" }, change: { added: "Thêm", changed: "Sửa", removed: "Xóa" },
    submit: "Gửi duyệt", withdraw: "Rút lại", approve: "Duyệt", publish: "Công bố", discard: "Bỏ bản nháp", discardAsk: "Bỏ bản nháp này?", comment: "Ý kiến", say: "Ghi ý kiến", return: "Trả lại kèm ý kiến", atCentre: "Ý kiến gắn với chỗ ở giữa bản đồ (dấu cộng).",
    compare: "So với đang có hiệu lực", impact: "Ảnh hưởng", noImpact: "Không chạm tới đối tượng nào khác.", comments: "Ý kiến",
  },
  history: { noReason: "không ghi lý do", first: "Phiên bản đầu tiên", deleted: "Đã xóa:", undo: "Hoàn tác lần công bố này", undoAsk: "Hoàn tác cả lần công bố này bằng một lần công bố mới?", undoReason: "hoàn tác: {{reason}}", undone: "Đã hoàn tác bằng một lần công bố mới.", builtOn: "Chưa ghi gì. Những đối tượng sau đã được sửa tiếp; hoàn tác các lần sửa sau trước:" },
  findings: { none: "Không có gì cần xem.", more: "Còn nữa: danh sách này chỉ ghi những việc mới nhất." },
  help: { title: "Phím tắt", help: "Bảng này", click: "Chọn bằng cách bấm", box: "Chọn bằng khung", polygon: "Chọn bằng vùng", more: "Thêm vào lựa chọn", new: "Thêm đối tượng mới", remove: "Xóa đối tượng đang chọn", undo: "Hoàn tác, làm lại", publish: "Mở danh sách chưa công bố", panels: "Ẩn, hiện lớp, bảng, thuộc tính", search: "Tìm trong bảng", clear: "Bỏ chọn", rows: "Đi trong bảng", drawing: "Khi vẽ", close: "Đóng" },
  undo: "Hoàn tác", redo: "Làm lại",
  leave: "Còn {{count}} thay đổi chưa công bố. Chúng ở lại trên máy này cho lần đăng nhập sau của {{name}}. Đăng xuất?",
  drawnAgain: "Đã mở lại hình đang vẽ dở.",
  unkept: "Trình duyệt không cho lưu việc đang làm trên máy này. Hãy công bố trước khi đóng trang.",
};

/** The shape both languages have. */
export type StudioWords = typeof vi;
