//! The catalog: what ships, what an administrator adds or alters, and what a new version may renew.

use std::collections::BTreeSet;

use dothi::catalog::{self, cli, parse_layer, shipped_layers};
use sqlx::PgConnection;

use super::value;
use crate::support::TestCity;

/// The design's table of layers: name, geometry, master, detail zoom, public (`*` all, `-` nothing, else some), legal.
const DESIGN: &str = "
    admin_unit multipolygon here 8 * no; address point here 17 * no; place point here 14 * no; parcel multipolygon land 15 some yes;
    land_use multipolygon land 14 * no; land_price any land 15 * no; plan multipolygon plan 10 * yes;
    land_use_plan multipolygon plan 14 * yes; planning_zone multipolygon plan 14 * yes; planning_line multiline plan 15 * yes;
    protection_area multipolygon here 13 * no; road multiline here 12 * no; building multipolygon here 15 some no;
    water_area multipolygon here 10 * no; green_space multipolygon here 13 * no; heritage_site any here 13 * no;
    tree point here 16 * no; water_pipe line here 15 - no; water_node point here 16 - no; water_valve point here 17 - no;
    hydrant point here 15 * no; water_meter point here 18 - no; drain_pipe line here 16 - no; drain_node point here 16 - no;
    lamp_post point here 16 some no; lighting_cabinet point here 16 - no; lighting_line line here 16 - no;
    power_line line here 13 * no; power_station any here 13 * no; permit multipolygon case 15 some no;
    works multipolygon case 15 some no; violation point case 16 - no";
const WITHOUT_PLACE: [&str; 5] = ["luminaire", "admin_unit_former", "admin_unit_change", "legal_document", "species"];

/// The snake-case word of a unit variant.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).expect("a word").as_str().expect("a word").to_owned()
}

#[tokio::test]
async fn the_catalog_of_a_new_city_is_the_table_of_the_design() {
    let city = TestCity::start().await;
    let catalog = catalog::load(&mut city.owner().await).await.expect("loads");
    let said: BTreeSet<String> = catalog
        .layers
        .iter()
        .filter(|layer| layer.has_geometry())
        .map(|layer| {
            let public = match layer.public.as_slice() {
                [] => "-",
                [all] if all == "*" => "*",
                _ => "some",
            };
            let legal = if layer.legal { "yes" } else { "no" };
            format!(
                "{} {} {} {} {public} {legal}",
                layer.name,
                word(layer.geometry),
                word(layer.master),
                layer.detail_zoom
            )
        })
        .collect();
    let wanted: BTreeSet<String> =
        DESIGN.split(';').map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(said, wanted);
    for name in WITHOUT_PLACE {
        assert!(catalog.layer(name).is_some_and(|layer| !layer.has_geometry()), "{name}");
    }
    assert_eq!(catalog.layers.len(), wanted.len() + WITHOUT_PLACE.len());
    let shipped = shipped_layers().expect("they parse");
    assert_eq!(catalog.layers, shipped, "what was written is what is read");
}

#[test]
fn every_file_of_the_folder_ships_and_names_only_what_exists() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalog/layers");
    let files: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|file| file.expect("a file").path().file_stem().expect("a stem").to_string_lossy().into_owned())
        .collect();
    let layers = shipped_layers().expect("they parse");
    assert_eq!(files, layers.iter().map(|layer| layer.name.clone()).collect());
    let lists: Vec<String> = catalog::shipped_lists().expect("they parse").into_iter().map(|(name, _)| name).collect();
    for (layer, attribute) in layers.iter().flat_map(|layer| layer.attributes.iter().map(move |a| (layer, a))) {
        let place = format!("{}.{}", layer.name, attribute.name);
        assert!(attribute.code_list.as_ref().is_none_or(|list| lists.contains(list)), "{place}: unknown code list");
        assert!(!attribute.comment.is_empty(), "{place} says nothing");
        assert!(!attribute.comment_vi.is_empty(), "{place} says nothing in Vietnamese");
        if let Some(named) = &attribute.refers_to {
            let (other, column) = named.split_once('.').expect("layer.attribute");
            let other = layers.iter().find(|layer| layer.name == other).unwrap_or_else(|| panic!("{place}: {named}"));
            assert!(other.attribute(column).is_some(), "{place}: {named}");
        }
    }
    let codes = catalog::shipped_codes().expect("they parse");
    assert!(codes.iter().all(|(list, _)| lists.contains(list)));
    assert!(lists.iter().all(|list| codes.iter().any(|(of, _)| of == list)), "no list is empty");
}

