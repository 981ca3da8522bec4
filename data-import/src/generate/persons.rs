//! Made-up persons, as deliveries have them in columns that nobody asked for: marked, so that a test finds where they get to.

use super::numbers::ParcelKey;

/// Stands in every word about a person. Whatever shows it to the public, keeps it beside a parcel or logs it is broken.
pub const MARK: &str = "ZZPRIVATE";

const SURNAMES: [&str; 7] = ["Nguyễn", "Trần", "Lê", "Phạm", "Võ", "Đặng", "Bùi"];
const GIVEN: [&str; 11] = ["An", "Bình", "Chi", "Dũng", "Giang", "Hạnh", "Khoa", "Lan", "Minh", "Phúc", "Thảo"];

fn serial(key: ParcelKey) -> usize {
    (key.former * 1_000 + key.sheet) * 10_000 + key.number
}

/// Name of who holds a parcel.
pub fn name(key: ParcelKey) -> String {
    let n = serial(key);
    format!("{MARK} {} {}", SURNAMES[n % SURNAMES.len()], GIVEN[n % GIVEN.len()])
}

/// Their phone: no number that rings anywhere.
pub fn phone(key: ParcelKey) -> String {
    format!("{MARK}-DT-{:09}", serial(key))
}

/// Their ID number: nobody's.
pub fn id_number(key: ParcelKey) -> String {
    format!("{MARK}-CC-{:09}", serial(key))
}

/// Serial number of their certificate, which the register keeps and the public never sees.
pub fn certificate(key: ParcelKey) -> String {
    format!("{MARK}-GCN-{:09}", serial(key))
}
