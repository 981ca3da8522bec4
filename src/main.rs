//! dothi
fn main(){}
