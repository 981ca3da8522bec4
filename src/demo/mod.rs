//! The demo: makes the demo place, imports it as a department would, and serves it while it comes in.
//!
//! What has been delivered stands in the database (`import.delivery`), so a second start has nothing left to do.

pub mod cli;
mod deliver;
pub mod generate;
mod generated;
mod hints;
mod places;
mod settings;
