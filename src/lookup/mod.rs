//! The questions about a place: what applies here, what is near, what is inside, where is it.
//!
//! Everything is answered from the hot core, for an audience and a day, and keeps answering while the database is away. A
//! day before today, or what was known at an earlier moment, is read from PostGIS into a small core of its own, and
//! answered by the same code.

pub mod accuracy;
mod answer;
mod coverage;
mod cut;
mod gather;
pub mod history;
pub mod http;
mod legal_zone;
mod missing;
mod plane;
pub mod search;
mod sentence;
pub mod shapes;
mod spoken;
mod view;
pub mod when;
pub mod words;

pub use gather::{Asked, gather};
pub use view::{Seen, View};
pub use when::When;
