//! The worker as its parent sees it: a job in, frames out. No database.

mod drawings;
mod encodings;
mod formats;
mod geodatabases;
mod hostile;
mod profiles;
mod real;
mod rows;
mod support;
