//! Columns that look like a person's name, phone, birth date or ID number: never kept in `extra`. The worker and the
//! server ask this one list.

use super::names::words;

/// Words that mean a person or a way to reach one, wherever they stand in a name.
const WORDS: &[&str] = &[
    "owner",
    "applicant",
    "taxpayer",
    "investor",
    "contact",
    "householder",
    "resident",
    "editor",
    "surname",
    "lastname",
    "firstname",
    "fullname",
    "ownername",
    "applicantname",
    "contactname",
    "contractorname",
    "phone",
    "telephone",
    "mobile",
    "email",
    "zalo",
    "birth",
    "birthday",
    "birthdate",
    "passport",
    "citizenid",
    "nationalid",
    "idcard",
    "idnumber",
    "cccd",
    "cmnd",
    "sdt",
    "khachhang",
    "dtdd",
];
/// The same in several words; written as one word, too.
const PHRASES: &[&str] = &[
    "chu su dung",
    "chu so huu",
    "chu dau tu",
    "chu ho",
    "ten chu",
    "ho ten",
    "ho va ten",
    "khach hang",
    "ten nguoi",
    "nguoi su dung",
    "nguoi so huu",
    "nguoi dai dien",
    "nguoi nop",
    "nguoi mua",
    "nguoi ban",
    "nguoi lien he",
    "nguoi lien lac",
    "dien thoai",
    "di dong",
    "so dt",
    "so dinh danh",
    "dinh danh ca nhan",
    "ho chieu",
    "ngay sinh",
    "nam sinh",
    "e mail",
    "full name",
    "last name",
    "first name",
    "person name",
    "id card",
    "id number",
    "citizen id",
    "national id",
    "chung minh nhan dan",
];
/// Names that mean a person only when nothing else stands beside them.
const ALONE: &[&str] = &["tel", "cmt", "dob", "person", "nguoi", "contractor"];
/// Parts of names that are written as one word.
const FILLERS: &[&str] = &[
    "ten", "so", "chu", "dat", "nha", "ho", "va", "ong", "ba", "vo", "chong", "hang", "sd", "ca", "name", "number",
    "no", "address", "land",
];
/// Words that begin like a person and are a thing: a note (`ghi chú`), a number of people (`số người`).
const THINGS: [[&str; 2]; 2] = [["ghi", "chu"], ["so", "nguoi"]];

/// Does a column's name say that it holds personal data?
///
/// Words count, not letters within them: `ten_chu` is a person's, `ten_chuc_nang` and `ghi_chu_ho_so` are not.
pub fn name_looks_personal(column: &str) -> bool {
    let words = words_that_count(column);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    // How many there are says nothing of who they are.
    if words.last() == Some(&"count") || words.starts_with(&["so", "luong"]) {
        return false;
    }
    if let [word] = words.as_slice()
        && (ALONE.contains(word) || is_of_phrases(word, word.len() == DBF_NAME, false))
    {
        return true;
    }
    words.iter().any(|w| WORDS.contains(w))
        || PHRASES.iter().any(|phrase| {
            let phrase: Vec<&str> = phrase.split(' ').collect();
            words.windows(phrase.len()).any(|w| w == phrase) || words.contains(&phrase.concat().as_str())
        })
}

/// A column name of a DBF is cut to so many letters.
const DBF_NAME: usize = 10;
/// A cut name must show so many letters of the phrase.
const CUT_LEAST: usize = 5;

/// The words of a name without numbers at their ends, and without the pairs that are things.
fn words_that_count(column: &str) -> Vec<String> {
    let all = words(column).into_iter().map(|w| w.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned());
    let mut left: Vec<String> = Vec::new();
    let mut pair_ended = false;
    for word in all.filter(|w| !w.is_empty()) {
        let is_thing = left.last().is_some_and(|last| THINGS.contains(&[last.as_str(), word.as_str()])) && !pair_ended;
        if is_thing {
            left.pop();
        } else {
            left.push(word);
        }
        pair_ended = is_thing;
    }
    left
}

/// Is a name that is written as one word made of these phrases and of what stands between them?
fn is_of_phrases(rest: &str, may_be_cut: bool, found: bool) -> bool {
    if rest.is_empty() {
        return found;
    }
    let phrases = PHRASES.iter().map(|p| p.replace(' ', "")).chain(WORDS.iter().map(|w| (*w).to_owned()));
    for phrase in phrases {
        if rest.strip_prefix(phrase.as_str()).is_some_and(|rest| is_of_phrases(rest, may_be_cut, true))
            || may_be_cut && rest.len() >= CUT_LEAST && phrase.starts_with(rest)
        {
            return true;
        }
    }
    FILLERS.iter().any(|f| rest.strip_prefix(f).is_some_and(|rest| is_of_phrases(rest, may_be_cut, found)))
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
    fn people_are_known_by_the_words_of_a_name_however_it_is_written() {
        for name in [
            "OwnerName",
            "Owner1",
            "OWN_Phone",
            "owner",
            "chu_su_dung",
            "Chủ sở hữu",
            "chu_so_huu",
            "chudautu",
            "Tên chủ",
            "TENCHU",
            "TENCHUHO",
            "ten_chu_2",
            "HOTENCHU",
            "hoTen",
            "Họ và tên",
            "SĐT",
            "SDT",
            "so_dt",
            "SODIENTHOAI",
            "SODIENTHOA",
            "Số điện thoại",
            "di_dong",
            "so CCCD",
            "CCCD",
            "CMND_GCN",
            "applicantname",
            "taxpayer",
            "taxpayer_id",
            "zalo",
            "contact",
            "contact_person",
            "resident",
            "khachhang",
            "ten_khach_hang",
            "Người sử dụng đất",
            "nguoi_nop",
            "person",
            "person_name",
            "investor",
            "birth_date",
            "ngay_sinh",
            "namsinh",
            "E-mail",
            "email",
            "passport",
            "so_dinh_danh",
            "tel",
            "landowner",
            "PhoneNumber",
            "emailaddress",
        ] {
            assert!(name_looks_personal(name), "{name}");
        }
    }

    #[test]
    fn things_that_are_called_alike_are_no_people() {
        for name in [
            "so_to",
            "MAP",
            "landuse",
            "tenDuong",
            "telecom_id",
            "areaKm2",
            "thua",
            "dien_tich",
            "MaDat",
            "ghi_chu",
            "GHI_CHU",
            "ghi_chu_ho_so",
            "so_nguoi",
            "so_luong_nguoi",
            "person_count",
            "resident_count",
            "ten_chuc_nang",
            "TENCHUCNANG",
            "hotel",
            "residential",
            "height",
            "addr:street",
            "levels",
            "name",
            "ma_dinh_danh",
            "chu_vi",
            "chuyen_dung",
            "ten_phuong",
            "LOC_ID",
            "POLY_TYPE",
            "PLAN_ID",
            "SOURCE",
            "HYDRANT_COLOR",
            "FixtureType",
        ] {
            assert!(!name_looks_personal(name), "{name}");
        }
    }

    #[test]
    fn personal_values_are_known_by_their_form() {
        for value in ["0903123456", "+84 903 123 456", "079123456789", "a.b@example.vn"] {
            assert!(value_looks_personal(value), "{value}");
        }
        for value in ["12345", "2025-01-01", "1234567890", "999123456789", "Lê Lợi", "106.693584"] {
            assert!(!value_looks_personal(value), "{value}");
        }
    }
}
