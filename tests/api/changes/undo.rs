//! Change sets that are taken back, and the list of them.

use serde_json::json;

use super::*;

async fn undo(city: &Office, id: &str, dry_run: bool) -> Answer {
    let body = json!({ "reason": "nhầm", "dry_run": dry_run });
    Answer::read(city.request("POST", &format!("/api/v1/changesets/{id}/undo")).bearer_auth(&city.token).json(&body))
        .await
}

async fn written(city: &Office, operations: &[Value]) -> String {
    let answer = send(city, &set(operations)).await;
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

fn id_of(answer: &Answer) -> String {
    assert_eq!(answer.status(), 200, "{}", answer.text());
    answer.json()["id"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

/// Everything that the parcels hold now, to the last bit, without what every write changes.
async fn parcels(city: &Office) -> Vec<Value> {
    sqlx::query_scalar(
        "SELECT to_jsonb(p) - 'fid' - 'version' - 'known_since' - 'actor' || jsonb_build_object('exact', ST_AsHEXEWKB(geom), \
         'legal', ST_AsHEXEWKB(geom_source)) FROM gis.parcel AS p ORDER BY id",
    )
    .fetch_all(&mut city.owner().await)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_kinds_of_change_are_taken_back_in_one_step_and_brought_again() {
    let city = city().await;
    // What imports say of a row, a private attribute and odd metres come back too.
    city.sql(&format!(
        "UPDATE gis.parcel SET extra = '{{\"old\": 1}}', source_id = 77, \
         geom_source = ST_Translate(geom_source, 0.0001234567, 1/3.0) WHERE id = '{PARCEL}'"
    ))
    .await;
    let before = parcels(&city).await;
    let others: Vec<(Uuid, i32)> = sqlx::query_as("SELECT id, version FROM gis.parcel WHERE id <> $1::uuid")
        .bind(PARCEL)
        .fetch_all(&mut city.owner().await)
        .await
        .unwrap();
    let (other, version) = others[0];
    let mut moved = json!({ "op": "update", "op_id": Uuid::now_v7(), "entity": "parcel", "id": other, "base_version": version,
        "set": { "area_m2": 7 } });
    moved["geometry"] = square(300.0, 300.0, 20.0);
    let gone = json!({ "op": "delete", "op_id": Uuid::now_v7(), "entity": "parcel", "id": PARCEL, "base_version": 2 });
    let first = written(&city, &[moved, gone, parcel("7", &square(400.0, 300.0, 10.0))]).await;
    let after = parcels(&city).await;
    assert_ne!(before, after);

    let said = undo(&city, &first, true).await;
    assert_eq!(said.status(), 200, "{}", said.text());
    assert_eq!(said.json()["results"].as_array().unwrap().len(), 3);
    assert_eq!(parcels(&city).await, after, "only said");

    let second = id_of(&undo(&city, &first, false).await);
    assert_eq!(parcels(&city).await, before);
    let versions = read(&city, &format!("/api/v1/features/parcel/{PARCEL}/history")).await.json();
    assert_eq!(versions["versions"][0]["version"], 3, "the object returns with its next version: {versions}");
    assert_eq!(versions["versions"][0]["reason"], "nhầm");

    let again = undo(&city, &first, false).await;
    assert_eq!((again.status(), again.problem().slug.as_str()), (409, "already-undone"));
    assert_eq!(again.json()["undone_by"], json!(second));
    let kept = read(&city, &format!("/api/v1/changesets/{second}")).await.json();
    assert_eq!(kept["undoes"], json!(first));

    let third = id_of(&undo(&city, &second, false).await);
    assert_eq!(parcels(&city).await, after, "an undo is taken back too");
    id_of(&undo(&city, &third, false).await);
    assert_eq!(parcels(&city).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_built_on_stays_and_is_named() {
    let mut city = city().await;
    let other = parcel("7", &square(400.0, 300.0, 10.0));
    let first = written(&city, &[update(1, &json!({ "area_m2": 101 })), other]).await;
    let minh = token_of(&city, "minh", &[]);
    let lan = std::mem::replace(&mut city.token, minh);
    let second = written(&city, &[update(2, &json!({ "area_m2": 102 }))]).await;
    let before = parcels(&city).await;
    let refused = undo(&city, &first, false).await;
    assert_eq!((refused.status(), refused.problem().slug.as_str()), (409, "built-on"), "{}", refused.text());
    let features = refused.json()["features"].clone();
    assert_eq!(features.as_array().unwrap().len(), 1, "{features}");
    assert_eq!(
        (&features[0]["id"], &features[0]["there"], &features[0]["actor"]),
        (&json!(PARCEL), &json!(3), &json!("minh"))
    );
    assert_eq!(parcels(&city).await, before, "nothing was written");
    // Last first, it goes.
    id_of(&undo(&city, &second, false).await);
    let still = undo(&city, &first, false).await;
    assert_eq!(still.status(), 409, "the undo of the second is a change too");
    city.token = lan;
    let alone = written(&city, &[update(4, &json!({ "area_m2": 103 }))]).await;
    id_of(&undo(&city, &alone, false).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_needs_the_rights_of_the_change() {
    let mut city = city().await;
    let first = written(&city, &[update(1, &json!({ "area_m2": 101 }))]).await;
    let path = format!("/api/v1/changesets/{first}/undo");
    assert_eq!(city.post(&path, json!({ "reason": "x" })).await.status(), 401);
    assert_eq!(city.get("/api/v1/changesets").await.status(), 401);
    city.sql(NEXT_WARD).await;
    let minh = token_of(&city, "minh", &["90002"]);
    let full = std::mem::replace(&mut city.token, minh);
    assert_eq!(undo(&city, &first, false).await.status(), 403);
    city.token = token_with(&city, "minh", "see_staff");
    assert_eq!(undo(&city, &first, false).await.status(), 403);
    city.token = full;
    assert_eq!(undo(&city, &Uuid::now_v7().to_string(), false).await.status(), 404);
    let empty =
        Answer::read(city.request("POST", &path).bearer_auth(&city.token).json(&json!({ "reason": " " }))).await;
    assert_eq!(empty.status(), 400);
    id_of(&undo(&city, &first, false).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn change_sets_are_listed_page_by_page() {
    let city = city().await;
    let mut ids = Vec::new();
    for version in 1..=3 {
        ids.push(written(&city, &[update(version, &json!({ "area_m2": 100 + version }))]).await);
    }
    ids.push(id_of(&undo(&city, &ids[2], false).await));
    ids.reverse();
    let listed = |answer: &Value| -> Vec<String> {
        answer["changesets"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = read(&city, "/api/v1/changesets?limit=3").await.json();
    assert_eq!(listed(&first), ids[..3]);
    assert_eq!(first["changesets"][0]["undoes"], json!(ids[1]));
    assert_eq!(first["changesets"][1]["undone_by"], json!(ids[0]));
    assert_eq!(first["changesets"][0]["layers"], json!([{ "layer": "parcel", "insert": 0, "update": 1, "delete": 0 }]));
    let next = first["next"].as_str().unwrap();
    let rest = read(&city, &format!("/api/v1/changesets?limit=3&after={next}")).await.json();
    assert_eq!((listed(&rest), &rest["next"]), (ids[3..].to_vec(), &json!(null)));
    assert_eq!(listed(&read(&city, "/api/v1/changesets?layer=tree").await.json()), Vec::<String>::new());
    assert_eq!(listed(&read(&city, "/api/v1/changesets?layer=parcel&by=lan").await.json()), ids);
    assert_eq!(listed(&read(&city, "/api/v1/changesets?by=minh").await.json()), Vec::<String>::new());
    assert_eq!(
        listed(&read(&city, "/api/v1/changesets?since=2999-01-01T00:00:00Z").await.json()),
        Vec::<String>::new()
    );
    assert_eq!(read(&city, "/api/v1/changesets?layer=nonsense").await.status(), 404);
    assert_eq!(read(&city, "/api/v1/changesets?since=yesterday").await.status(), 400);
}
