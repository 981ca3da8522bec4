//! Columns that look like a person's name, phone or ID number: never kept in `extra`.

use super::names::{fold, words};

/// Folded names that mean a person or a way to reach one.
const NAMES: [&str; 44] = [
    "chusudung",
    "tenchu",
    "chuho",
    "tenchuho",
    "hoten",
    "hovaten",
    "chusohuu",
    "nguoisudung",
    "nguoidaidien",
    "chudautu",
    "nguoinop",
    "tenkhachhang",
    "khachhang",
    "sodienthoai",
    "dienthoai",
    "sdt",
    "didong",
    "phone",
    "tel",
    "telephone",
    "mobile",
    "email",
    "zalo",
    "cccd",
    "cmnd",
    "cmt",
    "socccd",
    "socmnd",
    "sodinhdanh",
    "hochieu",
    "passport",
    "idnumber",
    "nationalid",
    "owner",
    "ownername",
    "applicant",
    "applicantname",
    "contact",
    "contactname",
    "contractor",
    "contractorname",
    "ngaysinh",
    "namsinh",
    "birthdate",
];
/// Words that mean the same inside a longer name.
const WORDS: [&str; 16] = [
    "owner",
    "applicant",
    "phone",
    "mobile",
    "email",
    "cccd",
    "cmnd",
    "sdt",
    "surname",
    "lastname",
    "firstname",
    "fullname",
    "householder",
    "resident",
    "editor",
    "contact",
];

/// Does a column's name say that it holds personal data?
pub fn name_looks_personal(column: &str) -> bool {
    let folded = fold(column);
    let words = words(column);
    // `Owner` of a lamp post is an office, but nobody can know that from the name: it is refused all the same.
    NAMES.contains(&folded.as_str())
        || words.iter().any(|w| WORDS.contains(&w.as_str()))
        || ["tenchu", "hoten", "dienthoai", "chusudung"].iter().any(|n| folded.contains(n))
}

/// Does a value look like a phone number, a citizen's ID number or an e-mail address?
pub fn value_looks_personal(value: &str) -> bool {
    let value = value.trim();
    if value.contains('@') && value.contains('.') && !value.contains(' ') {
        return true;
    }
    let plain = value.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '+' | '(' | ')'));
    if !plain {
        return false;
    }
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let is_phone = (digits.len() == 10
        && digits.starts_with('0')
        && matches!(digits.as_bytes()[1], b'2' | b'3' | b'5' | b'7' | b'8' | b'9'))
        || (digits.len() == 11 && digits.starts_with("84") && value.starts_with('+'));
    // A citizen number: province 001–096, then century, sex and year.
    let is_citizen =
        digits.len() == 12 && digits == value && digits[..3].parse::<u32>().is_ok_and(|p| (1..=96).contains(&p));
    is_phone || is_citizen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_columns_are_known_by_name_and_by_value() {
        for name in ["OwnerName", "chu_su_dung", "Tên chủ", "SDT", "Số điện thoại", "CCCD", "applicantname", "hoTen"]
        {
            assert!(name_looks_personal(name), "{name}");
        }
        for name in ["so_to", "MAP", "landuse", "tenDuong", "telecom_id", "areaKm2"] {
            assert!(!name_looks_personal(name), "{name}");
        }
        for value in ["0903123456", "+84 903 123 456", "079123456789", "a.b@example.vn"] {
            assert!(value_looks_personal(value), "{value}");
        }
        for value in ["12345", "2025-01-01", "1234567890", "999123456789", "Lê Lợi", "106.693584"] {
            assert!(!value_looks_personal(value), "{value}");
        }
    }
}
