//! The hot core as the server uses it.

mod support;

mod detail;
mod reference;
mod snapshots;
mod validate;
