/** The words of the studio in Vietnamese. English has the same keys, which the compiler checks. */
export const vi = {
  title: "Biên tập bản đồ",
  signIn: { title: "Đăng nhập để biên tập", note: "Dành cho cán bộ của thành phố.", again: "Phiên làm việc đã hết", againNote: "Việc chưa công bố vẫn còn trên máy này. Đăng nhập lại để làm tiếp.", account: "Tài khoản", password: "Mật khẩu", go: "Đăng nhập", portal: "Về bản đồ công khai", out: "Đăng xuất", as: "Đang làm với tài khoản {{name}}" },
  noRights: "Tài khoản này chưa được giao lớp nào để biên tập.",
  panels: { layers: "Lớp", form: "Thuộc tính", table: "Bảng", work: "Việc chưa công bố", drafts: "Bản nháp", findings: "Điểm cần xem", map: "Bản đồ", hide: "Ẩn", show: "Hiện" },
  layers: { title: "Lớp của bạn", readOnly: "chỉ xem", editable: "được sửa", shown: "Vẽ lớp {{name}} trên bản đồ", choose: "Chọn một lớp để xem bảng và sửa.", none: "Không có lớp nào." },
  form: { none: "Chưa chọn đối tượng nào.", noneHint: "Bấm một đối tượng trên bản đồ, hoặc một dòng trong bảng." },
  table: { none: "Chọn một lớp ở bên trái để xem bảng của lớp đó." },
  undo: "Hoàn tác", redo: "Làm lại",
  unkept: "Trình duyệt không cho lưu việc đang làm trên máy này. Hãy công bố trước khi đóng trang.",
};

/** The shape both languages have. */
export type StudioWords = typeof vi;
