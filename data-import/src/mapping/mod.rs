//! From a source layer's columns to a target's: the plan is made once for a layer, values are taken row by row.

pub mod expression;
pub mod join;
pub mod names;
pub mod personal;
pub mod plan;
pub mod reading;
pub mod value;

pub use plan::{GeometryFrom, Output, Plan, PlanError};
