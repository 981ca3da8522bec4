//! The hot core as the server uses it.

mod support;

mod detail;
mod edits;
mod generalised;
mod held;
mod questions;
mod reference;
mod snapshots;
mod validate;
