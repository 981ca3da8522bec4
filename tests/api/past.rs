//! Both times over HTTP: what held on a day, as the register knew it at a moment. A long random series of what people do is
//! kept in a model beside the register, and the two are asked the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::changes::{Office, city, point, read, send, set};
use crate::corner;
use crate::support::Answer;

/// What an object held in one period, half open; none is for ever.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Period {
    from: Option<NaiveDate>,
    to: Option<NaiveDate>,
    value: i64,
}

impl Period {
    fn holds(&self, day: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day < to)
    }

    fn range(&self) -> String {
        let text = |day: Option<NaiveDate>| day.map_or("NULL".to_owned(), |day| format!("'{day}'"));
        format!("daterange({}, {})", text(self.from), text(self.to))
    }

    /// SQL that finds its row.
    fn is_this(&self, id: Uuid) -> String {
        format!("id = '{id}' AND validity = {}", self.range())
    }
}

/// All objects with their periods.
type State = BTreeMap<Uuid, Vec<Period>>;

fn on(state: &State, day: NaiveDate) -> BTreeMap<Uuid, i64> {
    let held = |periods: &Vec<Period>| periods.iter().find(|period| period.holds(day)).map(|period| period.value);
    state.iter().filter_map(|(id, periods)| Some((*id, held(periods)?))).collect()
}

/// A layer with the attribute that the model follows.
#[derive(Clone, Copy)]
enum Register {
    Trees,
    Zones,
}

impl Register {
    fn layer(self) -> &'static str {
        match self {
            Self::Trees => "tree",
            Self::Zones => "planning_zone",
        }
    }

    fn attribute(self) -> &'static str {
        match self {
            Self::Trees => "height_m",
            Self::Zones => "storeys_max",
        }
    }

    /// Where the n-th object stands, metres from the corner.
    fn place(n: usize) -> (f64, f64) {
        (700.0 + 30.0 * n as f64, 700.0)
    }

    fn insert(self, id: Uuid, n: usize, period: &Period) -> String {
        let ((x, y), Period { value, .. }) = (Self::place(n), *period);
        let range = period.range();
        match self {
            Self::Trees => {
                let (lon, lat) = corner::at(x, y);
                format!(
                    "INSERT INTO gis.tree (id, tree_number, height_m, geom, validity) \
                     VALUES ('{id}', 'PAST{n}', {value}, ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), {range});"
                )
            }
            Self::Zones => {
                let (x, y) = (corner::EAST + x, corner::NORTH + y);
                format!(
                    "INSERT INTO gis.planning_zone (id, plan, zone_code, function, storeys_max, geom_source, validity) \
                     VALUES ('{id}', 'PAST', 'PAST{n}', 'o_moi', {value}, \
                     ST_Multi(ST_MakeEnvelope({}, {}, {}, {}, 9210)), {range});",
                    x - 10.0,
                    y - 10.0,
                    x + 10.0,
                    y + 10.0
                )
            }
        }
    }
}

/// The register, the model of it, and what the model was at each moment.
struct Both {
    office: Office,
    register: Register,
    state: State,
    /// In the order in which they came: their places.
    objects: Vec<Uuid>,
    moments: Vec<(DateTime<Utc>, State)>,
    random: SmallRng,
    today: NaiveDate,
}

impl Both {
    async fn begin(register: Register, seed: u64) -> Self {
        let (state, objects, moments) = (State::new(), Vec::new(), Vec::new());
        let (random, today) = (SmallRng::seed_from_u64(seed), dothi::live::today());
        let mut both = Self { office: city().await, register, state, objects, moments, random, today };
        both.remember().await;
        both
    }

