//! What findings say, in both languages.

use super::report::Finding;
use crate::geometry::Defect;
use crate::mapping::value::BadValue;
use crate::protocol::{Severity, Text};
use crate::values::parse::date_text;

fn finding(rule: &'static str, severity: Severity, vi: impl Into<String>, en: impl Into<String>) -> Finding {
    Finding { rule, severity, field: None, value: None, message: Text::new(vi, en) }
}

/// A row without geometry where the layer needs one.
pub fn geometry_missing() -> Finding {
    finding("geometry-missing", Severity::Error, "dòng không có hình học", "the row has no geometry")
}

/// A geometry that cannot be read.
pub fn defect(defect: Defect, vertex_limit: usize) -> Finding {
    let (rule, vi, en) = match defect {
        Defect::Empty => ("geometry-empty", "hình học rỗng".to_owned(), "the geometry is empty".to_owned()),
        Defect::NotFinite => {
            ("geometry-not-finite", "tọa độ không phải là số".into(), "a coordinate is not a number".into())
        }
        Defect::MixedCollection => (
            "geometry-mixed",
            "hình học lẫn điểm, đường, vùng".into(),
            "the geometry mixes points, lines and areas".into(),
        ),
        Defect::UnknownType => {
            ("geometry-type", "loại hình học không đọc được".into(), "the geometry type is not read".into())
        }
        Defect::Broken => {
            ("geometry-broken", "dữ liệu hình học bị hỏng".into(), "the geometry's bytes are broken".into())
        }
        Defect::TooManyVertices => (
            "limit-vertices",
            format!("hình học có hơn {vertex_limit} đỉnh"),
            format!("the geometry has more than {vertex_limit} vertices"),
        ),
    };
    finding(rule, Severity::Error, vi, en)
}

/// A geometry of the wrong type.
pub fn wrong_type(found: &str, needed: &str) -> Finding {
    finding(
        "geometry-type",
        Severity::Error,
        format!("hình học là {found}, lớp này cần {needed}"),
        format!("the geometry is a {found}, the layer takes {needed}"),
    )
}

/// A closed line in a layer of areas.
pub fn closed_line() -> Finding {
    finding(
        "geometry-closed-line",
        Severity::Info,
        "đường khép kín được lấy làm vùng",
        "a closed line is taken for the area inside it",
    )
}

/// A ring or line that has too few points.
pub fn structure(what: &str) -> Finding {
    match what {
        "line-too-short" => {
            finding("geometry-line-too-short", Severity::Error, "đường chỉ có một điểm", "the line has only one place")
        }
        _ => finding(
            "geometry-ring-too-short",
            Severity::Error,
            "vòng có ít hơn bốn điểm",
            "a ring has fewer than four points",
        ),
    }
}

/// Coordinates outside what the CRS can mean.
pub fn out_of_range(x: f64, y: f64, crs: &str) -> Finding {
    finding(
        "coordinates-out-of-range",
        Severity::Error,
        format!("tọa độ ({x}, {y}) nằm ngoài phạm vi của {crs}"),
        format!("the coordinates ({x}, {y}) are outside the range of {crs}"),
    )
}

/// Both coordinates are zero.
pub fn never_measured() -> Finding {
    finding(
        "coordinates-zero",
        Severity::Error,
        "tọa độ là 0, 0: thường là chưa đo hoặc chưa nhập",
        "the coordinates are 0, 0: as a rule that means never measured or never entered",
    )
}

/// The transformation failed for a row.
pub fn not_convertible(error: &str) -> Finding {
    finding(
        "coordinates-not-convertible",
        Severity::Error,
        format!("không chuyển được tọa độ sang WGS 84: {error}"),
        format!("the coordinates do not convert to WGS 84: {error}"),
    )
}

/// A repair that was certain.
pub fn repaired(before_m2: f64, after_m2: f64) -> Finding {
    finding(
        "geometry-repaired",
        Severity::Warning,
        format!("vùng tự cắt đã được sửa: {before_m2:.1} m² → {after_m2:.1} m²"),
        format!("an invalid area was repaired: {before_m2:.1} m² → {after_m2:.1} m²"),
    )
}

/// Rings closed or empty parts left out.
pub fn mended() -> Finding {
    finding(
        "geometry-closed",
        Severity::Warning,
        "vòng hở đã được khép hoặc phần rỗng đã được bỏ",
        "an open ring was closed or an empty part left out",
    )
}

