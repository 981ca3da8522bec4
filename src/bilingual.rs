//! What people read, in both languages of the house.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text in both languages, Vietnamese first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// The two texts side by side.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { vi: vi.into(), en: en.into() }
    }

    /// A name, a number or an address: the same in both languages.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { vi: text.clone(), en: text }
    }
}

/// `(Vietnamese, English)`: whoever says something says it in both.
impl<V: Into<String>, E: Into<String>> From<(V, E)> for Bilingual {
    fn from((vi, en): (V, E)) -> Self {
        Self::new(vi, en)
    }
}
