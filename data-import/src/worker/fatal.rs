//! What ends a job: said once, in both languages, with what to do.

use crate::protocol::{Message, Text};

/// Nothing of the delivery may be applied.
#[derive(Debug, Clone, PartialEq)]
pub struct Fatal {
    /// Stable slug.
    pub slug: &'static str,
    /// File concerned.
    pub file: Option<String>,
    /// What happened and what to do.
    pub message: Text,
}

impl Fatal {
    /// For the whole delivery.
    pub fn new(slug: &'static str, message: Text) -> Self {
        Self { slug, file: None, message }
    }

    /// For one file.
    pub fn in_file(slug: &'static str, file: &str, message: Text) -> Self {
        Self { slug, file: Some(file.to_owned()), message }
    }

    /// Is it only that this one file cannot be read? The rest of its delivery can be then.
    ///
    /// What may be an attack (a bomb, a path that leads out), a limit of the whole, a wrong option or a full disk ends the
    /// delivery, and so does an unknown coordinate system: a person must say which.
    pub fn is_of_its_file_alone(&self) -> bool {
        self.file.is_some()
            && matches!(
                self.slug,
                "file-unreadable" | "file-broken" | "file-empty" | "archive-broken" | "format-unknown"
            )
    }

    /// As sent.
    pub fn into_message(self) -> Message {
        Message::Fatal { slug: self.slug.to_owned(), message: self.message, file: self.file }
    }
}

impl From<std::io::Error> for Fatal {
    /// Only the pipe to the parent gives bare I/O errors: it is gone, and nobody will read this.
    fn from(e: std::io::Error) -> Self {
        Self::new(
            "parent-gone",
            Text::new(format!("không gửi được kết quả: {e}"), format!("the result cannot be sent: {e}")),
        )
    }
}