/// The words of an enum: serde lists them when it meets one that it does not know.
fn words<T: serde::de::DeserializeOwned>() -> BTreeSet<String> {
    let Err(error) = serde_json::from_str::<T>("\"?\"") else { panic!("? is no word") };
    error.to_string().split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[tokio::test]
async fn enums_and_checks_know_the_same_words() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    let mut geometry = words::<catalog::Geometry>();
    assert!(geometry.remove("none"), "none is null in the table");
    for (constraint, wanted) in [
        ("layer_geometry", geometry),
        ("layer_master", words::<catalog::Master>()),
        ("layer_low_zoom", words::<catalog::LowZoom>()),
        ("attribute_kind", words::<catalog::Kind>()),
    ] {
        let query = format!("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = '{constraint}'");
        let definition: String = value(&mut owner, &query).await;
        let said: BTreeSet<String> = definition.split('\'').skip(1).step_by(2).map(str::to_owned).collect();
        assert_eq!(said, wanted, "{constraint}");
    }
}

#[tokio::test]
async fn every_table_column_and_function_says_what_it_is() {
    let city = TestCity::start().await;
    let silent: Vec<String> = sqlx::query_scalar(
        "SELECT c.oid::regclass::text || coalesce('.' || a.attname, '') FROM pg_class AS c
         LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         WHERE c.relkind IN ('r', 'v', 'p') AND c.relnamespace::regnamespace::text IN ('gis', 'gis_history', 'gis_private', 'catalog', 'feed')
           AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)
         UNION ALL SELECT p.oid::regprocedure::text FROM pg_proc AS p
         WHERE p.pronamespace::regnamespace::text IN ('gis', 'gis_trigger', 'feed') AND obj_description(p.oid, 'pg_proc') IS NULL",
    )
    .fetch_all(&mut city.owner().await)
    .await
    .expect("answers");
    assert_eq!(silent, Vec::<String>::new());
}

const BENCHES: &str = r#"
name = "bench"
title = { vi = "Ghế đá", en = "Bench" }
comment = "Public benches"
group = "nature"
geometry = "point"
key = ["bench_number"]
low_zoom = "cluster"
public = ["*"]

[[attribute]]
name = "bench_number"
kind = "text"
title = { vi = "Số hiệu", en = "Number" }
required = true
searchable = true

[[attribute]]
name = "condition"
kind = "code"
code_list = "condition"
title = { vi = "Tình trạng", en = "Condition" }
"#;

/// What a table has from us, without the names of the layer's own columns.
async fn parts(owner: &mut PgConnection, layer: &str) -> Vec<String> {
    let query = format!(
        "SELECT replace(part, '{layer}', '*') FROM (
            SELECT 'constraint ' || conname FROM pg_constraint WHERE conrelid = 'gis.{layer}'::regclass AND contype <> 'n'
            UNION ALL SELECT 'index ' || indexrelid::regclass FROM pg_index WHERE indrelid = 'gis.{layer}'::regclass
            UNION ALL SELECT 'trigger ' || tgname || ' ' || tgenabled::text FROM pg_trigger WHERE tgrelid = 'gis.{layer}'::regclass
            UNION ALL SELECT 'grant ' || grantee || ' ' || privilege_type FROM information_schema.role_table_grants
                WHERE table_schema = 'gis' AND table_name = '{layer}'
            UNION ALL SELECT 'comment' FROM pg_description WHERE objoid = 'gis.{layer}'::regclass AND objsubid = 1) AS p(part)
         ORDER BY 1"
    );
    sqlx::query_scalar(&query).fetch_all(owner).await.expect("answers")
}

