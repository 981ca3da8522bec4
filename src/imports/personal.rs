//! Column names that look like personal data. The worker refuses them too; this is the second lock (decision 7).

use unicode_normalization::UnicodeNormalization as _;

/// Parts of a normalised column name that mean a person.
const PARTS: [&str; 34] = [
    "owner",
    "person",
    "applicant",
    "taxpayer",
    "investor",
    "surname",
    "firstname",
    "lastname",
    "fullname",
    "phone",
    "mobile",
    "email",
    "passport",
    "citizenid",
    "nationalid",
    "idcard",
    "birth",
    "chusudung",
    "chusohuu",
    "chudautu",
    "chuho",
    "tenchu",
    "hoten",
    "hovaten",
    "nguoi",
    "dienthoai",
    "sodt",
    "sdt",
    "cmnd",
    "cccd",
    "dinhdanhcanhan",
    "ngaysinh",
    "namsinh",
    "hochieu",
];

/// Does a column of this name look like a person's name, contact, birth date or identity number?
///
/// Case, diacritics and separators do not count: `Tên chủ`, `ten_chu` and `TENCHU` are the same.
pub(super) fn looks_personal(column: &str) -> bool {
    let plain: String = column
        .nfd()
        .filter(|c| c.is_alphanumeric() && c.is_ascii() || matches!(c, 'đ' | 'Đ'))
        .map(|c| if matches!(c, 'đ' | 'Đ') { 'd' } else { c.to_ascii_lowercase() })
        .collect();
    PARTS.iter().any(|part| plain.contains(part))
}

#[cfg(test)]
mod tests {
    use super::looks_personal;

    #[test]
    fn people_are_seen_in_both_languages_however_they_are_written() {
        for column in [
            "Tên chủ",
            "TENCHU",
            "ho_ten",
            "Họ và tên",
            "SĐT",
            "so CCCD",
            "Owner1",
            "OWN_Phone",
            "Người sử dụng đất",
            "CMND_GCN",
            "E-mail",
        ] {
            assert!(looks_personal(column), "{column}");
        }
    }

    #[test]
    fn things_are_not_people() {
        for column in
            ["so_to", "thua", "dien_tich", "MaDat", "ghi_chu", "height", "Tên đường", "addr:street", "levels", "name"]
        {
            assert!(!looks_personal(column), "{column}");
        }
    }
}
