//! What is not public never leaves: a mark is planted in each private place and looked for in every answer.

use crate::corner::{self, at};
use crate::support::TestCity;

const MARK: &str = "PRIVATEMARK";

/// Plants the mark wherever somebody might put what is nobody's business.
async fn plant(city: &TestCity) {
    // Every private attribute of text in every layer with a place, and the extra columns of staff.
    let mut owner = city.owner().await;
    let private: Vec<(String, String)> = sqlx::query_as(
        "SELECT attribute.layer, attribute.name FROM catalog.attribute JOIN catalog.layer ON layer.name = attribute.layer \
         WHERE attribute.private AND attribute.kind IN ('text', 'code') AND layer.geometry IS NOT NULL ORDER BY 1, 2",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(private.iter().any(|(layer, name)| layer == "parcel" && name == "certificate_number"), "{private:?}");
    let (lon, lat) = at(2.0, 10.0);
    let area = format!("ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326), 0.00003))");
    let point = format!("ST_SetSRID(ST_MakePoint({lon}, {lat}), 4326)");
    let statements = [
        format!(
            "INSERT INTO gis.permit (permit_number, authority, kind, state, external_dossier_code, geom) VALUES ('GP1', 'UBND', 'moi', 'da_cap', '{MARK}-dossier', {area})"
        ),
        format!(
            "INSERT INTO gis.permit (permit_number, authority, kind, state, geom) VALUES ('{MARK}-hidden-row', 'UBND', 'moi', 'tham_dinh', {area})"
        ),
        format!(
            "INSERT INTO gis.works (works_code, state, notes, geom) VALUES ('W1', 'dang_thi_cong', '{MARK}-notes', {area})"
        ),
        format!(
            "INSERT INTO gis.violation (case_code, state, kind, address, geom) VALUES ('{MARK}-case', 'cho_xac_minh', 'khong_phep', '{MARK}-address', {point})"
        ),
        format!("INSERT INTO gis.water_valve (valve_number, geom) VALUES ('{MARK}-valve', {point})"),
        format!("INSERT INTO gis.water_meter (meter_number, kind, geom) VALUES ('{MARK}-meter', 'ho', {point})"),
        format!(
            "INSERT INTO gis.building (source_ref, use, storeys, address, permit_number, geom) VALUES ('b1', 'nha_o', 3, '{MARK}-building-address', '{MARK}-building-permit', {area})"
        ),
        format!(
            "INSERT INTO gis.lamp_post (post_number, state, cabinet, managed_by, geom) VALUES ('L1', 'sang', '{MARK}-cabinet', '{MARK}-managed', {point})"
        ),
        format!("UPDATE gis.parcel SET extra = '{{\"note\": \"{MARK}-extra\"}}'"),
        format!("UPDATE gis.tree SET extra = '{{\"note\": \"{MARK}-extra\"}}'"),
    ];
    for statement in &statements {
        city.sql(statement).await;
    }
    for (layer, name) in private {
        city.sql(&format!("UPDATE gis.{layer} SET \"{name}\" = '{MARK}-{layer}-{name}'")).await;
    }
    let planted = plant_every_layer(city, &point).await;
    assert!(planted > 60, "{planted} places where the catalog hides words");
    plant_persons(city).await;
    corner::until_known(city).await;
}

/// One attribute of a layer: name, kind, whether a row must have it, whether the public may see it.
type Attribute = (String, String, bool, bool);

/// A row in every layer of the catalog, with the mark in each attribute that the public may not see and in `extra`, and a
/// second version of it, so that history has the mark too. Returns how many attributes were marked.
async fn plant_every_layer(city: &TestCity, point: &str) -> usize {
    let mut owner = city.owner().await;
    let layers: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT name, geometry FROM catalog.layer ORDER BY name").fetch_all(&mut owner).await.unwrap();
    let mut planted = 0;
    for (layer, geometry) in layers {
        let attributes: Vec<Attribute> = sqlx::query_as(
            "SELECT attribute.name, attribute.kind, attribute.required,
                 NOT attribute.private AND (layer.public @> '{*}' OR attribute.name = ANY (layer.public))
             FROM catalog.attribute JOIN catalog.layer ON layer.name = attribute.layer WHERE layer.name = $1 ORDER BY attribute.position",
        )
        .bind(&layer)
        .fetch_all(&mut owner)
        .await
        .unwrap();
        let mut row = vec![("extra".to_owned(), format!("'{{\"note\": \"{MARK}-{layer}-extra\"}}'"))];
        if let Some(kind) = &geometry {
            row.push(("geom".to_owned(), shape(kind, point)));
        }
        for (name, kind, required, shown) in attributes {
            let is_words = matches!(kind.as_str(), "text" | "code");
            planted += usize::from(is_words && !shown);
            let value = match kind.as_str() {
                _ if is_words && !shown => format!("'{MARK}-{layer}-{name}'"),
                "json" if !shown => format!("'{{\"note\": \"{MARK}-{layer}-{name}\"}}'"),
                _ if !required => continue,
                "text" | "code" => format!("'seen-{layer}'"),
                "date" | "timestamp" => "'2026-01-01'".to_owned(),
                "bool" => "false".to_owned(),
                "json" => "'{}'".to_owned(),
                _ => "1".to_owned(),
            };
            row.push((format!("\"{name}\""), value));
        }
        let (names, values): (Vec<String>, Vec<String>) = row.into_iter().unzip();
        city.sql(&format!(
            "INSERT INTO gis.{layer} ({}) VALUES ({}); UPDATE gis.{layer} SET extra = extra WHERE extra::text LIKE '%{MARK}%'",
            names.join(", "),
            values.join(", ")
        ))
        .await;
    }
    planted
}

/// A small shape of the kind that a layer takes.
fn shape(kind: &str, point: &str) -> String {
    let around = format!("ST_Buffer({point}, 0.00003)");
    match kind {
        "line" => format!("ST_ExteriorRing({around})"),
        "multiline" => format!("ST_Multi(ST_ExteriorRing({around}))"),
        "polygon" => around,
        "multipolygon" => format!("ST_Multi({around})"),
        "multipoint" => format!("ST_Multi({point})"),
        _ => point.to_owned(),
    }
}

/// Somebody who holds the corner's parcel, in every column of `gis_private` that takes words, and a look-up of them.
async fn plant_persons(city: &TestCity) {
    city.sql(&format!(
        "WITH who AS (INSERT INTO gis_private.party (kind, name, id_kind, id_number, phone, email, address, purpose, retain_until)
             VALUES ('person', '{MARK}-name', '{MARK}-paper', '{MARK}-id', '{MARK}-phone', '{MARK}@example.vn', '{MARK}-home',
                 '{MARK}-purpose', '2030-01-01') RETURNING id),
         holds AS (INSERT INTO gis_private.party_parcel (party, parcel, relation, certificate_number)
             SELECT who.id, parcel.id, 'right', '{MARK}-certificate' FROM who, gis.parcel AS parcel)
         INSERT INTO gis_private.access_log (party, reason) SELECT id, '{MARK}-reason' FROM who"
    ))
    .await;
    let mut owner = city.owner().await;
    let empty: Vec<String> = sqlx::query_scalar(
        "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'gis_private'
             AND data_type = 'text' AND column_name NOT IN ('kind', 'relation', 'created_by', 'actor') ORDER BY 1",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    for place in empty {
        let (table, column) = place.split_once('.').unwrap();
        let sql = format!("SELECT count(*) FROM gis_private.{table} WHERE {column} LIKE '%{MARK}%'");
        let marked: i64 = sqlx::query_scalar(&sql).fetch_one(&mut owner).await.unwrap();
        assert!(marked > 0, "a new private place, {place}, has no mark yet");
    }
}

