//! Why nothing was applied, in words that say what to do.

use dothi_import::protocol::Text;

/// Why nothing of a delivery was applied.
#[derive(Debug, thiserror::Error)]
#[error("{slug}: {}", text.en)]
pub struct ImportError {
    /// Stable slug: `crs-unknown`, `worker-died`, `database-lost`, `disk-full`, …
    pub slug: String,
    /// What happened and what to do.
    pub text: Text,
    /// The cause, for the log.
    #[source]
    pub cause: Option<anyhow::Error>,
}

impl ImportError {
    /// An error that a person can act on.
    pub fn new(slug: &str, vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { slug: slug.to_owned(), text: Text::new(vi, en), cause: None }
    }

    /// Keeps what lies beneath, for the log.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// A file that could not be read or written.
    pub fn io(doing: &str, path: &std::path::Path, error: std::io::Error) -> Self {
        let path = path.display();
        let slug = if error.kind() == std::io::ErrorKind::StorageFull { "disk-full" } else { "file-unreadable" };
        Self::new(slug, format!("{doing} {path}: {error}"), format!("{doing} {path}: {error}")).because(error)
    }
}

impl From<ImportError> for crate::shell::Said {
    fn from(error: ImportError) -> Self {
        Self::new(error.text.vi, error.text.en)
    }
}

/// What the database's own words mean for a delivery.
impl From<sqlx::Error> for ImportError {
    fn from(error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|e| e.code().map(|c| c.into_owned()));
        let detail = error.as_database_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
        let (slug, vi, en) = match code.as_deref() {
            Some("53100") => (
                "disk-full",
                "ổ đĩa của cơ sở dữ liệu đã đầy; hãy giải phóng chỗ trống rồi nhập lại",
                "the database's disk is full; make room, then import again",
            ),
            Some("55P03") => (
                "layer-busy",
                "lớp dữ liệu đang bị một phiên làm việc khác giữ quá lâu; hãy thử lại sau",
                "another session has held the layer for too long; try again later",
            ),
            Some("40P01" | "40001") => (
                "layer-busy",
                "vướng với một phiên làm việc khác; hãy nhập lại",
                "it collided with another session; import again",
            ),
            Some("42501") => (
                "no-rights",
                "tài khoản cơ sở dữ liệu không đủ quyền; chạy `dothi migrate`",
                "the database role lacks rights; run `dothi migrate`",
            ),
            Some("42P01" | "3F000" | "42703" | "42883") => (
                "schema-old",
                "cơ sở dữ liệu chưa đúng phiên bản; chạy `dothi migrate`",
                "the database is not at this version; run `dothi migrate`",
            ),
            Some(c) if c.starts_with("23") => {
                ("rule-broken", "dữ liệu trái với một ràng buộc của bảng", "the rows break a constraint of the table")
            }
            Some(c) if c.starts_with("57P") || c.starts_with("08") => lost(),
            Some(_) => ("database-refused", "cơ sở dữ liệu từ chối", "the database refused"),
            None if matches!(
                error,
                sqlx::Error::Io(_)
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::WorkerCrashed
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
            ) =>
            {
                lost()
            }
            None => {
                ("database-refused", "cơ sở dữ liệu trả lời không đúng", "the database answered in an unexpected way")
            }
        };
        Self::new(slug, format!("{vi} ({detail})"), format!("{en} ({detail})")).because(error)
    }
}

fn lost() -> (&'static str, &'static str, &'static str) {
    (
        "database-lost",
        "mất kết nối với cơ sở dữ liệu; chưa có gì được ghi, hãy kiểm tra rồi nhập lại",
        "the connection to the database was lost; nothing was written, check it and import again",
    )
}
