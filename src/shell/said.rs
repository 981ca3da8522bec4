//! Errors that say in both languages what happened and what to do; the shell's is chosen where they are told.

use std::error::Error;
use std::fmt;
use std::io;

use super::Language;
use crate::bilingual::Bilingual;

/// An error in both languages, with what caused it. `anyhow` carries it; logs have it in English.
#[derive(Debug)]
pub struct Said {
    text: Bilingual,
    cause: Option<anyhow::Error>,
}

impl Said {
    /// The two texts: lowercase, no full stop, what is wrong and what to do.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Self { text: Bilingual::new(vi, en), cause: None }
    }
}

impl From<Bilingual> for Said {
    fn from(text: Bilingual) -> Self {
        Self { text, cause: None }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.text.en)
    }
}

impl Error for Said {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.as_ref().map(|cause| {
            let cause: &(dyn Error + 'static) = cause.as_ref();
            cause
        })
    }
}

/// Says in both languages what was being done when it failed, or what is not there.
pub trait Says<T> {
    /// The words are made only when they are needed.
    ///
    /// # Errors
    /// Whenever there was one, or nothing was there.
    fn says<W: Into<Bilingual>>(self, words: impl FnOnce() -> W) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Says<T> for Result<T, E> {
    fn says<W: Into<Bilingual>>(self, words: impl FnOnce() -> W) -> anyhow::Result<T> {
        self.map_err(|cause| Said { text: words().into(), cause: Some(cause.into()) }.into())
    }
}

impl<T> Says<T> for Option<T> {
    fn says<W: Into<Bilingual>>(self, words: impl FnOnce() -> W) -> anyhow::Result<T> {
        self.ok_or_else(|| Said::from(words().into()).into())
    }
}

/// What happened and why, each said once.
pub fn told(error: &anyhow::Error, language: Language) -> String {
    let mut said: Vec<String> = Vec::new();
    for cause in error.chain() {
        let words = words(cause, language);
        if !said.iter().any(|before| before.contains(&words)) {
            said.push(words);
        }
    }
    said.join(": ")
}

fn words(cause: &(dyn Error + 'static), language: Language) -> String {
    let known = None
        .or_else(|| cause.downcast_ref::<Said>().map(|said| said.text.clone()))
        .or_else(|| cause.downcast_ref::<io::Error>().and_then(of_system))
        .or_else(|| cause.downcast_ref::<sqlx::Error>().and_then(of_database));
    // What others say is English, and better than nothing.
    known.map_or_else(|| cause.to_string(), |text| language.of(&text).to_owned())
}

/// What the system refuses, without its number.
fn of_system(error: &io::Error) -> Option<Bilingual> {
    use io::ErrorKind as Kind;
    Some(Bilingual::from(match error.kind() {
        Kind::NotFound => ("không có tệp hay thư mục ấy", "there is no such file or folder"),
        Kind::PermissionDenied => ("không có quyền", "no right to"),
        Kind::IsADirectory => ("đó là thư mục, không phải tệp", "that is a folder, not a file"),
        Kind::NotADirectory => ("đó không phải thư mục", "that is no folder"),
        Kind::InvalidData => ("nội dung không phải chữ UTF-8", "it is not UTF-8 text"),
        Kind::StorageFull => ("đĩa đã đầy", "the disk is full"),
        Kind::AddrInUse => ("chương trình khác đang dùng địa chỉ ấy", "another program has that address"),
        Kind::AddrNotAvailable => ("máy này không có địa chỉ ấy", "this machine has no such address"),
        Kind::ConnectionRefused => ("không ai nhận kết nối ở đó", "nobody takes connections there"),
        Kind::TimedOut => ("chờ mãi không có trả lời", "no answer came in time"),
        _ => return None,
    }))
}

/// What the database refuses; its own words follow as the cause.
fn of_database(error: &sqlx::Error) -> Option<Bilingual> {
    Some(Bilingual::from(match error {
        sqlx::Error::Io(_) => ("không đến được cơ sở dữ liệu", "the database cannot be reached"),
        sqlx::Error::PoolTimedOut => (
            "cơ sở dữ liệu không có kết nối rảnh: nó chậm hoặc hết kết nối",
            "the database has no connection to spare: it is slow, or all are in use",
        ),
        sqlx::Error::Database(refused) => match refused.code().as_deref() {
            Some("28P01") => ("sai tên hoặc mật khẩu", "wrong name or password"),
            Some("28000") => ("cơ sở dữ liệu không cho người này vào", "the database lets nobody of this name in"),
            Some("3D000") => ("không có cơ sở dữ liệu ấy", "there is no such database"),
            Some("42501") => ("không có quyền trong cơ sở dữ liệu", "no right to in the database"),
            Some("53100") => ("đĩa của cơ sở dữ liệu đã đầy", "the database's disk is full"),
            Some("53300") => ("cơ sở dữ liệu hết kết nối", "the database has no connection left"),
            Some("57P03") => ("cơ sở dữ liệu đang khởi động hoặc đang dừng", "the database is starting or stopping"),
            _ => ("cơ sở dữ liệu từ chối", "the database refused"),
        },
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_is_told_once_and_in_one_language() {
        let missing = io::Error::from(io::ErrorKind::NotFound);
        let error = Err::<(), _>(missing).says(|| ("đọc ghe.toml", "reading bench.toml")).expect_err("it is missing");
        let outer = Err::<(), _>(error).says(|| ("thêm lớp", "adding the layer")).expect_err("so is this");
        assert_eq!(told(&outer, Language::Vi), "thêm lớp: đọc ghe.toml: không có tệp hay thư mục ấy");
        assert_eq!(told(&outer, Language::En), "adding the layer: reading bench.toml: there is no such file or folder");
        let twice = anyhow::anyhow!("line 3").context("not TOML: line 3");
        assert_eq!(told(&twice, Language::Vi), "not TOML: line 3");
    }

    #[test]
    fn what_is_not_there_is_said_too() {
        let error = None::<u8>.says(|| ("không có lớp", "no layer")).expect_err("nothing");
        assert_eq!((told(&error, Language::Vi).as_str(), error.to_string().as_str()), ("không có lớp", "no layer"));
    }
}
