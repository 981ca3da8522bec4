//! How the shell speaks: in one language, the user's. Every text of the command line has both.

pub mod help;
mod reader;
mod said;
pub mod slip;
mod table;

use crate::bilingual::Bilingual;

pub use reader::words_of;
pub use said::{Said, Says, told};
pub use table::table;

/// The language of the shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese.
    Vi,
    /// English.
    En,
}

impl Language {
    /// From `LC_ALL`, `LC_MESSAGES`, `LANG`: English where it says so, else Vietnamese.
    pub fn of_shell() -> Self {
        let set =
            ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|v| std::env::var(v).ok().filter(|s| !s.is_empty()));
        Self::of_locale(set.as_deref())
    }

    fn of_locale(locale: Option<&str>) -> Self {
        match locale {
            Some(locale) if locale.to_ascii_lowercase().starts_with("en") => Self::En,
            _ => Self::Vi,
        }
    }

    /// The text in this language.
    pub fn of(self, text: &Bilingual) -> &str {
        self.pick(&text.vi, &text.en)
    }

    /// One of two texts.
    pub fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }
}

/// Says a line on standard output, in the language of the shell.
pub fn say(text: impl Into<Bilingual>) {
    println!("{}", Language::of_shell().of(&text.into()));
}

/// A whole number between the two, as an argument's value parser.
///
/// # Errors
/// Says which numbers may stand there.
pub fn whole_number<T>(least: T, most: T) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display + Copy + Send + Sync + 'static,
{
    move |typed| {
        let number = typed.trim().parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| {
            let vi = format!("cần một số nguyên từ {least} đến {most}");
            let en = format!("a whole number from {least} to {most} is needed");
            Language::of_shell().pick(&vi, &en).to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_vietnamese_unless_the_shell_says_english() {
        for (locale, language) in [
            (None, Language::Vi),
            (Some("vi_VN.UTF-8"), Language::Vi),
            (Some("C.UTF-8"), Language::Vi),
            (Some("en_GB.UTF-8"), Language::En),
            (Some("EN"), Language::En),
        ] {
            assert_eq!(Language::of_locale(locale), language, "{locale:?}");
        }
    }
}
