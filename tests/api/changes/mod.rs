//! Change sets over HTTP: what is written, what is refused and where, and what two people do to one object.

mod bad_input;
mod conflicts;
mod findings;
mod killed;
mod rights;
mod rules;
mod together;
mod undo;
mod writing;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::corner::{self, EAST, NORTH, at};
use crate::identity::{PASSWORD, done};
use crate::support::{Answer, TestCity};

/// Another ward beside the corner's, to the east.
pub const NEXT_WARD: &str = "INSERT INTO gis.admin_unit (code, name, short_name, kind, level, parent_code, geom) VALUES \
    ('90002', 'Phường Bên Cạnh', 'Bên Cạnh', 'phuong', 2, '79', \
     gis.to_wgs84(ST_Multi(ST_MakeEnvelope(603500, 1190500, 604500, 1191500, 9210))))";

pub const PARCEL: &str = "00000000-0000-7000-8000-000000000345";

/// A city, and one who may write in all of it.
pub struct Office {
    pub city: TestCity,
    pub token: String,
}

impl std::ops::Deref for Office {
    type Target = TestCity;
    fn deref(&self) -> &TestCity {
        &self.city
    }
}

pub async fn city() -> Office {
    let city = TestCity::start().await;
    corner::build(&city).await;
    let token = token_of(&city, "lan", &[]);
    Office { city, token }
}

/// A planner and asset keeper with a token; in these units, or everywhere.
pub fn token_of(city: &TestCity, account: &str, units: &[&str]) -> String {
    done(city, &["add", account, "--name", account, "--password-stdin"], PASSWORD);
    for role in ["planner", "asset_keeper"] {
        let mut grant = vec!["grant", account, role];
        if !units.is_empty() {
            grant.extend(["--units", units[0]]);
        }
        done(city, &grant, "");
    }
    done(
        city,
        &["token", account, "--label", "tests", "--scopes", "see_staff,edit_land,edit_planning,edit_assets,edit_base"],
        "",
    )
}

/// A token of an account with these scopes only.
pub fn token_with(city: &TestCity, account: &str, scopes: &str) -> String {
    done(city, &["token", account, "--label", "tests", "--scopes", scopes], "")
}

pub async fn send(city: &Office, body: &Value) -> Answer {
    Answer::read(city.request("POST", "/api/v1/changesets").bearer_auth(&city.token).json(body)).await
}

pub async fn read(city: &Office, path: &str) -> Answer {
    Answer::read(city.request("GET", path).bearer_auth(&city.token)).await
}

pub fn set(operations: &[Value]) -> Value {
    json!({ "reason": "đo lại", "operations": operations })
}

pub fn update(version: i32, set: &Value) -> Value {
    json!({ "op": "update", "op_id": Uuid::now_v7(), "entity": "parcel", "id": PARCEL, "base_version": version, "set": set })
}

/// A square of `side` metres in legal metres.
pub fn square(x: f64, y: f64, side: f64) -> Value {
    let (x, y) = (EAST + x, NORTH + y);
    json!({ "type": "Polygon", "srid": 9210,
        "coordinates": [[[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]] })
}

pub fn parcel(number: &str, geometry: &Value) -> Value {
    json!({ "op": "insert", "op_id": Uuid::now_v7(), "entity": "parcel", "id": Uuid::now_v7(),
        "set": { "commune_code": "26740", "sheet": "90", "number": number }, "geometry": geometry })
}

pub fn outcome(answer: &Answer) -> String {
    answer.json()["results"][0]["outcome"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

/// A point, metres from the corner, in degrees.
pub fn point(x: f64, y: f64) -> Value {
    let (lon, lat) = at(x, y);
    json!({ "type": "Point", "coordinates": [lon, lat] })
}

/// A line through such points.
pub fn line(points: &[(f64, f64)]) -> Value {
    let points: Vec<[f64; 2]> = points.iter().map(|(x, y)| at(*x, *y).into()).collect();
    json!({ "type": "LineString", "coordinates": points })
}

/// A rectangle in degrees, for layers that keep no legal metres.
pub fn area(x: f64, y: f64, wide: f64, high: f64) -> Value {
    let corners = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high), (x, y)];
    let corners: Vec<[f64; 2]> = corners.iter().map(|(x, y)| at(*x, *y).into()).collect();
    json!({ "type": "Polygon", "coordinates": [corners] })
}

/// An insert into any layer.
pub fn insert(layer: &str, values: &Value, geometry: &Value) -> Value {
    json!({ "op": "insert", "op_id": Uuid::now_v7(), "entity": layer, "id": Uuid::now_v7(), "set": values, "geometry": geometry })
}

/// The rule, field and object of each finding or warning of one result.
pub fn told(answer: &Answer, at: usize) -> Vec<(String, String, String)> {
    let result = &answer.json()["results"][at];
    let list = if result["outcome"] == "refused" { &result["findings"] } else { &result["warnings"] };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = list.as_array().unwrap_or_else(|| panic!("{}", answer.text()));
    list.iter().map(|one| (text(&one["rule"]), text(&one["field"]), text(&one["other_layer"]))).collect()
}
