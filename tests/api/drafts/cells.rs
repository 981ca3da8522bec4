//! Every (state, step, part) cell, over HTTP.

use serde_json::{Value, json};

use super::{ask, begun, city, go, revision, somebody};
use crate::changes::{Office, update};
use dothi::drafts::{Part, State, Step, after};

/// A draft in this state, with a reader.
async fn draft_in(city: &Office, hoa: &str, state: State, number: usize) -> String {
    let parcel = ["00000000-0000-7000-8000-000000000346", "00000000-0000-7000-8000-000000000347"][number % 2];
    let mut one = update(1, &json!({ "address": format!("số {number}") }));
    one["id"] = json!(parcel);
    let path = begun(city, &[one]).await;
    go(city, &city.token, "PATCH", &path, &json!({ "readers": ["minh"] })).await;
    let seen = revision(city, &path).await;
    let way: &[(&str, bool)] = match state {
        State::Open => &[],
        State::InReview => &[("submit", true)],
        State::Returned => &[("submit", true), ("return", false)],
        State::Approved | State::Published => &[("submit", true), ("approve", false)],
        State::Discarded => &[("discard", true)],
    };
    for (step, is_owner) in way {
        let mut body = seen.clone();
        if *step == "return" {
            body["text"] = json!("xem lại");
        }
        go(city, if *is_owner { &city.token } else { hoa }, "POST", &format!("{path}/{step}"), &body).await;
    }
    if state == State::Published {
        // What publishing leaves behind: each draft of this test is of the same two parcels.
        let id = path.rsplit('/').next().expect("an id");
        city.sql(&format!(
            "WITH made AS (INSERT INTO changes.change_set (reason) VALUES ('thử') RETURNING id)
             UPDATE gis.draft SET state = 'published', change_set = made.id FROM made WHERE draft.id = '{id}'"
        ))
        .await;
    }
    path
}

fn request(step: Step, revision: &Value, op_id: &str) -> (&'static str, String, Value) {
    let with = |more: Value| {
        let mut body = revision.clone();
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    match step {
        Step::Edit => {
            let one = update(1, &json!({ "address": "số 1" }));
            ("POST", "/operations".to_owned(), json!({ "operations": [one] }))
        }
        Step::Share => ("PATCH", String::new(), json!({ "name": "tên khác" })),
        Step::Comment => ("POST", "/comments".to_owned(), json!({ "text": "ghi chú" })),
        Step::Submit => ("POST", "/submit".to_owned(), revision.clone()),
        Step::Withdraw => ("POST", "/withdraw".to_owned(), revision.clone()),
        Step::Return => ("POST", "/return".to_owned(), with(json!({ "text": "xem lại" }))),
        Step::Approve => ("POST", "/approve".to_owned(), revision.clone()),
        Step::Resolve => ("POST", format!("/conflicts/{op_id}"), json!({ "take": "theirs" })),
        Step::Publish => ("POST", "/publish".to_owned(), with(json!({ "reason": "thử" }))),
        Step::Discard => ("POST", "/discard".to_owned(), revision.clone()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_cell_answers_as_the_table_says() {
    let city = city().await;
    let hoa = somebody(&city, "hoa", "signatory", &[]).await;
    let minh = somebody(&city, "minh", "officer", &[]).await;
    let mut tried = 0;
    for state in State::ALL {
        for step in Step::ALL {
            for part in [Part::Owner, Part::Reviewer, Part::Reader] {
                tried += 1;
                let path = draft_in(&city, &hoa, state, tried).await;
                let draft = go(&city, &city.token, "GET", &path, &Value::Null).await;
                let op_id = draft["operations"][0]["op_id"].as_str().expect("an operation").to_owned();
                let (method, sub, body) = request(step, &json!({ "revision": draft["revision"] }), &op_id);
                let token = match part {
                    Part::Owner => &city.token,
                    Part::Reviewer => &hoa,
                    Part::Reader => &minh,
                };
                let answer = ask(&city, token, method, &format!("{path}{sub}"), Some(&body)).await;
                let sees = part != Part::Reviewer || !matches!(state, State::Open | State::Discarded);
                let kind = answer.json()["type"].as_str().unwrap_or_default().to_owned();
                let cell = format!("{state:?} {step:?} {part:?}: {} {}", answer.status(), answer.text());
                // Publishing twice answers with what was published; publishing by the reviewer needs the right to write there.
                let expected = match (sees, step.is_for(part), after(state, step).is_some()) {
                    (false, ..) => vec![404],
                    _ if step == Step::Publish && state == State::Published => vec![200],
                    (_, false, _) => vec![403],
                    (_, _, false) => vec![409],
                    _ if step == Step::Resolve => vec![409],
                    _ if step == Step::Publish && part == Part::Reviewer => vec![403],
                    _ => vec![200, 409],
                };
                assert!(expected.contains(&answer.status()), "{cell}");
                if expected == [200, 409] && answer.status() == 409 {
                    assert!(step == Step::Publish && kind == "/problems/conflict", "{cell}");
                }
            }
        }
    }
    assert_eq!(tried, 6 * 10 * 3);
}