#[tokio::test]
async fn a_layer_added_years_ago_never_falls_behind() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    cli::add(&mut owner, &parse_layer(BENCHES).expect("a layer")).await.expect("is added");
    let shipped = parts(&mut owner, "tree").await;
    assert_eq!(parts(&mut owner, "bench").await, shipped);
    city.sql("INSERT INTO gis.bench (bench_number, condition, geom) VALUES ('1', 'tot', ST_Point(106.7, 10.77, 4326))")
        .await;
    // As an older version had left it: less of everything, and a fingerprint of that time.
    city.sql(
        "DROP TRIGGER after_update ON gis.bench; DROP INDEX gis.bench_source_id; REVOKE ALL ON gis.bench FROM dothi_app;
         ALTER TABLE gis.bench DROP CONSTRAINT bench_geom_on_earth; ALTER TABLE gis.bench DROP CONSTRAINT bench_one_row_at_a_time;
         ALTER TABLE gis_history.bench DROP COLUMN ended_import; COMMENT ON COLUMN gis.bench.fid IS NULL;
         UPDATE catalog.layer SET fitted = 'earlier' WHERE name = 'bench'",
    )
    .await;
    assert_ne!(parts(&mut owner, "bench").await, shipped);
    city.database.migrate().await.expect("migrates");
    assert_eq!(parts(&mut owner, "bench").await, shipped);
    city.sql("UPDATE gis.bench SET condition = 'hong lam roi'").await;
    let kept: String = value(&mut owner, "SELECT condition FROM gis_history.bench").await;
    assert_eq!(kept, "tot", "its rows and their history went on");
    let verbatim: String = value(&mut owner, "SELECT condition FROM gis.bench").await;
    assert_eq!(verbatim, "hong lam roi", "an unknown code is kept as it came");
}

#[tokio::test]
async fn a_new_version_renews_what_nobody_altered_and_nothing_else() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    city.sql(
        "-- The city opens its pipes and renames a colour.
         UPDATE catalog.layer SET public = '{*}' WHERE name = 'water_pipe';
         UPDATE catalog.code SET colour = '#123456' WHERE list = 'land_use' AND code = 'ODT';
         UPDATE catalog.attribute SET in_tile = true WHERE layer = 'tree' AND name = 'height_m';
         -- An earlier version shipped other words, which nobody touched.
         UPDATE catalog.layer SET title_vi = 'Ống', shipped = jsonb_set(shipped, '{title,vi}', '\"Ống\"') WHERE name = 'water_pipe';
         UPDATE catalog.code SET title_vi = 'Cũ', shipped = jsonb_set(shipped, '{title_vi}', '\"Cũ\"') WHERE list = 'land_use' AND code = 'ODT';
         UPDATE catalog.version SET shipped = 'earlier'",
    )
    .await;
    city.database.migrate().await.expect("migrates");
    let catalog = catalog::load(&mut owner).await.expect("loads");
    let pipe = catalog.layer("water_pipe").expect("ships");
    assert_eq!((pipe.title.vi.as_str(), pipe.public.as_slice()), ("Ống cấp nước", &["*".to_owned()][..]));
    assert!(catalog.layer("tree").and_then(|tree| tree.attribute("height_m")).expect("ships").in_tile);
    let today = chrono::NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
    let urban = catalog.code_lists["land_use"].code_on("ODT", today).expect("ships").clone();
    assert_eq!((urban.title.vi.as_str(), urban.colour.as_deref()), ("Đất ở tại đô thị", Some("#123456")));
}

#[tokio::test]
async fn a_change_of_the_catalog_goes_through_the_feed_once_a_transaction() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    let count = "SELECT count(*) FROM feed.change WHERE op = 'catalog'";
    let (before, version) =
        (value::<i64>(&mut owner, count).await, value::<i64>(&mut owner, "SELECT n FROM catalog.version").await);
    city.database.migrate().await.expect("migrates");
    assert_eq!(value::<i64>(&mut owner, count).await, before, "a start without news is no change");
    cli::add(&mut owner, &parse_layer(BENCHES).expect("a layer")).await.expect("is added");
    assert_eq!(value::<i64>(&mut owner, count).await, before + 1);
    assert_eq!(value::<i64>(&mut owner, "SELECT n FROM catalog.version").await, version + 1);
}