/// Every answer that the public can get around the corner.
fn questions(city: &TestCity) -> Vec<String> {
    let (lon, lat) = at(2.0, 10.0);
    let state = city.app.live.state();
    let mut layers: Vec<String> = state.core.layers().iter().map(|layer| layer.schema().name.to_string()).collect();
    // What the core does not even hold is asked for all the same.
    layers.extend(["water_meter", "violation", "luminaire", "party", "party_parcel"].map(str::to_owned));
    layers.sort();
    layers.dedup();
    let yesterday = dothi::live::today().pred_opt().unwrap();
    let mut questions = vec![
        format!("/api/v1/lookup?lon={lon}&lat={lat}"),
        format!("/api/v1/lookup?lon={lon}&lat={lat}&date={yesterday}"),
        format!("/api/v1/lookup?lon={lon}&lat={lat}&known_at={}", dothi::live::today()),
        "/api/v1/lookup?parcel=00000000-0000-7000-8000-000000000345".to_owned(),
        "/api/v1/lookup?parcel=nobody".to_owned(),
        "/api/v1/lookup?lon=1000&lat=0".to_owned(),
        "/api/v1/imports".to_owned(),
        "/api/v1/nothing-here".to_owned(),
        "/api/v1/layers".to_owned(),
        "/styles/city.json".to_owned(),
        "/api/v1/openapi.json".to_owned(),
        "/readyz".to_owned(),
        "/metrics".to_owned(),
    ];
    for layer in &layers {
        questions.push(format!("/api/v1/near?lon={lon}&lat={lat}&layers={layer}&radius_m=500"));
        questions.push(format!(
            "/api/v1/within?layers={layer}&bbox={},{},{},{}",
            lon - 0.01,
            lat - 0.01,
            lon + 0.01,
            lat + 0.01
        ));
        questions.push(format!("/tiles/{layer}"));
        questions.push(format!("/tiles/{layer}.csv"));
        questions.push(format!("/tiles/{layer}/30/0/0"));
        questions.push(format!("/api/v1/near?lon=east&lat={lat}&layers={layer}"));
        questions.push(format!("/api/v1/within?layers={layer}&bbox=1,2,3"));
        questions.push(format!("/ogc/collections/{layer}/items"));
        for z in [0, 10, 14, 16, 18, 20] {
            let tile = dothi_tiles::TileId::at(lon, lat, z);
            questions.push(format!("/tiles/{layer}/{z}/{}/{}", tile.x, tile.y));
            questions.push(format!("/tiles/{layer}/{z}/{}/{}?date={yesterday}", tile.x, tile.y));
        }
    }
    for text in [
        "PRIVATEMARK",
        "privatemark hidden row",
        "PRIVATEMARK-certificate",
        "PRIVATEMARK-meter",
        "PRIVATEMARK-case",
        "345",
        "GP1",
        "W1",
    ] {
        questions.push(format!("/api/v1/search?q={text}").replace(' ', "+"));
    }
    questions
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_holds_what_is_not_public() {
    let city = corner::city().await;
    let mut listening = city.app.live.events.listen(None);
    plant(&city).await;
    let mut answered = 0;
    let mut refused = 0;
    for question in questions(&city) {
        let answer = city.get(&question).await;
        refused += u32::from(answer.status() >= 400);
        // The question itself is repeated by search; what was found must not hold the mark.
        let asked = question.contains("/search");
        let found = if asked {
            answer.json()["results"].to_string()
        } else {
            String::from_utf8_lossy(answer.bytes()).into_owned()
        };
        assert!(!found.contains(MARK), "{question} answered {found}");
        answered += u32::from(answer.status() == 200);
    }
    assert!(answered > 100, "{answered} questions were answered");
    assert!(refused > 100, "{refused} questions were refused, in words that were read too");
    let (lon, lat) = at(2.0, 10.0);
    let state = city.app.live.state();
    for layer in state.core.layers() {
        let layer = layer.schema().name.to_string();
        let (w, s, e, n) = (lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01);
        let ring = serde_json::json!([[[w, s], [e, s], [e, n], [w, n], [w, s]]]);
        let shape = serde_json::json!({"type": "Polygon", "coordinates": ring});
        let answer = city.post(&format!("/api/v1/within?layers={layer}"), shape).await;
        assert!(!String::from_utf8_lossy(answer.bytes()).contains(MARK), "within {layer}");
    }
    while let Ok(event) = listening.coming.try_recv() {
        assert!(!format!("{event:?}").contains(MARK), "{event:?}");
    }
}

/// Every address that the OpenAPI document answers with GET, for every layer and every object that stands in its path.
async fn addresses_of_the_document(city: &TestCity, layers: &[String], ids: &[String]) -> Vec<String> {
    let (lon, lat) = at(2.0, 10.0);
    let tile = dothi_tiles::TileId::at(lon, lat, 16);
    let (west, south, east, north) = (lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01);
    let document = city.get("/api/v1/openapi.json").await.json();
    let mut addresses = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        // A stream has no end; what it tells is looked at beside.
        if !methods["get"].is_object() || path == "/api/v1/events" {
            continue;
        }
        let parameters = methods["get"]["parameters"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> =
            parameters.iter().filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str()).collect();
        for layer in layers {
            let mut query = Vec::new();
            for (name, value) in [
                ("lon", lon.to_string()),
                ("lat", lat.to_string()),
                ("layers", layer.clone()),
                ("radius_m", "500".to_owned()),
                ("bbox", format!("{west},{south},{east},{north}")),
                ("geometry", "true".to_owned()),
            ] {
                if names.contains(&name) {
                    query.push(format!("{name}={value}"));
                }
            }
            if path.ends_with("/search") {
                query.push("q=345".to_owned());
            }
            let filled = path
                .replace("{layers}", layer)
                .replace("{layer}", layer)
                .replace("{z}/{x}/{y}", &format!("16/{}/{}", tile.x, tile.y))
                .replace("{name}", "city.json");
            let of_each = if filled.contains('{') { ids } else { &[String::new()][..] };
            for id in of_each {
                let address = match filled.split_once('{') {
                    Some((before, after)) => format!("{before}{id}{}", after.split_once('}').expect("a brace").1),
                    None => filled.clone(),
                };
                addresses.push(format!("{address}?{}", query.join("&")));
            }
        }
    }
    addresses.sort();
    addresses.dedup();
    addresses
}