    /// A moment after everything that is written, by the clock that writes.
    async fn remember(&mut self) {
        let now: DateTime<Utc> =
            sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&mut self.office.owner().await).await.unwrap();
        self.moments.push((now, self.state.clone()));
    }

    fn day(&mut self) -> NaiveDate {
        let first = self.today.checked_sub_days(Days::new(40)).unwrap();
        first.checked_add_days(Days::new(self.random.random_range(0..60))).unwrap()
    }

    fn value(&mut self) -> i64 {
        self.random.random_range(1..30)
    }

    fn some_period(&mut self) -> Option<(Uuid, usize)> {
        let all: Vec<(Uuid, usize)> =
            self.state.iter().flat_map(|(id, periods)| (0..periods.len()).map(|at| (*id, at))).collect();
        (!all.is_empty()).then(|| all[self.random.random_range(0..all.len())])
    }

    /// A period of an object may end or begin elsewhere, if it meets no other and is not empty.
    fn fits(&self, id: Uuid, at: usize, new: &Period) -> bool {
        let is_some_time = match (new.from, new.to) {
            (Some(from), Some(to)) => from < to,
            _ => true,
        };
        let apart = |one: &Period, other: &Period| matches!((one.to, other.from), (Some(to), Some(from)) if to <= from);
        let others = self.state[&id].iter().enumerate().filter(|(other, _)| *other != at);
        is_some_time && others.map(|(_, other)| other).all(|other| apart(other, new) || apart(new, other))
    }

    async fn sql(&self, statements: &str) {
        self.office.sql(&format!("BEGIN; {statements} COMMIT")).await;
    }

    async fn insert(&mut self) {
        let (id, n, value) = (Uuid::now_v7(), self.objects.len(), self.value());
        let (one, other) = (self.day(), self.day());
        let (from, to) = match self.random.random_range(0..4) {
            0 => (None, None),
            1 => (Some(one), None),
            2 => (None, Some(one)),
            _ if one < other => (Some(one), Some(other)),
            _ => (None, None),
        };
        let period = Period { from, to, value };
        self.sql(&self.register.insert(id, n, &period)).await;
        self.objects.push(id);
        self.state.insert(id, vec![period]);
    }

    async fn step(&mut self) {
        let kind = self.random.random_range(0..10);
        let (value, other_value, day) = (self.value(), self.value(), self.day());
        let (Some((id, at)), 2..) = (self.some_period(), kind) else { return self.insert().await };
        let (layer, attribute) = (self.register.layer(), self.register.attribute());
        let period = self.state[&id][at];
        let this = period.is_this(id);
        match kind {
            2 => {
                self.sql(&format!("UPDATE gis.{layer} SET {attribute} = {value} WHERE {this};")).await;
                self.state.get_mut(&id).unwrap()[at].value = value;
            }
            // What was written and changed again in one transaction was never known to anybody.
            3 => {
                let both = [other_value, value]
                    .map(|value| format!("UPDATE gis.{layer} SET {attribute} = {value} WHERE {this};"));
                self.sql(&both.concat()).await;
                self.state.get_mut(&id).unwrap()[at].value = value;
            }
            // Closed, opened, or its beginning put right.
            4 | 5 => {
                let mut new = period;
                match self.random.random_range(0..4) {
                    0 => new.from = Some(day),
                    1 => new.from = None,
                    2 => new.to = None,
                    _ => new.to = Some(day),
                }
                if self.fits(id, at, &new) && new != period {
                    self.sql(&format!("UPDATE gis.{layer} SET validity = {} WHERE {this};", new.range())).await;
                    self.state.get_mut(&id).unwrap()[at] = new;
                }
            }
            // One period ends and the next begins, in one transaction: a decision.
            6 => {
                let (ends, begins) = (Period { to: Some(day), ..period }, Period { from: Some(day), value, ..period });
                if period.holds(day) && self.fits(id, at, &ends) {
                    let n = self.objects.iter().position(|one| *one == id).unwrap();
                    let next = self.register.insert(id, n, &begins);
                    self.sql(&format!("UPDATE gis.{layer} SET validity = {} WHERE {this}; {next}", ends.range())).await;
                    let periods = self.state.get_mut(&id).unwrap();
                    periods[at] = ends;
                    periods.push(begins);
                }
            }
            7 => {
                self.sql(&format!("DELETE FROM gis.{layer} WHERE {this};")).await;
                let periods = self.state.get_mut(&id).unwrap();
                periods.remove(at);
                if periods.is_empty() {
                    self.state.remove(&id);
                }
            }
            _ => self.over_http(id, at, value).await,
        }
    }

    /// A change set over HTTP, which is taken back half of the times.
    async fn over_http(&mut self, id: Uuid, at: usize, value: i64) {
        let before = self.state.clone();
        let period = before[&id][at];
        let version: i32 = sqlx::query_scalar(&format!(
            "SELECT version FROM gis.{} WHERE {}",
            self.register.layer(),
            period.is_this(id)
        ))
        .fetch_one(&mut self.office.owner().await)
        .await
        .unwrap();
        let mut operation =
            json!({ "op_id": Uuid::now_v7(), "entity": self.register.layer(), "id": id, "base_version": version });
        // Any day of the period names it.
        let a_day = period.from.or(period.to.and_then(|to| to.pred_opt())).unwrap_or(self.today);
        operation["valid_at"] = json!(a_day);
        if self.random.random_bool(0.3) {
            operation["op"] = json!("delete");
            let periods = self.state.get_mut(&id).unwrap();
            periods.remove(at);
            if periods.is_empty() {
                self.state.remove(&id);
            }
        } else {
            operation["op"] = json!("update");
            operation["set"] = json!({ (self.register.attribute()): value });
            self.state.get_mut(&id).unwrap()[at].value = value;
        }
        let answer = send(&self.office, &set(&[operation])).await;
        assert_eq!(answer.status(), 200, "{}", answer.text());
        if before == self.state || self.random.random_bool(0.5) {
            return;
        }
        let change_set = answer.json()["id"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned();
        self.remember().await;
        let path = format!("/api/v1/changesets/{change_set}/undo");
        let undo =
            self.office.request("POST", &path).bearer_auth(&self.office.token).json(&json!({ "reason": "nhầm" }));
        let undone = Answer::read(undo).await;
        assert_eq!(undone.status(), 200, "{}", undone.text());
        self.state = before;
    }

    /// The table on a day as it was known: read page by page.
    async fn table(&self, day: NaiveDate, known: DateTime<Utc>) -> BTreeMap<Uuid, i64> {
        let mut held = BTreeMap::new();
        let mut cursor = None;
        loop {
            let sort = format!("-{}", self.register.attribute());
            let filter = match self.register {
                Register::Trees => r#"[["tree_number","has","PAST"]]"#,
                Register::Zones => r#"[["zone_code","has","PAST"]]"#,
            };
            let (day, known) = (day.to_string(), known.to_rfc3339());
            let mut asked = vec![("date", day), ("known_at", known), ("limit", "3".to_owned())];
            asked.extend([("sort", sort), ("filter", filter.to_owned())]);
            asked.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let path = format!("/api/v1/layers/{}/items", self.register.layer());
            let request = self.office.request("GET", &path).bearer_auth(&self.office.token).query(&asked);
            let page = Answer::read(request).await;
            assert_eq!(page.status(), 200, "{}", page.text());
            let page = page.json();
            for row in page["rows"].as_array().unwrap() {
                let id = row["id"].as_str().unwrap().parse().unwrap();
                let value = row["values"][self.register.attribute()].as_f64().unwrap() as i64;
                assert_eq!(held.insert(id, value), None, "twice: {row}");
            }
            match page["next"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return held,
            }
        }
    }

    /// What is told at the place of each zone.
    async fn places(&self, day: NaiveDate, known: DateTime<Utc>) -> BTreeMap<Uuid, i64> {
        let mut held = BTreeMap::new();
        for n in 0..self.objects.len() {
            let (x, y) = Register::place(n);
            let (lon, lat) = corner::at(x, y);
            let known = known.to_rfc3339().replace('+', "%2B");
            let path = format!("/api/v1/lookup?lon={lon}&lat={lat}&date={day}&known_at={known}");
            let answer = self.office.get(&path).await;
            assert_eq!(answer.status(), 200, "{}", answer.text());
            for zone in answer.json()["zones"].as_array().unwrap() {
                let id = zone["id"].as_str().unwrap().parse().unwrap();
                assert_eq!(held.insert(id, zone["storeys_max"].as_i64().unwrap()), None, "twice: {zone}");
            }
        }
        held
    }
}

