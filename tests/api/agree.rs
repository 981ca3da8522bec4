//! The core and PostGIS answer the same: random questions, asked of both. `DOTHI_QUESTIONS=10000` asks them all.
//!
//! The core is asked over HTTP, one question at a time; PostGIS all of a kind at once: a conversion by a pinned pipeline costs
//! it milliseconds, whether of one point or of thousands.

use std::collections::BTreeMap;

use rand::{Rng as _, SeedableRng as _, rngs::SmallRng};
use serde_json::Value;
use sqlx::{Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use crate::corner;
use crate::support::TestCity;

const SHAPES: usize = 300;
/// The search orders by the boxes of plots, which are 180 m wide at the most.
const NEARER_BY: f64 = 180.0;

fn questions() -> usize {
    std::env::var("DOTHI_QUESTIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000)
}

/// Areas with holes, lines that bend, points: about 2 km around the corner.
async fn fill(city: &TestCity) {
    city.sql(&format!(
        "SELECT setseed(0.42); \
         INSERT INTO gis.parcel (commune_code, sheet, number, geom_source) \
         SELECT '1', (1 + n % 5)::text, (1 + n % 40)::text, ST_Multi(ST_Difference(box, ST_Buffer(ST_Centroid(box), 2 + random() * 3))) FROM ( \
             SELECT n, ST_Buffer(ST_SetSRID(ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), 9210), 10 + random() * 80, 1 + n % 5) AS box \
             FROM generate_series(1, {SHAPES}) AS n) AS boxes; \
         INSERT INTO gis.planning_zone (plan, zone_code, function, land_use, geom_source) \
         SELECT 'P1', n::text, 'o_moi', 'ODT', ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), 9210), 30 + random() * 200, 1 + n % 7)) \
         FROM generate_series(1, {SHAPES}) AS n; \
         INSERT INTO gis.road (source_ref, class, name, geom) \
         SELECT n::text, 'residential', {NAME}, gis.to_wgs84(ST_Multi(ST_SetSRID(ST_MakeLine(ARRAY[ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), \
             ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), ST_MakePoint({e} + random() * 2000, {n} + random() * 2000)]), 9210))) \
         FROM generate_series(1, {SHAPES}) AS n; \
         INSERT INTO gis.tree (tree_number, geom) \
         SELECT n::text, gis.to_wgs84(ST_SetSRID(ST_MakePoint({e} + random() * 2000, {n} + random() * 2000), 9210)) FROM generate_series(1, {SHAPES}) AS n",
        e = corner::EAST,
        n = corner::NORTH,
    ))
    .await;
    corner::until_known(city).await;
}

/// A name of its own for each road.
const NAME: &str = "'Đường ' || (ARRAY['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Đặng', 'Hoàng', 'Bùi', 'Võ'])[1 + n % 8] \
    || ' ' || (ARRAY['Thị', 'Văn', 'Đức', 'Hữu', 'Ngọc', 'Quốc', 'Xuân'])[1 + n / 8 % 7] \
    || ' ' || (ARRAY['Huệ', 'Khởi', 'Trãi', 'Lợi', 'Đạt', 'Ánh'])[1 + n / 56 % 6]";

const LAYERS: [&str; 4] = ["parcel", "planning_zone", "road", "tree"];

/// What is asked at a place.
enum Kind {
    Near {
        layer: &'static str,
        radius: f64,
    },
    Within {
        layer: &'static str,
        wkt: String,
    },
    Lookup,
    Search {
        sheet: String,
        number: String,
    },
    /// The road with this number, as somebody types its name.
    Name {
        road: i32,
        typed: Typed,
    },
}

/// How a name is typed.
#[derive(Clone, Copy)]
enum Typed {
    AsItIs,
    /// Small and large letters, as they come.
    Shouted,
    /// Letters and their marks apart, as some telephones send them.
    Apart,
    /// Without marks, and the letter at this place left out.
    Misspelt(usize),
}

struct Question {
    kind: Kind,
    lon: f64,
    lat: f64,
}

fn question(random: &mut SmallRng) -> Question {
    let (lon, lat) = corner::at(random.random_range(-50.0..2050.0), random.random_range(-50.0..2050.0));
    let kind = match random.random_range(0..5) {
        0 => Kind::Near { layer: LAYERS[random.random_range(0..4)], radius: random.random_range(1.0..300.0) },
        1 => {
            let layer = LAYERS[random.random_range(0..4)];
            let mut corner = || (lon + random.random_range(-0.002..0.002), lat + random.random_range(-0.002..0.002));
            let ((ax, ay), (bx, by), (cx, cy)) = (corner(), corner(), corner());
            Kind::Within { layer, wkt: format!("POLYGON(({ax} {ay},{bx} {by},{cx} {cy},{ax} {ay}))") }
        }
        2 => Kind::Lookup,
        3 => Kind::Name {
            road: random.random_range(1..=SHAPES as i32),
            typed: match random.random_range(0..4) {
                0 => Typed::AsItIs,
                1 => Typed::Shouted,
                2 => Typed::Apart,
                // Behind "duong ", where the name is.
                _ => Typed::Misspelt(random.random_range(8..14)),
            },
        },
        // Some that do not exist.
        _ => Kind::Search {
            sheet: random.random_range(1..=6).to_string(),
            number: random.random_range(1..=44).to_string(),
        },
    };
    Question { kind, lon, lat }
}

/// A number for each object.
type Numbers = BTreeMap<Uuid, f64>;

/// What PostGIS says: for each question its objects, with metres (near), square metres (lookup) or nothing (within).
struct Expected {
    answers: Vec<Numbers>,
    /// Square metres that each zone shares with a parcel.
    shared: BTreeMap<Uuid, Numbers>,
    /// What is typed, by question.
    typed: BTreeMap<i32, String>,
}

impl Typed {
    fn word(self) -> String {
        match self {
            Self::AsItIs => "as it is".to_owned(),
            Self::Shouted => "shouted".to_owned(),
            Self::Apart => "apart".to_owned(),
            Self::Misspelt(at) => at.to_string(),
        }
    }
}

/// The shapes turned into the zone of the corner, and the questions beside them.
const PREPARE: &str = "
    CREATE TEMP TABLE asked (n int, kind text, layer text, radius float8, wkt text, sheet text, number text, lon float8, lat float8);
    CREATE TEMP TABLE turned AS
        SELECT 'parcel' AS layer, id, gis.from_wgs84(geom, 9210) AS geom FROM gis.parcel
        UNION ALL SELECT 'planning_zone', id, gis.from_wgs84(geom, 9210) FROM gis.planning_zone
        UNION ALL SELECT 'road', id, gis.from_wgs84(geom, 9210) FROM gis.road
        UNION ALL SELECT 'tree', id, gis.from_wgs84(geom, 9210) FROM gis.tree;
    CREATE INDEX ON turned USING gist (geom)";

/// Distances in the plane of the zone, whose metres are 0.003 % long here: `geography` looks for the nearest point on a sphere
/// and is a foot off on edges of 2 km.
const NEAR: &str = "
    WITH point AS (
        SELECT row_number() OVER (ORDER BY path) AS i, geom FROM ST_Dump((
            SELECT gis.from_wgs84(ST_Collect(ST_SetSRID(ST_MakePoint(lon, lat), 4326) ORDER BY n), 9210) FROM asked WHERE kind = 'near'))),
    question AS (SELECT row_number() OVER (ORDER BY n) AS i, n, layer, radius FROM asked WHERE kind = 'near')
    SELECT n, turned.id, ST_Distance(turned.geom, point.geom) FROM question JOIN point USING (i)
    JOIN turned ON turned.layer = question.layer AND ST_DWithin(turned.geom, point.geom, radius + 0.05)";

const HERE: &str = "
    SELECT n, parcel.id, ST_Area(geom_source) FROM asked
    JOIN gis.parcel ON ST_Intersects(parcel.geom, ST_SetSRID(ST_MakePoint(lon, lat), 4326)) WHERE kind = 'lookup'";

/// What is typed, from a road's name.
const TYPED: &str = "
    ALTER TABLE asked ADD text text;
    UPDATE asked SET text = CASE sheet
        WHEN 'as it is' THEN name WHEN 'shouted' THEN upper(name) WHEN 'apart' THEN normalize(name, NFD)
        ELSE overlay(unaccent(lower(name)) PLACING '' FROM sheet::int FOR 1) END
    FROM gis.road WHERE kind = 'name' AND source_ref = asked.number";

/// Roads whose name is about as like to what is typed as the likest one's.
const LIKE: &str = "
    SELECT n, id, likeness FROM (
        SELECT n, id, likeness, max(likeness) OVER (PARTITION BY n) AS most FROM (
            SELECT n, road.id, similarity(lower(unaccent(name)), lower(unaccent(normalize(text, NFC))))::float8 AS likeness
            FROM asked, gis.road WHERE kind = 'name') AS each) AS all_of_them
    WHERE likeness > most - 0.1";

/// Plots by sheet and number, with their metres from where the question is asked.
const NAMED: &str = "
    SELECT n, parcel.id, ST_Distance(parcel.geom::geography, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geography)
    FROM asked JOIN gis.parcel USING (sheet, number) WHERE kind = 'search'";

const SHARED: &str = "
    SELECT parcel.id, zone.id, ST_Area(ST_Intersection(parcel.geom_source, zone.geom_source)) FROM gis.parcel
    JOIN gis.planning_zone AS zone ON ST_Intersects(parcel.geom, zone.geom)";

async fn expected(database: &mut PgConnection, questions: &[Question]) -> Expected {
    database.execute(PREPARE).await.expect("the shapes are turned");
    let field = |of: &dyn Fn(&Question) -> Option<String>| questions.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "INSERT INTO asked SELECT n - 1, kind, layer, radius, wkt, sheet, number, lon, lat
         FROM unnest($1::text[], $2::text[], $3::float8[], $4::text[], $5::text[], $6::text[], $7::float8[], $8::float8[])
             WITH ORDINALITY AS u(kind, layer, radius, wkt, sheet, number, lon, lat, n)",
    )
    .bind(field(&|q| Some(q.kind.name().to_owned())))
    .bind(field(&|q| q.kind.layer().map(str::to_owned)))
    .bind(
        questions.iter().map(|q| if let Kind::Near { radius, .. } = q.kind { radius } else { 0.0 }).collect::<Vec<_>>(),
    )
    .bind(field(&|q| if let Kind::Within { wkt, .. } = &q.kind { Some(wkt.clone()) } else { None }))
    .bind(field(&|q| match &q.kind {
        Kind::Search { sheet, .. } => Some(sheet.clone()),
        Kind::Name { typed, .. } => Some(typed.word()),
        _ => None,
    }))
    .bind(field(&|q| match &q.kind {
        Kind::Search { number, .. } => Some(number.clone()),
        Kind::Name { road, .. } => Some(road.to_string()),
        _ => None,
    }))
    .bind(questions.iter().map(|q| q.lon).collect::<Vec<_>>())
    .bind(questions.iter().map(|q| q.lat).collect::<Vec<_>>())
    .execute(&mut *database)
    .await
    .expect("the questions are noted");
    database.execute(TYPED).await.expect("the names are typed");
    let typed: Vec<(i32, String)> =
        sqlx::query_as("SELECT n, text FROM asked WHERE kind = 'name'").fetch_all(&mut *database).await.expect("names");
    let mut queries = vec![NEAR.to_owned(), HERE.to_owned(), NAMED.to_owned(), LIKE.to_owned()];
    queries.extend(LAYERS.map(|layer| {
        format!(
            "SELECT n, x.id, 0::float8 FROM asked JOIN gis.{layer} AS x ON ST_Intersects(x.geom, ST_GeomFromText(wkt, 4326))
             WHERE kind = 'within' AND layer = '{layer}'"
        )
    }));
    let mut answers = vec![Numbers::new(); questions.len()];
    for query in queries {
        let rows: Vec<(i32, Uuid, f64)> =
            sqlx::query_as(&query).fetch_all(&mut *database).await.unwrap_or_else(|e| panic!("{query}: {e}"));
        for (n, id, number) in rows {
            answers[usize::try_from(n).unwrap()].insert(id, number);
        }
    }
    let pairs: Vec<(Uuid, Uuid, f64)> = sqlx::query_as(SHARED).fetch_all(&mut *database).await.expect("shares");
    let mut shared: BTreeMap<Uuid, Numbers> = BTreeMap::new();
    for (parcel, zone, area) in pairs.into_iter().filter(|(.., area)| *area > 0.02) {
        shared.entry(parcel).or_default().insert(zone, area);
    }
    Expected { answers, shared, typed: typed.into_iter().collect() }
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Near { .. } => "near",
            Self::Within { .. } => "within",
            Self::Lookup => "lookup",
            Self::Search { .. } => "search",
            Self::Name { .. } => "name",
        }
    }

    fn layer(&self) -> Option<&'static str> {
        match self {
            Self::Near { layer, .. } | Self::Within { layer, .. } => Some(layer),
            Self::Lookup | Self::Search { .. } | Self::Name { .. } => None,
        }
    }
}