/// An invalid area that nobody can be sure about.
pub fn not_repairable(before_m2: f64, after_m2: f64) -> Finding {
    finding(
        "geometry-invalid",
        Severity::Error,
        format!("vùng tự cắt, không chắc ý đồ: {before_m2:.1} m² theo đường vẽ, {after_m2:.1} m² nếu sửa"),
        format!(
            "the area crosses itself and it is not certain what was meant: {before_m2:.1} m² as drawn, {after_m2:.1} m² after a repair"
        ),
    )
}

/// The same geometry came before.
pub fn duplicate() -> Finding {
    finding(
        "geometry-duplicate",
        Severity::Info,
        "hình học trùng với một dòng trước",
        "the same geometry as in an earlier row",
    )
}

/// A value that does not fit its column.
pub fn bad_value(field: &str, kind: &str, bad: BadValue, refuses: bool) -> Finding {
    let severity = if refuses { Severity::Error } else { Severity::Warning };
    let (outcome_vi, outcome_en) =
        if refuses { ("dòng bị từ chối", "the row is refused") } else { ("để trống", "left empty") };
    let (rule, value, vi, en) = match bad {
        BadValue::WrongKind(v) => (
            "value-wrong-kind",
            v,
            format!("giá trị không phải kiểu {kind}; {outcome_vi}"),
            format!("the value is not a {kind}; {outcome_en}"),
        ),
        BadValue::TooLong(v) => (
            "value-too-long",
            v,
            format!("văn bản quá dài; {outcome_vi}"),
            format!("the text is too long; {outcome_en}"),
        ),
        BadValue::NotText(v) => (
            "text-not-decodable",
            v,
            format!("văn bản không đúng bảng mã; {outcome_vi}"),
            format!("the text is not in the encoding that was named; {outcome_en}"),
        ),
    };
    Finding { field: Some(field.to_owned()), value: Some(value), ..finding(rule, severity, vi, en) }
}

/// A required value is missing.
pub fn required(field: &str) -> Finding {
    Finding {
        field: Some(field.to_owned()),
        ..finding(
            "value-missing",
            Severity::Error,
            format!("thiếu giá trị bắt buộc; trong hồ sơ: {field} = \"CỘT\" hoặc {field} = {{ value = \"…\" }}"),
            format!(
                "a required value is missing; in a profile: {field} = \"COLUMN\", or {field} = {{ value = \"…\" }}"
            ),
        )
    }
}

/// A code that its list does not have.
pub fn unknown_code(field: &str, value: String) -> Finding {
    Finding {
        field: Some(field.to_owned()),
        value: Some(value),
        ..finding(
            "code-unknown",
            Severity::Warning,
            "mã không có trong danh mục; giữ nguyên",
            "the code is not in its list; kept as it is",
        )
    }
}

/// An identifier that is not written as its profile says.
pub fn identifier_format(field: &str, value: &str, like: &[String]) -> Finding {
    let like = like.join(", ");
    Finding {
        field: Some(field.to_owned()),
        value: Some(value.to_owned()),
        ..finding(
            "identifier-format",
            Severity::Warning,
            format!("mã không đúng mẫu {like} (# là một chữ số); giữ nguyên"),
            format!("the identifier is not written like {like} (# is a digit); kept as it is"),
        )
    }
}

/// A value in `extra` that looks personal.
pub fn personal_value(field: &str) -> Finding {
    Finding {
        field: Some(field.to_owned()),
        ..finding(
            "personal-value",
            Severity::Warning,
            "giá trị có vẻ là điện thoại, thư điện tử hoặc số định danh; đã bỏ",
            "the value looks like a phone number, an e-mail address or an ID number; left out",
        )
    }
}

/// A validity that holds on no day.
pub fn validity(from: i32, to: i32) -> Finding {
    let (from, to) = (date_text(from), date_text(to));
    Finding {
        field: Some("valid_to".into()),
        value: Some(to.clone()),
        ..finding(
            "validity-empty",
            Severity::Error,
            format!("hiệu lực từ {from} đến trước {to}: không có ngày nào"),
            format!("valid from {from} to before {to}: that is no day at all"),
        )
    }
}