async fn random_pasts(register: Register, steps: usize, questions: usize) {
    let seed = std::env::var("DOTHI_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_123);
    let mut both = Both::begin(register, seed).await;
    for _ in 0..steps {
        both.step().await;
        both.remember().await;
    }
    let distinct: BTreeSet<String> = both.moments.iter().map(|(_, state)| format!("{state:?}")).collect();
    assert!(distinct.len() > steps / 2, "the series does something");
    for _ in 0..questions {
        let day = both.day();
        let at = both.random.random_range(0..both.moments.len());
        let (known, state) = both.moments[at].clone();
        let expected = on(&state, day);
        let told = match register {
            Register::Trees => both.table(day, known).await,
            Register::Zones => both.places(day, known).await,
        };
        assert_eq!(told, expected, "on {day} as known at {known}, seed {seed}");
    }
}

/// `DOTHI_QUESTIONS` asks more, by hand.
fn questions(usual: usize) -> usize {
    std::env::var("DOTHI_QUESTIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(usual)
}

#[tokio::test(flavor = "multi_thread")]
async fn any_table_of_the_past_is_as_it_was_known() {
    random_pasts(Register::Trees, 60, questions(60)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_place_of_the_past_is_told_as_it_was_known() {
    random_pasts(Register::Zones, 40, questions(12)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_times_are_said_in_words_and_a_moment_that_has_not_come_is_refused() {
    let city = city().await;
    let (lon, lat) = corner::at(2.0, 10.0);
    let here = format!("/api/v1/lookup?lon={lon}&lat={lat}");
    let items = "/api/v1/layers/parcel/items?limit=1";
    let now = city.get(&here).await.json();
    assert!(now["known_at"].is_null());
    assert!(now["as_of"]["vi"].as_str().is_some_and(|said| said.contains("theo dữ liệu hiện có")), "{now}");
    // Nothing was known before the city was made.
    let before = city.get(&format!("{here}&known_at=2020-05-01T08:00:00%2B07:00")).await.json();
    assert_eq!(
        (before["parcels"].as_array().map(Vec::len), before["known_at"].as_str()),
        (Some(0), Some("2020-05-01T01:00:00Z"))
    );
    assert!(before["as_of"]["en"].as_str().is_some_and(|said| said.contains("at 08:00:00 on 1 May 2020")), "{before}");
    let rows = read(&city, &format!("{items}&date=2021-02-03&known_at=2020-05-01")).await.json();
    assert_eq!((rows["rows"].as_array().map(Vec::len), rows["count"].as_i64()), (Some(0), Some(0)));
    let said = "Hiệu lực ngày 03/02/2021, theo dữ liệu hệ thống có lúc 23:59:59 ngày 01/05/2020 (giờ Việt Nam).";
    assert_eq!(rows["as_of"]["vi"], said);
    // Today as a day is now.
    let today = dothi::live::today();
    let known = read(&city, &format!("{items}&known_at={today}")).await.json();
    let held = read(&city, items).await.json();
    assert_eq!((known["rows"].clone(), known["count"].clone()), (held["rows"].clone(), held["count"].clone()));
    let tomorrow = today.succ_opt().unwrap();
    for wrong in ["soon", "2020-05-01T08:00:00", "", &tomorrow.to_string(), "2199-01-01T00:00:00Z", "2020-02-30"] {
        for path in [&here, items] {
            let refused = read(&city, &format!("{path}&known_at={wrong}")).await;
            let problem = refused.problem();
            assert_eq!((refused.status(), problem.field.as_deref()), (400, Some("known_at")), "{path} {wrong}");
        }
    }
    let refused = read(&city, &format!("{items}&date=yesterday")).await;
    assert_eq!((refused.status(), refused.problem().field.as_deref()), (400, Some("date")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_entered_in_its_middle_and_read_on_from_there() {
    let city = city().await;
    let all: Vec<String> = (0..40)
        .map(|n| {
            let (x, y) = Register::place(n);
            let (lon, lat) = (point(x, y)["coordinates"][0].clone(), point(x, y)["coordinates"][1].clone());
            format!("('MID{n}', {}, ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326))", n % 7)
        })
        .collect();
    city.sql(&format!("INSERT INTO gis.tree (tree_number, height_m, geom) VALUES {}", all.join(", "))).await;
    let items = "/api/v1/layers/tree/items?filter=%5B%5B%22tree_number%22,%22has%22,%22MID%22%5D%5D";
    for sort in ["", "&sort=height_m", "&sort=-height_m"] {
        let ids = |page: &Value| -> Vec<String> {
            page["rows"].as_array().unwrap().iter().map(|row| row["id"].to_string()).collect()
        };
        let whole = ids(&read(&city, &format!("{items}{sort}")).await.json());
        let jump = read(&city, &format!("{items}{sort}&offset=17&limit=5")).await.json();
        assert_eq!((jump["count"].as_i64(), ids(&jump)), (Some(40), whole[17..22].to_vec()), "{sort}");
        let cursor: String = jump["next"].as_str().unwrap().bytes().map(|byte| format!("%{byte:02X}")).collect();
        let on = read(&city, &format!("{items}{sort}&cursor={cursor}&limit=5")).await.json();
        assert_eq!(ids(&on), whole[22..27], "{sort}");
        let beyond = read(&city, &format!("{items}{sort}&offset=40")).await.json();
        assert_eq!((beyond["count"].as_i64(), ids(&beyond).len()), (Some(40), 0), "{sort}");
        let both = read(&city, &format!("{items}{sort}&cursor={cursor}&offset=1")).await;
        assert_eq!((both.status(), both.problem().field.as_deref()), (400, Some("offset")));

        // The order that was kept for the next jump does not outlive a change, whoever made it.
        let highest = if sort.starts_with("&sort=-") { "ASC" } else { "DESC" };
        city.sql(&format!(
            "UPDATE gis.tree SET height_m = 90 - height_m WHERE fid = \
             (SELECT fid FROM gis.tree WHERE tree_number LIKE 'MID%' ORDER BY height_m {highest}, fid LIMIT 1)"
        ))
        .await;
        let whole = ids(&read(&city, &format!("{items}{sort}")).await.json());
        city.until("the jump follows", async || {
            ids(&read(&city, &format!("{items}{sort}&offset=17&limit=5")).await.json()) == whole[17..22]
        })
        .await;
        city.sql("DELETE FROM gis.tree WHERE fid = (SELECT max(fid) FROM gis.tree WHERE tree_number LIKE 'MID%')")
            .await;
        city.until("one is gone", async || {
            read(&city, &format!("{items}{sort}&offset=17&limit=5")).await.json()["count"].as_i64() == Some(39)
        })
        .await;
        city.sql(&format!(
            "INSERT INTO gis.tree (tree_number, height_m, geom) SELECT 'MID39', 39 % 7, geom FROM gis.tree \
             WHERE tree_number LIKE 'MID%' LIMIT 1"
        ))
        .await;
        city.until("it is back", async || {
            read(&city, &format!("{items}{sort}&offset=17&limit=5")).await.json()["count"].as_i64() == Some(40)
        })
        .await;
    }
}
