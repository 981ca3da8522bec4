//! One typed configuration, from `dothi.toml` and `DOTHI_*` variables.

/// What the operator set.
pub struct Config {}
