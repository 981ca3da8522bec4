/** The words of look-ups of persons, in a namespace of their own. */
import i18next from "i18next";

const vi = {
  button: "Chủ sử dụng", title: "Ai có quyền với thửa này", why: "Cần thông tin để làm gì, ví dụ mã hồ sơ", note: "Mỗi lần tra cứu được ghi lại: ai xem, xem ai, lúc nào, vì sao.", go: "Tra cứu", none: "Chưa ghi nhận ai có quyền với thửa này hôm nay.", erased: "Dữ liệu của người này đã được xóa.",
  relation: { right: "quyền", restriction: "hạn chế", responsibility: "trách nhiệm" }, kind: { person: "cá nhân", household: "hộ gia đình", organisation: "tổ chức" },
  kept: "Đã ghi lại lần xem này: {{purpose}}", paper: "Giấy tờ", phone: "Điện thoại", mail: "Thư", address: "Địa chỉ",
  share: "phần {{share}}", certificate: "giấy chứng nhận {{number}}", born: "sinh {{year}}",
};
const en: typeof vi = {
  button: "Holders", title: "Who has rights in this parcel", why: "What it is needed for, such as a dossier's code", note: "Each look-up is written down: who looked, at whom, when and why.", go: "Look up", none: "Nobody is known to have rights in this parcel today.", erased: "What was held of this person has been erased.",
  relation: { right: "right", restriction: "restriction", responsibility: "responsibility" }, kind: { person: "person", household: "household", organisation: "organisation" },
  kept: "This look-up is written down: {{purpose}}", paper: "Identity paper", phone: "Phone", mail: "Mail", address: "Address",
  share: "share {{share}}", certificate: "certificate {{number}}", born: "born {{year}}",
};

i18next.addResourceBundle("vi", "holders", vi);
i18next.addResourceBundle("en", "holders", en);
