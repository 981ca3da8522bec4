//! dothi: one server that keeps a Vietnamese city's land, planning, trees, water, lighting and permits on one live map.
//!
//! The rooms, and who may call whom, are drawn in `ARCHITECTURE.md`.

pub mod app;
pub mod bilingual;
pub mod catalog;
pub mod config;
pub mod database;
pub mod demo;
pub mod doctor;
pub mod drafts;
pub mod features;
pub mod http;
pub mod identity;
pub mod imports;
pub mod items;
pub mod live;
pub mod lookup;
pub mod mail;
pub mod persons;
pub mod shell;
pub mod tiles_http;
pub mod underlays;