/// Ids of the features of an answer, and one number of each.
fn told(features: &Value, number: impl Fn(&Value) -> f64) -> Numbers {
    let features = features.as_array().unwrap_or_else(|| panic!("{features}"));
    features.iter().map(|feature| (feature["id"].as_str().unwrap().parse().unwrap(), number(feature))).collect()
}

async fn near(city: &TestCity, at: &Question, layer: &str, radius: f64, expected: &Numbers) {
    let Question { lon, lat, .. } = at;
    let answer =
        city.get(&format!("/api/v1/near?lon={lon}&lat={lat}&layers={layer}&radius_m={radius}&limit=1000")).await.json();
    let told = told(&answer["features"], |feature| feature["properties"]["distance_m"].as_f64().unwrap());
    for (id, metres) in expected {
        match told.get(id) {
            Some(ours) => assert!((ours - metres).abs() < 0.05, "{layer} {id}: {ours} m, PostGIS {metres} m"),
            None => assert!((metres - radius).abs() < 0.05, "{layer} {id} at {metres} m is missing within {radius} m"),
        }
    }
    assert!(told.keys().all(|id| expected.contains_key(id)), "{layer}: more than PostGIS finds");
}

async fn within(city: &TestCity, layer: &str, wkt: &str, expected: &Numbers) {
    let url = format!("{}/api/v1/within", city.origin);
    let asked = city.client.get(url).query(&[("layers", layer), ("wkt", wkt)]).send().await.unwrap();
    let answer: Value = asked.json().await.unwrap();
    let told = told(&answer["features"], |_| 0.0);
    assert_eq!(told.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{layer} within {wkt}");
}

async fn search(city: &TestCity, at: &Question, sheet: &str, number: &str, expected: &Numbers) {
    let Question { lon, lat, .. } = at;
    let words = format!("tờ {sheet} thửa {number}");
    let asked = city.client.get(format!("{}/api/v1/search", city.origin));
    let asked = asked.query(&[("q", &words), ("lon", &lon.to_string()), ("lat", &lat.to_string())]);
    let answer: Value = asked.send().await.unwrap().json().await.unwrap();
    let order: Vec<Uuid> =
        answer["results"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().parse().unwrap()).collect();
    assert_eq!(answer["understood"]["kind"], "parcel", "{words}");
    assert_eq!(
        told(&answer["results"], |_| 0.0).keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>(),
        "{words}"
    );
    assert_eq!((order.len(), &answer["more"]), (expected.len(), &Value::Bool(false)), "{words}");
    // A plot that does not exist is said not to.
    assert_eq!(answer["note"].is_null(), !expected.is_empty(), "{words}: {}", answer["note"]);
    for pair in order.windows(2) {
        let (nearer, farther) = (expected[&pair[0]], expected[&pair[1]]);
        assert!(nearer < farther + NEARER_BY, "{words}: {nearer} m stands before {farther} m");
    }
}

/// The first that is told is the likest that PostgreSQL finds: by `similarity`, whose trigrams the core makes too. What is
/// spelt as it is called comes first whatever else is like it.
async fn named(city: &TestCity, words: &str, likest: &Numbers) {
    let asked = city.client.get(format!("{}/api/v1/search", city.origin)).query(&[("q", words)]);
    let answer: Value = asked.send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["understood"]["kind"], "name", "{words}");
    let first: Uuid =
        answer["results"][0]["id"].as_str().unwrap_or_else(|| panic!("{words}: {answer}")).parse().unwrap();
    let ours = likest.get(&first).unwrap_or_else(|| panic!("{words}: {} is told first", answer["results"][0]));
    if likest.values().any(|likeness| *likeness > 0.999) {
        assert!(*ours > 0.999, "{words}: {} is told before the one of that name", answer["results"][0]);
    }
}

