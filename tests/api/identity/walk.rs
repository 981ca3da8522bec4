//! The walk: every operation of the OpenAPI document, for every role, inside and outside its area.

use std::collections::BTreeSet;

use dothi::identity::operations::{Needs, OPERATIONS};
use dothi::identity::rights::{Action, Role};
use serde_json::{Value, json};

use crate::corner;
use crate::support::TestCity;

/// The ward that requests speak of, and another.
const HERE: &str = "26740";
const ELSEWHERE: &str = "27000";

/// A person of each role, with a session that has all it can have: in the ward that requests speak of, or elsewhere.
async fn people(city: &TestCity) {
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Public) {
        for unit in [HERE, ELSEWHERE] {
            let name = format!("{}-{unit}", role.code().replace('_', "-"));
            city.sql(&format!(
                "WITH who AS (INSERT INTO identity.person (account, name) VALUES ('{name}', '{name}') RETURNING id),
                 given AS (INSERT INTO identity.given (person, role, units) SELECT id, '{role}', '{{{unit}}}' FROM who)
                 INSERT INTO identity.session (hash, person, second_at) SELECT sha256('{name}'), id, now() FROM who"
            ))
            .await;
        }
    }
}

/// Sessions as they were at the beginning: an operation may have ended its own.
async fn awake(city: &TestCity) {
    city.sql("UPDATE identity.session SET ended_at = NULL, begun_at = now(), used_at = now()").await;
}

/// A request for the operation that a caller with the right would get further than 401 and 403 with.
fn sample(path: &str, action: Action) -> (String, Value) {
    let nobody = "00000000-0000-7000-8000-000000000000";
    let address = path
        .replace("{layers}", "tree")
        .replace("{layer}", "tree")
        .replace("{z}/{x}/{y}", "16/0/0")
        .replace("{name}", "city.json")
        .replace("{account}", "nobody");
    // What else stands in braces is an id.
    let mut filled = String::new();
    let mut rest = address.as_str();
    while let Some((before, after)) = rest.split_once('{') {
        filled += before;
        filled += nobody;
        rest = after.split_once('}').expect("a closing brace").1;
    }
    filled += rest;
    let body = if path == "/api/v1/changesets" { changes(action) } else { json!({}) };
    (filled, body)
}

/// A dry run of an edit in the ward.
fn changes(action: Action) -> Value {
    let (layer, id, set) = match action {
        Action::EditPlanning => {
            ("planning_zone", "00000000-0000-7000-8000-0000000000a1", json!({ "name": "Khu ở cũ" }))
        }
        Action::EditLand => ("parcel", "00000000-0000-7000-8000-000000000345", json!({ "area_m2": 101 })),
        Action::EditAssets => ("tree", "00000000-0000-7000-8000-0000000000c1", json!({ "common_name": "Dầu" })),
        _ => ("road", "00000000-0000-7000-8000-0000000000d1", json!({ "name": "Lê Lợi" })),
    };
    let operation = json!({
        "op_id": uuid::Uuid::now_v7(), "op": "update", "entity": layer, "id": id, "base_version": 1, "set": set,
    });
    json!({ "reason": "thử quyền", "atomic": true, "dry_run": true, "operations": [operation] })
}

async fn status(city: &TestCity, method: &str, path: &str, action: Action, session: Option<&str>) -> u16 {
    let (address, body) = sample(path, action);
    let mut request = city.request(method, &address).header("dothi-request", "1");
    if method != "GET" {
        request = request.json(&body);
    }
    if let Some(session) = session {
        request = request.header("cookie", format!("dothi_session={session}"));
    }
    // The head is enough: a stream has no end.
    request.send().await.expect("an answer").status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_in_the_table_and_every_cell_of_it_holds() {
    let city = corner::city().await;
    let document = city.get("/api/v1/openapi.json").await.json();
    let paths = document["paths"].as_object().expect("paths");
    let told: BTreeSet<(String, String)> = paths
        .iter()
        .flat_map(|(path, item)| item.as_object().into_iter().flatten().map(move |(method, _)| (path, method)))
        .filter(|(_, method)| ["get", "post", "put", "patch", "delete"].contains(&method.as_str()))
        .map(|(path, method)| (method.to_uppercase(), path.clone()))
        .collect();
    let known: BTreeSet<(String, String)> =
        OPERATIONS.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    let missing: Vec<_> = told.difference(&known).collect();
    assert!(missing.is_empty(), "name in src/identity/operations.rs what these need: {missing:?}");
    let gone: Vec<_> = known.difference(&told).collect();
    assert!(gone.is_empty(), "the table names what nobody answers any more: {gone:?}");
    assert_eq!(OPERATIONS.len(), known.len(), "each once");

    people(&city).await;
    city.sql(
        "INSERT INTO gis.tree (id, tree_number, geom) SELECT '00000000-0000-7000-8000-0000000000c1', 'T-2', ST_Translate(geom, 0.0002, 0) FROM gis.tree LIMIT 1;
         INSERT INTO gis.road (id, source_ref, name, class, geom) SELECT '00000000-0000-7000-8000-0000000000d1', 'w2', 'Lê Lợi', 'secondary', geom FROM gis.road LIMIT 1",
    )
    .await;
    let mut wrong = Vec::new();
    let mut tried = 0;
    for (method, path, needs) in OPERATIONS {
        for action in needs.actions() {
            for role in Role::ALL {
                for own in [true, false] {
                    let unit = if own { HERE } else { ELSEWHERE };
                    let session = format!("{}-{unit}", role.code().replace('_', "-"));
                    let session = (role != Role::Public).then_some(session.as_str());
                    if *method != "GET" && *needs != Needs::Edit {
                        awake(&city).await;
                    }
                    let status = status(&city, method, path, action, session).await;
                    tried += 1;
                    let allowed = needs.allows(action, role, own);
                    // Without a name one is asked to sign in; with one, that one may not.
                    let right = match (allowed, session) {
                        (true, _) => !matches!(status, 401 | 403) && status < 500,
                        (false, None) => status == 401,
                        (false, Some(_)) => status == 403,
                    };
                    if !right && !signs_in(method, path) {
                        wrong.push(format!("{method} {path} ({}) {role} own={own}: {status}", action.code()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {tried} cells: {wrong:#?}", wrong.len());
    println!("{tried} cells");
}

/// A wrong password is answered 401 too.
fn signs_in(method: &str, path: &str) -> bool {
    method == "POST" && path == "/api/v1/session"
}
