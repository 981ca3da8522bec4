import i18next from "i18next";

const vi = {
  title: "Tài khoản và quyền",
  map: "Bản đồ", studio: "Biên tập", out: "Đăng xuất", other: "English",
  mine: "Tài khoản của tôi", people: "Mọi người", once: "Chỉ hiện một lần: hãy ghi lại bây giờ.", close: "Đã ghi lại",
  door: { title: "Đăng nhập", note: "Dành cho cán bộ của thành phố.", account: "Tài khoản", password: "Mật khẩu", code: "Mã xác thực 6 số, hoặc mã khôi phục", go: "Đăng nhập", forgot: "Quên mật khẩu: xin quản trị viên một liên kết đặt mật khẩu.", try: "Chạy thử với vai trò" },
  roles: { citizen: "Người dân", reception: "Tiếp nhận", officer: "Thụ lý", clerk: "Văn thư", signatory: "Ký duyệt", inspector: "Thanh tra", planner: "Quy hoạch", asset_keeper: "Quản lý hạ tầng", leader: "Lãnh đạo", administrator: "Quản trị" },
  link: { title: "Đặt mật khẩu", note: "Chọn mật khẩu của bạn, rồi đăng nhập. Liên kết chỉ dùng được một lần.", again: "Gõ lại mật khẩu mới", differ: "Hai lần gõ không giống nhau.", go: "Đặt mật khẩu", leave: "Về trang đăng nhập", done: "Đã đặt mật khẩu. Hãy đăng nhập.", make: "Liên kết đặt mật khẩu", made: "Liên kết đặt mật khẩu của {{account}}, dùng một lần, hết hạn {{until}}." },
  forgot: { ask: "Quên mật khẩu?", title: "Quên mật khẩu", note: "Gõ địa chỉ thư công vụ của bạn. Nếu địa chỉ thuộc một tài khoản đang mở, bạn sẽ nhận một liên kết đặt mật khẩu.", mail: "Địa chỉ thư", go: "Gửi liên kết", asked: "Nếu địa chỉ thuộc một tài khoản đang mở, thư đang trên đường. Không thấy sau vài phút: xem thư rác, hoặc nhờ quản trị viên." },
  review: { title: "Rà soát tài khoản và quyền", last: "Rà soát lần cuối: {{at}}, {{who}}.", never: "Tài khoản và quyền chưa được rà soát lần nào. Hãy xem lại từng người và vai trò dưới đây, rồi ghi nhận.", due: "Lần tới trước {{at}} (sáu tháng một lần).", overdue: "Đã quá hạn từ {{at}}: hãy xem lại từng tài khoản và vai trò.", done: "Tôi đã rà soát" },
  log: {
    title: "Ai đã đổi tài khoản và vai trò", note: "Do chính cơ sở dữ liệu ghi; không ai sửa hay xóa được qua máy chủ.", none: "Chưa có gì.",
    what: { account_made: "lập tài khoản", account_closed: "khóa tài khoản", account_opened: "mở lại tài khoản", renamed: "đổi họ tên từ {{from}}", mail_changed: "đổi địa chỉ thư", role_given: "giao vai trò {{role}} ({{units}})", role_changed: "đổi địa bàn của vai trò {{role}}: {{units}}", role_taken: "thôi vai trò {{role}} ({{units}})", password_set: "đặt mật khẩu", second_factor_set: "bật xác thực hai lớp", second_factor_removed: "bỏ xác thực hai lớp", token_made: "lập mã truy cập “{{label}}”", token_revoked: "thu hồi mã truy cập “{{label}}”" },
  },
  lookUps: { tab: "Nhật ký", title: "Ai đã tra cứu ai", note: "Mỗi lần xem thông tin người có quyền với đất. Người được xem chỉ hiện bằng số. Không ai sửa hay xóa được các dòng này qua máy chủ.", none: "Chưa có lần tra cứu nào.", party: "người …{{id}}", nobody: "không tìm thấy ai", objects: "{{count}} đối tượng trong một tệp", parcel: "tờ {{sheet}} thửa {{number}} ({{unit}})", more: "Xem thêm" },
  mails: {
    tab: "Thư", title: "Thư mời và khôi phục", none: "Chưa có thư nào trong 30 ngày qua.", off: "Máy chủ này chưa gửi thư: người vận hành khai báo [mail] trong dothi.toml. Cho đến lúc đó, hãy trao liên kết bằng cách khác.",
    nowhere: "không có địa chỉ", send: "Gửi liên kết qua thư", set: "Lưu địa chỉ", waits: "Thư cho {{account}} đang chờ gửi; xem ở mục Thư.", next: "đã thử {{tries}} lần, thử lại lúc {{at}}",
    state: { waiting: "Đang chờ", sent: "Đã gửi", failed: "Không gửi được" }, kind: { invitation: "thư mời", recovery: "khôi phục mật khẩu" },
    why: { address: "địa chỉ không viết thư được", letter: "không soạn được thư", password: "không đọc được mật khẩu của máy chủ thư", unreachable: "không kết nối được máy chủ thư", login: "máy chủ thư không nhận tài khoản gửi", put_off: "máy chủ thư bảo thử lại sau", refused: "máy chủ thư từ chối", closed: "tài khoản đã khóa", no_address: "không có địa chỉ", not_needed: "người này đã tự đặt mật khẩu", too_late: "quá hạn" },
  },
  everywhere: "toàn thành phố", none: "Chưa có vai trò.", noneYet: "Chưa có vai trò. Khi quản trị viên đã giao vai trò, hãy tải lại trang này.",
  must: "Vai trò của bạn cần xác thực hai lớp. Hãy đăng ký dưới đây trước khi làm việc.",
  second: { title: "Xác thực hai lớp", on: "Đang bật. Mỗi lần đăng nhập cần mã từ ứng dụng. Mất máy: dùng mã khôi phục, hoặc nhờ quản trị viên đặt lại.", off: "Chưa bật. Cần một ứng dụng tạo mã (TOTP) trên điện thoại.", begin: "Bắt đầu đăng ký", scan: "Quét mã này bằng ứng dụng tạo mã, hoặc gõ khóa:", code: "Mã 6 số mà ứng dụng hiện", confirm: "Xác nhận", recovery: "Mã khôi phục, mỗi mã dùng được một lần. Cất ở nơi không phải điện thoại.", qr: "Mã QR để đăng ký" },
  password: { title: "Đổi mật khẩu", old: "Mật khẩu hiện tại", next: "Mật khẩu mới, ít nhất 14 ký tự", go: "Đổi mật khẩu", done: "Đã đổi. Các phiên khác đã kết thúc." },
  sessions: { title: "Phiên đang mở", this: "phiên này", used: "dùng lúc {{at}}", end: "Kết thúc", unknown: "Trình duyệt không rõ" },
  tokens: { title: "Mã truy cập cho chương trình", none: "Không có mã nào. Quản trị viên tạo bằng lệnh dothi user token.", used: "dùng {{at}}, hết hạn {{until}}", revoke: "Thu hồi", revoked: "đã thu hồi" },
  list: { find: "Tìm theo tên hoặc tài khoản", add: "Thêm người", account: "Tài khoản (chữ thường, số, . _ -)", name: "Họ tên", mail: "Địa chỉ thư công vụ", invite: "Gửi thư mời tự đặt mật khẩu", make: "Tạo tài khoản", first: "Mật khẩu đầu tiên của {{account}}", closed: "đã khóa", asleep: "ngủ sau 45 ngày", demo: "chạy thử", secondOn: "hai lớp", sessions: "{{count}} phiên", empty: "Không có ai khớp." },
  person: { give: "Giao vai trò", role: "Vai trò", where: "Địa bàn", wholeCity: "Toàn thành phố", units: "Chọn phường, xã", unitFind: "Gõ tên hoặc mã phường, xã", add: "Giao", take: "Bỏ vai trò {{role}}", takeShort: "Bỏ", disable: "Khóa tài khoản", enable: "Mở lại", reset: "Đặt lại hai lớp", sessions: "Kết thúc phiên và mã", password: "Mật khẩu mới", self: "Đây là tài khoản của bạn: người khác đổi quyền giúp bạn.", sure: "Chắc chắn?" },
  busy: "Đang làm…",
};