#[tokio::test]
async fn a_layer_can_be_altered_and_retired_but_loses_nothing() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    let described = parse_layer(BENCHES).expect("a layer");
    cli::add(&mut owner, &described).await.expect("is added");
    let twice = cli::add(&mut owner, &described).await.expect_err("it is there already").to_string();
    assert!(twice.contains("dothi layer alter"), "{twice}");

    let mut longer = described.clone();
    longer.attributes.push(catalog::Attribute {
        name: "length_m".into(),
        kind: catalog::Kind::Float,
        code_list: None,
        ..described.attributes[0].clone()
    });
    longer.attributes[2].required = false;
    cli::alter(&mut owner, &longer).await.expect("gains an attribute");
    let insert = "INSERT INTO gis.bench (bench_number, length_m, geom) VALUES ('1', 1.5, ST_Point(106.7, 10.77, 4326))";
    city.sql(insert).await;
    city.sql("UPDATE gis.bench SET length_m = 2").await;
    assert_eq!(value::<f64>(&mut owner, "SELECT length_m FROM gis_history.bench").await, 1.5);
    let shorter = cli::alter(&mut owner, &described).await.expect_err("history refers to it").to_string();
    assert!(shorter.contains("\"length_m\""), "{shorter}");
    let other = catalog::Layer { geometry: catalog::Geometry::Line, ..longer.clone() };
    let other = cli::alter(&mut owner, &other).await.expect_err("its rows are points").to_string();
    assert!(other.starts_with("geometry: \"bench\" was made for point"), "{other}");

    cli::retire(&mut owner, "bench", true).await.expect("retires");
    assert!(catalog::load(&mut owner).await.expect("loads").layer("bench").is_none());
    assert_eq!(value::<i64>(&mut owner, "SELECT count(*) FROM gis.bench").await, 1);
    cli::retire(&mut owner, "bench", false).await.expect("comes back");
    assert!(catalog::load(&mut owner).await.expect("loads").layer("bench").is_some());
    assert!(cli::retire(&mut owner, "no_such", true).await.is_err());
}

#[tokio::test]
async fn a_layer_brings_its_own_code_list_along() {
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    let list = |title: &str| {
        format!(
            "\n[[code_list]]\nname = \"wear\"\ntitle = {{ vi = \"Độ mòn\", en = \"Wear\" }}\ncodes = [\n  \
             {{ code = \"moi\", title = {{ vi = \"{title}\", en = \"New\" }}, colour = \"#2E7D4F\" }},\n]\n"
        )
    };
    let worn = BENCHES.replacen("code_list = \"condition\"", "code_list = \"wear\"", 1);
    let described = parse_layer(&format!("{worn}{}", list("Mới"))).expect("a layer");
    cli::add(&mut owner, &described).await.expect("is added");
    cli::alter(&mut owner, &parse_layer(&format!("{worn}{}", list("Còn mới"))).expect("a layer"))
        .await
        .expect("is altered");
    let catalog = catalog::load(&mut owner).await.expect("loads");
    let codes = &catalog.code_lists["wear"].codes;
    let said: Vec<_> =
        codes.iter().map(|code| (code.code.as_str(), code.title.vi.as_str(), code.colour.as_deref())).collect();
    assert_eq!(said, [("moi", "Còn mới", Some("#2E7D4F"))]);
    let wrong = format!("{worn}{}", list("Mới").replace("#2E7D4F", "green"));
    let error = parse_layer(&wrong).expect_err("no colour").to_string();
    assert!(error.contains("code_list \"wear\": colour"), "{error}");
}

#[tokio::test]
async fn the_example_in_the_documentation_is_a_layer() {
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_dothi")).args(["layer", "add", "--example"]).output();
    let printed = String::from_utf8(printed.expect("it runs").stdout).expect("text");
    let example = printed.as_str();
    let city = TestCity::start().await;
    cli::add(&mut city.owner().await, &parse_layer(example).expect("it parses")).await.expect("it is added");
    city.until("the server knows it", || async {
        let layers = city.get("/api/v1/layers").await.json();
        layers["layers"].as_array().is_some_and(|layers| layers.iter().any(|layer| layer["name"] == "bench"))
    })
    .await;
    city.sql("INSERT INTO gis.bench (bench_number, wear, geom) VALUES ('G-17', 'moi', ST_Point(106.7, 10.77, 4326))")
        .await;
    city.until("it is on the map", || async {
        let tile = city.get("/tiles/bench/16/52192/30795").await;
        tile.status() == 200 && !tile.bytes().is_empty()
    })
    .await;
}

