//! Which past is asked for: the day on which something held, and the moment whose knowledge counts (decision 2).
//!
//! The two are independent. "What held on 1 May, as the register knew it on 20 June" is a day and a moment; what was entered,
//! corrected or taken back after the moment does not count. Without a moment a day before today is answered with what was
//! known at its end, and what was entered later counts as it was first entered.

use chrono::{DateTime, Days, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::{
    answer::Bilingual,
    words::{date_en, date_vi},
};
use crate::http::problem::Problem;

/// A day, and what was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// The day on which it held.
    pub date: NaiveDate,
    /// The moment whose knowledge counts; none is what is known now, or for an earlier day what was known at its end.
    pub known: Option<DateTime<Utc>>,
}

impl From<NaiveDate> for When {
    fn from(date: NaiveDate) -> Self {
        Self { date, known: None }
    }
}

/// Reads a day.
///
/// # Errors
/// 400 when it is none.
pub fn parse_date(text: &str) -> Result<NaiveDate, Problem> {
    let year = |date: &NaiveDate| (1800..2200).contains(&chrono::Datelike::year(date));
    let date = text.parse::<NaiveDate>().ok().filter(year);
    date.ok_or_else(|| {
        Problem::bad_parameter(
            "date",
            text,
            ("một ngày từ 1800 đến 2199 dạng YYYY-MM-DD", "a day from 1800 to 2199 as YYYY-MM-DD"),
        )
    })
}

/// The clock of Việt Nam, which has no summer time.
fn clock() -> FixedOffset {
    FixedOffset::east_opt(7 * 3600).unwrap_or_else(|| unreachable!("seven hours are less than a day"))
}

/// Reads a moment, or a day in Việt Nam, which stands for its end and, while it lasts, for now.
///
/// # Errors
/// 400 when it is neither, or has not come yet.
pub fn parse_known_at(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    let refused = |expected: (&str, &str)| Problem::bad_parameter("known_at", text, expected);
    let (moment, is_day) = match text.parse::<NaiveDate>() {
        Ok(day) => (end_of(day), true),
        // A plus that was not written as %2B arrives as a space.
        Err(_) => (DateTime::parse_from_rfc3339(&text.trim().replace(' ', "+")).ok().map(|at| at.to_utc()), false),
    };
    let moment = moment.filter(|at| (1800..2200).contains(&chrono::Datelike::year(at))).ok_or_else(|| {
        refused((
            "một thời điểm như 2026-05-01T09:30:00+07:00 (RFC 3339), hoặc một ngày ở Việt Nam như 2026-05-01",
            "a moment as 2026-05-01T09:30:00+07:00 (RFC 3339), or a day in Việt Nam as 2026-05-01",
        ))
    })?;
    if moment <= now {
        return Ok(moment);
    }
    if is_day && now.with_timezone(&clock()).date_naive() == moment.with_timezone(&clock()).date_naive() {
        return Ok(now);
    }
    Err(refused((
        "một thời điểm đã qua: chưa ai biết sau này sẽ có dữ liệu gì",
        "a moment that has come: nobody knows yet what will be known later",
    )))
}

/// The last microsecond of a day in Việt Nam; the database counts in those.
fn end_of(day: NaiveDate) -> Option<DateTime<Utc>> {
    let next = day.checked_add_days(Days::new(1))?.and_time(NaiveTime::MIN);
    let next = next.and_local_timezone(clock()).single()?.to_utc();
    next.checked_sub_signed(TimeDelta::microseconds(1))
}