/// How many parcels were met.
async fn lookup(city: &TestCity, at: &Question, here: &Numbers, shared: &BTreeMap<Uuid, Numbers>) -> usize {
    let Question { lon, lat, .. } = at;
    let answer = city.get(&format!("/api/v1/lookup?lon={lon}&lat={lat}")).await.json();
    let area = |value: &Value| value["area_m2"].as_f64().unwrap();
    let parcels = told(&answer["parcels"], area);
    assert_eq!(parcels.keys().collect::<Vec<_>>(), here.keys().collect::<Vec<_>>(), "parcels at {lon} {lat}");
    for parcel in answer["parcels"].as_array().unwrap() {
        let id: Uuid = parcel["id"].as_str().unwrap().parse().unwrap();
        assert!((parcels[&id] - here[&id]).abs() < 0.01, "{id}: {} m², PostGIS {}", parcels[&id], here[&id]);
        let none = Numbers::new();
        let (told, shared) = (told(&parcel["zones"], area), shared.get(&id).unwrap_or(&none));
        for (zone, area) in shared {
            let ours = told.get(zone).unwrap_or_else(|| panic!("zone {zone} of parcel {id} is missing: {area} m²"));
            assert!((ours - area).abs() < 0.01, "zone {zone} of parcel {id}: {ours} m², PostGIS {area} m²");
        }
        let known = |(zone, area): (&Uuid, &f64)| shared.contains_key(zone) || *area < 0.03;
        assert!(told.iter().all(known), "more zones of parcel {id} than PostGIS finds");
    }
    parcels.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_core_answers_random_questions_as_postgis_does() {
    let city = corner::city().await;
    fill(&city).await;
    let mut random = SmallRng::seed_from_u64(20_261_122);
    let questions: Vec<_> = (0..questions()).map(|_| question(&mut random)).collect();
    let mut database = city.owner().await;
    let expected = expected(&mut database, &questions).await;
    database.close().await.unwrap();
    let mut found = 0;
    for (n, (at, answer)) in questions.iter().zip(&expected.answers).enumerate() {
        match &at.kind {
            Kind::Near { layer, radius } => near(&city, at, layer, *radius, answer).await,
            Kind::Within { layer, wkt } => within(&city, layer, wkt, answer).await,
            Kind::Search { sheet, number } => search(&city, at, sheet, number, answer).await,
            Kind::Name { .. } => named(&city, &expected.typed[&(n as i32)], answer).await,
            Kind::Lookup => found += lookup(&city, at, answer, &expected.shared).await,
        }
    }
    let (met, asked) = (expected.answers.iter().filter(|answer| !answer.is_empty()).count(), questions.len());
    assert!(found > asked / 25 && met > asked / 2, "the questions meet something: {found} parcels, {met} of {asked}");
}
