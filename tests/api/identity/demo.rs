//! The demo's one-click roles, and that no other server has them.

use serde_json::json;

use super::{cookie, me, sign_in};
use crate::support::{Answer, TestCity};

async fn try_as(city: &TestCity, role: &str) -> Answer {
    city.post("/api/v1/demo/try-as", json!({ "role": role })).await
}

pub async fn demo_city() -> TestCity {
    let city = TestCity::with(|config| config.demo = true).await;
    for _ in 0..2 {
        dothi::identity::demo::make_people(&mut city.owner().await, Some("26740")).await.unwrap();
    }
    city
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_demo_one_click_makes_a_planner_of_the_ward() {
    let city = demo_city().await;
    let nobody = city.get("/api/v1/me").await.json();
    let roles = json!(["planner", "officer", "inspector", "asset_keeper", "signatory", "administrator"]);
    assert_eq!(nobody["try_as"], roles);
    assert_eq!(nobody["layers"]["parcel"], json!({ "read": true, "edit": null }));
    for role in roles.as_array().unwrap() {
        let session = cookie(&try_as(&city, role.as_str().unwrap()).await);
        let known = me(&city, "cookie", &session).await.json();
        assert_eq!(known["grants"], json!([{ "role": role, "area": { "units": ["26740"] } }]));
    }
    let planner = cookie(&try_as(&city, "planner").await);
    let known = me(&city, "cookie", &planner).await.json();
    assert_eq!(known["account"], "demo.planner");
    assert_eq!(known["layers"]["planning_zone"], json!({ "read": true, "edit": { "units": ["26740"] } }));
    assert_eq!(known["layers"]["tree"], json!({ "read": true, "edit": null }));
    assert_eq!(known["layers"]["permit"]["edit"], json!(null), "cases write it");
    let refused = try_as(&city, "leader").await;
    assert_eq!((refused.status(), refused.problem().field.as_deref()), (400, Some("role")));
    let foreign = city.request("POST", "/api/v1/demo/try-as").header("sec-fetch-site", "cross-site");
    assert_eq!(Answer::read(foreign.json(&json!({ "role": "planner" }))).await.status(), 403);
    assert_eq!(sign_in(&city, "demo.planner", "").await.status(), 401, "no password opens them");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_server_has_one_click_roles_not_even_on_the_demos_database() {
    let demo = demo_city().await;
    let session = cookie(&try_as(&demo, "administrator").await);
    assert_eq!(me(&demo, "cookie", &session).await.json()["account"], "demo.administrator");
    let city = TestCity::start().await;
    assert_eq!(try_as(&city, "administrator").await.status(), 404);
    assert_eq!(city.get("/api/v1/me").await.json()["try_as"], json!([]));
    // The demo's database, served by something else than the demo.
    let served = TestCity::on_database(demo.database_name().to_owned(), |_| {}).await;
    assert_eq!(try_as(&served, "administrator").await.status(), 404);
    assert!(me(&served, "cookie", &session).await.json()["account"].is_null());
}