impl When {
    /// Reads what was asked for; none when neither was. Without a day, today is meant, as it was known then.
    ///
    /// # Errors
    /// 400 that names the parameter.
    pub fn read(
        date: Option<&str>,
        known_at: Option<&str>,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, Problem> {
        let date = date.map(parse_date).transpose()?;
        let known = known_at.map(|text| parse_known_at(text, now)).transpose()?;
        Ok((date.is_some() || known.is_some()).then(|| Self { date: date.unwrap_or(today), known }))
    }

    /// The core in memory holds it: today or later, as it is known now.
    pub fn is_in_memory(self, today: NaiveDate) -> bool {
        self.known.is_none() && self.date >= today
    }

    /// Both in words.
    pub fn in_words(self, today: NaiveDate) -> Bilingual {
        let (vi, en) = (date_vi(self.date), date_en(self.date));
        let (known_vi, known_en) = match self.known {
            Some(at) => {
                let at = at.with_timezone(&clock());
                let (time, day) = (at.format("%H:%M:%S"), at.date_naive());
                (
                    format!("theo dữ liệu hệ thống có lúc {time} ngày {} (giờ Việt Nam)", date_vi(day)),
                    format!("as the register knew it at {time} on {} (Vietnam time)", date_en(day)),
                )
            }
            None if self.date < today => (
                "theo dữ liệu hệ thống có đến hết ngày đó; phần nhập sau đó lấy theo lần nhập đầu tiên".to_owned(),
                "as the register knew it at the end of that day; what was entered later counts as first entered"
                    .to_owned(),
            ),
            None => ("theo dữ liệu hiện có".to_owned(), "as the register knows it now".to_owned()),
        };
        Bilingual::new(format!("Hiệu lực ngày {vi}, {known_vi}."), format!("In force on {en}, {known_en}."))
    }

    /// Which versions of `known_from` and `known_to` count, in SQL.
    pub fn known_in_sql(self) -> String {
        match self.known {
            Some(at) => {
                let at = literal(at);
                format!("known_from <= {at} AND known_to > {at}")
            }
            None => {
                let next = self.date.checked_add_days(Days::new(1)).unwrap_or(self.date);
                format!("known_to > ('{next}'::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh')")
            }
        }
    }

    /// The rows of a layer as a table in SQL, one for each object that held on the day: `columns` stand in both tables of
    /// the layer, `id` among them; `only` narrows both.
    pub fn rows(self, layer: &str, columns: &str, only: &str, today: NaiveDate) -> String {
        let day = self.date;
        if self.is_in_memory(today) {
            return format!("(SELECT {columns} FROM gis.\"{layer}\" WHERE validity @> '{day}'::date{only})");
        }
        format!(
            "(SELECT DISTINCT ON (id) {columns} FROM \
             (SELECT {columns}, known_since AS known_from, 'infinity'::timestamptz AS known_to FROM gis.\"{layer}\" \
              WHERE validity @> '{day}'::date{only} \
              UNION ALL SELECT {columns}, lower(known), coalesce(upper(known), 'infinity') FROM gis_history.\"{layer}\" \
              WHERE validity @> '{day}'::date{only}) AS version_of WHERE {} ORDER BY id, known_from)",
            self.known_in_sql()
        )
    }
}

/// A moment as a literal; COPY takes no parameters.
fn literal(at: DateTime<Utc>) -> String {
    format!("'{}'::timestamptz", at.format("%Y-%m-%d %H:%M:%S%.6f+00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_is_its_end_in_vietnam_and_today_is_now() {
        let now = at("2026-05-01T03:00:00Z");
        let read = |text| parse_known_at(text, now).ok();
        assert_eq!(read("2026-04-30"), Some(at("2026-04-30T16:59:59.999999Z")));
        assert_eq!(read("2026-05-01"), Some(now), "the day is not over");
        assert_eq!(read("2026-05-01T09:30:00+07:00"), Some(at("2026-05-01T02:30:00Z")));
        assert_eq!(read("2026-05-01T09:30:00 07:00"), Some(at("2026-05-01T02:30:00Z")), "a plus in an address");
        assert_eq!(read("2026-05-01T02:30:00.123456789Z"), Some(at("2026-05-01T02:30:00.123456789Z")));
        // In Việt Nam the next day has begun.
        assert_eq!(parse_known_at("2026-05-02", at("2026-05-01T17:00:01Z")).ok(), Some(at("2026-05-01T17:00:01Z")));
    }

    #[test]
    fn what_is_no_moment_or_has_not_come_is_refused_by_name() {
        let now = at("2026-05-01T03:00:00Z");
        for wrong in [
            "",
            "now",
            "2026-13-01",
            "2026-05-01T09:30:00",
            "2026-05-02",
            "2026-05-01T03:00:00.000001Z",
            "99999-01-01",
            "0001-01-01",
            "2026-05-01'; --",
        ] {
            let told = serde_json::to_value(parse_known_at(wrong, now).unwrap_err()).unwrap();
            assert_eq!((told["status"].as_u64(), told["field"].as_str()), (Some(400), Some("known_at")), "{wrong}");
        }
    }

    #[test]
    fn both_are_said_in_words() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let when = When { date: day("2025-05-01"), known: Some(at("2026-04-30T17:05:09Z")) };
        let said = when.in_words(day("2026-06-01"));
        assert_eq!(
            (said.vi.as_str(), said.en.as_str()),
            (
                "Hiệu lực ngày 01/05/2025, theo dữ liệu hệ thống có lúc 00:05:09 ngày 01/05/2026 (giờ Việt Nam).",
                "In force on 1 May 2025, as the register knew it at 00:05:09 on 1 May 2026 (Vietnam time)."
            )
        );
        let today = When::from(day("2026-06-01")).in_words(day("2026-06-01"));
        assert_eq!(today.vi, "Hiệu lực ngày 01/06/2026, theo dữ liệu hiện có.");
    }
}