#[tokio::test]
async fn a_wrong_file_is_answered_with_the_field() {
    for (from, to, field) in [
        ("name = \"bench\"", "name = \"Bench 1\"", "name"),
        ("geometry = \"point\"", "geometry = \"dot\"", "multipolygon"),
        ("geometry = \"point\"", "geometry = \"point\"\ndetail_zoom = 30", "detail_zoom"),
        ("low_zoom = \"cluster\"", "low_zoom = \"merge\"", "low_zoom"),
        ("key = [\"bench_number\"]", "key = [\"number\"]", "key: \"number\""),
        ("public = [\"*\"]", "public = [\"colour\"]", "public: \"colour\""),
        ("public = [\"*\"]", "colour = \"red\"", "colour"),
        ("code_list = \"condition\"\n", "", "attribute \"condition\": code_list"),
        ("name = \"condition\"", "name = \"geom\"", "attribute \"geom\": name"),
        ("name = \"condition\"", "name = \"bench_number\"", "stands twice"),
        ("required = true", "private = true\nin_tile = true", "attribute \"bench_number\": private"),
        ("title = { vi = \"Số hiệu\", en = \"Number\" }", "title = { vi = \"Số hiệu\" }", "en"),
    ] {
        assert!(BENCHES.contains(from), "{from}");
        let error = parse_layer(&BENCHES.replacen(from, to, 1)).expect_err(to).to_string();
        assert!(error.contains(field), "{to}: {error}");
    }
    let dated = BENCHES.replacen(
        "public = [\"*\"]",
        "public = [\"*\"]\npublic_rows = { attribute = \"placed_on\", values = [\"2020-01-01\"] }",
        1,
    ) + "[[attribute]]\nname = \"placed_on\"\nkind = \"date\"\ntitle = { vi = \"Ngày đặt\", en = \"Placed on\" }\n";
    let error = parse_layer(&dated).expect_err("a day is never equal to a text").to_string();
    assert!(error.contains("public_rows: \"placed_on\""), "{error}");
    let city = TestCity::start().await;
    let mut owner = city.owner().await;
    for (from, to, field) in [
        ("group = \"nature\"", "group = \"benches\"", "group: there is no group \"benches\""),
        ("required = true", "refers_to = \"tree\"", "attribute \"bench_number\": refers_to"),
        ("required = true", "refers_to = \"trees.tree_number\"", "refers_to: there is no layer \"trees\""),
        ("required = true", "refers_to = \"tree.number\"", "refers_to: tree has no attribute \"number\""),
        ("required = true", "refers_to = \"tree.height_m\"", "refers_to: tree.height_m is of kind float"),
        ("code_list = \"condition\"", "code_list = \"wear\"", "attribute \"condition\": code_list"),
    ] {
        let layer = parse_layer(&BENCHES.replacen(from, to, 1)).expect("well-formed");
        let error = cli::add(&mut owner, &layer).await.expect_err(to).to_string();
        assert!(error.contains(field), "{to}: {error}");
    }
    assert_eq!(value::<i64>(&mut owner, "SELECT count(*) FROM catalog.layer WHERE name = 'bench'").await, 0);
}

#[test]
fn all_that_is_wrong_in_a_file_is_said_at_once() {
    let mut text = BENCHES.to_owned();
    for (from, to) in [
        ("name = \"bench\"", "name = \"Bench 1\""),
        ("low_zoom = \"cluster\"", "low_zoom = \"merge\""),
        ("name = \"condition\"", "name = \"geom\""),
        ("public = [\"*\"]", "public = [\"colour\"]"),
    ] {
        text = text.replacen(from, to, 1);
    }
    let error = parse_layer(&text).expect_err("four slips").to_string();
    for field in ["name: \"Bench 1\"", "low_zoom:", "attribute \"geom\": name", "public: \"colour\""] {
        assert!(error.contains(field), "{field}: {error}");
    }
    let text = BENCHES.replacen("geometry = \"point\"", "geometry = \"dot\"", 1).replacen(
        "kind = \"code\"",
        "kind = \"list\"",
        1,
    );
    let error = parse_layer(&text).expect_err("two words").to_string();
    assert!(error.contains("layer: unknown word `dot`") && error.contains("unknown word `list`"), "{error}");
}
