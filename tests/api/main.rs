//! API tests
#[test]
fn t() {}
