//! Names of layers.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The stable name of a layer: `[a-z][a-z0-9_]{0,47}`. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerName(Arc<str>);

/// What is said of a text that cannot be a layer's name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("\"{0}\" is not a layer name: a small letter, then up to 47 small letters, digits or underscores")]
pub struct NotALayerName(pub String);

impl LayerName {
    /// Parses a name, or says why it is none.
    ///
    /// # Errors
    /// The text does not look like `[a-z][a-z0-9_]{0,47}`.
    pub fn new(text: &str) -> Result<Self, NotALayerName> {
        let mut bytes = text.bytes();
        let starts_well = bytes.next().is_some_and(|b| b.is_ascii_lowercase());
        let goes_on_well = bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if starts_well && goes_on_well && text.len() <= 48 {
            Ok(Self(text.into()))
        } else {
            Err(NotALayerName(text.chars().take(60).collect()))
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LayerName {
    type Err = NotALayerName;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl fmt::Display for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for LayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl AsRef<str> for LayerName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for LayerName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_small_letters_digits_and_underscores() {
        for good in ["parcel", "water_pipe", "a", "layer2", &"a".repeat(48)] {
            assert!(LayerName::new(good).is_ok(), "{good}");
        }
        for bad in ["", "Parcel", "2a", "_a", "a-b", "đường", "a b", "a,b", &"a".repeat(49)] {
            assert!(LayerName::new(bad).is_err(), "{bad}");
        }
    }
}