/// A new route is asked by itself: by nobody, and by a planner, who may see what staff see and may look up no person.
#[tokio::test(flavor = "multi_thread")]
async fn no_route_of_the_document_shows_what_is_private_to_who_may_not_see_it() {
    let city = corner::city().await;
    plant(&city).await;
    city.sql(
        "WITH who AS (INSERT INTO identity.person (account, name) VALUES ('planner', 'P') RETURNING id),
         given AS (INSERT INTO identity.given (person, role) SELECT id, 'planner' FROM who)
         INSERT INTO identity.session (hash, person, second_at) SELECT sha256('planner'), id, now() FROM who",
    )
    .await;
    let mut owner = city.owner().await;
    let layers: Vec<String> =
        sqlx::query_scalar("SELECT name FROM catalog.layer ORDER BY name").fetch_all(&mut owner).await.unwrap();
    let mut ids: Vec<String> = Vec::new();
    for layer in &layers {
        let sql =
            format!("SELECT id::text FROM gis.{layer} WHERE extra::text LIKE '%{MARK}%' ORDER BY fid DESC LIMIT 1");
        ids.extend(sqlx::query_scalar::<_, String>(&sql).fetch_all(&mut owner).await.unwrap());
    }
    // What staff see of a layer is no secret to a planner; private attributes and persons are.
    let mut private: Vec<String> = sqlx::query_scalar(
        "SELECT format('PRIVATEMARK-%s-%s', layer, name) FROM catalog.attribute WHERE private AND kind IN ('text', 'code')",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    private.extend(["name", "paper", "id", "phone", "home", "reason"].map(|word| format!("\"{MARK}-{word}")));
    let (mut answered, mut leaks) = (std::collections::BTreeMap::<&str, usize>::new(), Vec::new());
    // A history stands under its own layer alone: of each object one layer is asked.
    for address in addresses_of_the_document(&city, &layers, &ids).await {
        for who in ["nobody", "planner"] {
            let mut request = city.request("GET", &address);
            if who == "planner" {
                request = request.header("cookie", "dothi_session=planner");
            }
            let answer = crate::support::Answer::read(request).await;
            let text = String::from_utf8_lossy(answer.bytes()).into_owned();
            *answered.entry(who).or_default() += usize::from(answer.status() == 200);
            let leak = match who {
                "nobody" => text.contains(MARK).then(|| MARK.to_owned()),
                _ => private.iter().find(|mark| text.contains(mark.as_str())).cloned(),
            };
            leaks.extend(leak.map(|mark| format!("{who} reads {mark} at {address}")));
        }
    }
    assert!(leaks.is_empty(), "{}:\n{}", leaks.len(), leaks.join("\n"));
    assert!(answered["nobody"] > 100 && answered["planner"] > answered["nobody"] + 50, "{answered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mark_would_be_found_if_it_were_public() {
    let city = corner::city().await;
    city.sql(&format!("UPDATE gis.tree SET common_name = '{MARK}-public', tree_number = '{MARK}-1'")).await;
    corner::until_known(&city).await;
    let mut found = 0;
    for question in questions(&city) {
        let answer = city.get(&question).await;
        found += usize::from(String::from_utf8_lossy(answer.bytes()).contains("PRIVATEMARK-public"));
    }
    assert!(found >= 5, "tiles, lookup, near, within and search show what is public: {found}");
}

/// What a server with the fullest log writes while all questions are asked; the words of a search are the asker's own.
#[tokio::test(flavor = "multi_thread")]
async fn no_line_of_the_log_holds_what_is_not_public() {
    let city = corner::city().await;
    plant(&city).await;
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let file = std::fs::File::create(&log).expect("a file for the log");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_dothi"))
        .arg("serve")
        .env("DOTHI_LISTEN", "127.0.0.1:0")
        .env("DOTHI_LOG", "debug")
        .env("DATABASE_URL", city.database_url())
        .stdout(std::process::Stdio::piped())
        .stderr(file)
        .spawn()
        .expect("dothi starts");
    let mut said = std::io::BufReader::new(child.stdout.take().expect("it is piped"));
    let mut first = String::new();
    let mut lines = String::new();
    use std::io::{BufRead as _, Read as _};
    while !first.contains("http://") {
        first.clear();
        assert!(said.read_line(&mut first).expect("it says something") > 0, "{lines}");
        lines += &first;
    }
    let origin = first[first.find("http://").unwrap_or(0)..].trim().to_owned();
    for question in questions(&city).into_iter().filter(|q| !q.contains("/search")) {
        city.client.get(format!("{origin}{question}")).send().await.expect("it answers");
    }
    city.sql("UPDATE gis.water_meter SET extra = extra; UPDATE gis.violation SET extra = extra").await;
    let ended = std::process::Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(ended.expect("kill runs").success());
    child.wait().expect("it ends");
    said.read_to_string(&mut lines).expect("what it still said");
    lines += &std::fs::read_to_string(&log).expect("the log");
    assert!(lines.contains("/api/v1/lookup"), "requests are logged: {lines}");
    let leak = lines.lines().find(|line| line.contains(MARK));
    assert!(leak.is_none(), "{leak:?}");
}

/// The net has no hole: what is planted in a layer is found there as soon as that layer is opened.
#[tokio::test(flavor = "multi_thread")]
async fn every_layer_shows_its_mark_once_it_is_opened() {
    let city = corner::city().await;
    plant(&city).await;
    let mut owner = city.owner().await;
    let hiding: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT layer.name FROM catalog.layer JOIN catalog.attribute ON attribute.layer = layer.name
         WHERE layer.geometry IS NOT NULL AND attribute.kind IN ('text', 'code')
             AND (attribute.private OR NOT (layer.public @> '{*}' OR attribute.name = ANY (layer.public))) ORDER BY 1",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(hiding.len() > 10, "{hiding:?}");
    city.sql(
        "UPDATE catalog.attribute SET private = false, in_tile = true WHERE kind IN ('text', 'code');
         UPDATE catalog.layer SET public = '{*}', public_rows = NULL, private = false",
    )
    .await;
    corner::until_known(&city).await;
    let (lon, lat) = at(2.0, 10.0);
    for layer in hiding {
        let question = format!("/api/v1/near?lon={lon}&lat={lat}&layers={layer}&radius_m=500&limit=50");
        let mark = format!("{MARK}-{layer}-");
        city.until(&format!("{layer} shows its mark"), || async { city.get(&question).await.text().contains(&mark) })
            .await;
    }
}