const en: typeof vi = {
  title: "Accounts and rights",
  map: "Map", studio: "Studio", out: "Sign out", other: "Tiếng Việt",
  mine: "My account", people: "People", once: "Shown once only: write it down now.", close: "Written down",
  door: { title: "Sign in", note: "For those who work for the city.", account: "Account", password: "Password", code: "Six-digit code, or a recovery code", go: "Sign in", forgot: "Password forgotten: ask an administrator for a link to set one.", try: "Try the demo as" },
  roles: { citizen: "Citizen", reception: "Reception", officer: "Officer", clerk: "Clerk", signatory: "Signatory", inspector: "Inspector", planner: "Planner", asset_keeper: "Asset keeper", leader: "Leader", administrator: "Administrator" },
  link: { title: "Choose a password", note: "Choose your password, then sign in. The link is good once.", again: "New password again", differ: "The two differ.", go: "Set the password", leave: "To the sign-in page", done: "The password is set. Sign in with it.", make: "Link to set a password", made: "Link with which {{account}} sets a password, good once, until {{until}}." },
  forgot: { ask: "Password forgotten?", title: "Password forgotten", note: "Type your office mail address. If it belongs to an open account, you get a link to set a password.", mail: "Mail address", go: "Send the link", asked: "If the address belongs to an open account, a mail is on its way. Nothing after some minutes: look among the spam, or ask an administrator." },
  review: { title: "Review of accounts and rights", last: "Last looked through on {{at}} by {{who}}.", never: "Accounts and rights have never been looked through. Look at each person and role below, then say so here.", due: "Next before {{at}} (every six months).", overdue: "Overdue since {{at}}: look at each account and role.", done: "I have looked through them" },
  log: {
    title: "Who changed accounts and roles", note: "Written by the database itself; nobody can change or delete these lines through the server.", none: "Nothing so far.",
    what: { account_made: "account made", account_closed: "account closed", account_opened: "account opened again", renamed: "name changed from {{from}}", mail_changed: "mail address changed", role_given: "role {{role}} given ({{units}})", role_changed: "area of role {{role}} changed: {{units}}", role_taken: "role {{role}} taken away ({{units}})", password_set: "password set", second_factor_set: "second factor set", second_factor_removed: "second factor removed", token_made: "token “{{label}}” made", token_revoked: "token “{{label}}” revoked" },
  },
  lookUps: { tab: "Logs", title: "Who looked up whom", note: "Each time somebody saw who has rights in land. Those who were looked at are named by number. Nobody can change or delete these lines through the server.", none: "No look-up so far.", party: "person …{{id}}", nobody: "nobody was found", objects: "{{count}} objects in one file", parcel: "sheet {{sheet}} parcel {{number}} ({{unit}})", more: "Show more" },
  mails: {
    tab: "Mail", title: "Invitations and recoveries", none: "No mail in the last 30 days.", off: "This server sends no mail yet: the operator sets [mail] in dothi.toml. Until then, hand links over by other means.",
    nowhere: "no address", send: "Send a link by mail", set: "Keep the address", waits: "The mail for {{account}} waits to be sent; see Mail.", next: "tried {{tries}} times, again at {{at}}",
    state: { waiting: "Waits", sent: "Sent", failed: "Not sent" }, kind: { invitation: "invitation", recovery: "password recovery" },
    why: { address: "nobody can be written to there", letter: "the letter could not be written", password: "the mail server's password cannot be read", unreachable: "the mail server is not reached", login: "the mail server does not take our account", put_off: "the mail server asks to come again", refused: "the mail server refuses it", closed: "the account is closed", no_address: "no address", not_needed: "the person has set a password since", too_late: "it took too long" },
  },
  everywhere: "the whole city", none: "No role yet.", noneYet: "No role yet. When an administrator has given you one, load this page again.",
  must: "Your role needs a second factor. Set it up below before you work.",
  second: { title: "Second factor", on: "On. Each sign-in asks for a code of your app. If the phone is lost: use a recovery code, or ask an administrator to reset it.", off: "Off. It takes an app on your phone that makes codes (TOTP).", begin: "Set it up", scan: "Scan this with the app, or type the key:", code: "The six digits that the app shows", confirm: "Confirm", recovery: "Recovery codes, each good once. Keep them somewhere that is not the phone.", qr: "QR code to set it up" },
  password: { title: "Change password", old: "Present password", next: "New password, at least 14 characters", go: "Change it", done: "Changed. Your other sessions have ended." },
  sessions: { title: "Open sessions", this: "this one", used: "used {{at}}", end: "End", unknown: "Unknown browser" },
  tokens: { title: "Tokens of programs", none: "None. An administrator makes them with dothi user token.", used: "used {{at}}, ends {{until}}", revoke: "Revoke", revoked: "revoked" },
  list: { find: "Find by name or account", add: "Add a person", account: "Account (small letters, digits, . _ -)", name: "Name", mail: "Office mail address", invite: "Send a mail to choose a password with", make: "Make the account", first: "First password of {{account}}", closed: "closed", asleep: "asleep after 45 days", demo: "demo", secondOn: "second factor", sessions: "{{count}} sessions", empty: "Nobody matches." },
  person: { give: "Give a role", role: "Role", where: "Area", wholeCity: "The whole city", units: "Choose communes", unitFind: "Type a commune's name or code", add: "Give", take: "Take the role {{role}}", takeShort: "Take", disable: "Close account", enable: "Open again", reset: "Reset second factor", sessions: "End sessions and tokens", password: "New password", self: "This is your own account: somebody else changes your rights.", sure: "Are you sure?" },
  busy: "Working…",
};

/** The page's words come with its code. */
export function addWords(): void {
  i18next.addResourceBundle("vi", "admin", vi, true, true);
  i18next.addResourceBundle("en", "admin", en, true, true);
}
