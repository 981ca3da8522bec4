//! What a layer holds, for whom, when, and what it weighs.

use crate::support::*;
use dothi_tiles::{
    AttributeSchema, Audience, Change, Core, DateRange, Layer, LayerAccess, LayerName, LngLatBox, LowZoom, NewFeature,
    RowRule, TileId, Value, ValueKind, encode_tile,
};
use geo::{Point, polygon};

fn rows(attribute: &str, values: &[&str]) -> Audience {
    let rule = RowRule { attribute: attribute.into(), values: values.iter().map(|text| Value::text(text)).collect() };
    Audience::builder().layer_with(name(), LayerAccess { attributes: None, rows: Some(rule) }).build()
}

fn drawn(core: &Core, audience: &Audience, zoom: u8) -> String {
    let id = TileId::at(CENTRE.0, CENTRE.1, zoom);
    dothi_tiles::validate::describe(&encode_tile(core, &[name()], id, audience, None, today()))
}

#[test]
fn an_audience_sees_its_rows_and_attributes_and_nothing_else_at_any_zoom() {
    let mut hidden = feature(2, Point::new(CENTRE.0, CENTRE.1));
    hidden.values = vec![Value::text("hidden_kind"), Value::Null, Value::Float(7.5), Value::text("hush")];
    let core = core_of(schema(15, LowZoom::Cluster), [feature(1, Point::new(CENTRE.0, CENTRE.1)), hidden]);
    let layer = core.layer(&name()).expect("it was put in");
    let only_kind = Audience::builder().layer_attributes(name(), ["kind"]).build();
    for zoom in [3, 12, 16] {
        assert!(drawn(&core, &Audience::all(), zoom).contains("thing"));
        assert!(!drawn(&core, &Audience::all(), zoom).contains("hush"), "not an attribute for tiles");
        assert!(!drawn(&core, &only_kind, zoom).contains("height_m"));
        assert!(!drawn(&core, &rows("kind", &["a"]), zoom).contains("hidden_kind"));
        assert!(!drawn(&core, &rows("kind", &["a"]), zoom).contains("point_count"), "one row is no cluster");
        assert_eq!(drawn(&core, &rows("kind", &["z"]), zoom), "");
        assert_eq!(drawn(&core, &rows("no_such_attribute", &["a"]), zoom), "");
        assert_eq!(drawn(&core, &Audience::builder().build(), zoom), "");
    }
    let seen = layer.by_fid(1).expect("it is there");
    assert_eq!(layer.values(&seen, &only_kind), [("kind".into(), Value::text("a"))]);
    assert!(!layer.sees(&rows("kind", &["b"]), &seen));
}

#[test]
fn audiences_that_see_the_same_have_the_same_key() {
    let key = |audience: Audience| audience.key;
    assert_eq!(key(rows("kind", &["a"])), key(rows("kind", &["a"])));
    assert_ne!(key(rows("kind", &["a"])), key(rows("kind", &["b"])));
    assert_ne!(key(Audience::all()), key(Audience::builder().build()));
    let with = |attributes: &[&'static str]| {
        Audience::builder().layer_attributes(name(), attributes.iter().copied()).build().key
    };
    assert_ne!(with(&["kind"]), with(&["kind", "height_m"]));
}

#[test]
fn a_row_is_drawn_on_the_days_on_which_it_holds() {
    let mut before = feature(1, Point::new(CENTRE.0, CENTRE.1));
    let mut after = before.clone();
    let turn = Some(day("2026-12-01"));
    (before.valid, after.valid) = (DateRange::new(None, turn), DateRange::new(turn, None));
    (after.fid, after.version) = (2, 2);
    let core = core_of(schema(15, LowZoom::Cluster), [before.clone(), after]);
    let layer = core.layer(&name()).expect("it was put in");
    for zoom in [8, 16] {
        let on = |date: &str| {
            let id = TileId::at(CENTRE.0, CENTRE.1, zoom);
            fids(&encode_tile(&core, &[name()], id, &Audience::all(), None, day(date)))
        };
        assert_eq!((on("2026-11-30"), on("2026-12-01")), (vec![1], vec![2]));
    }
    assert_eq!(layer.by_id(before.id, today()).map(|row| row.fid()), Some(1));
    assert_eq!(layer.rows_of(before.id).len(), 2);
    assert_eq!(layer.next_boundary(today()), turn);
    assert_eq!(layer.next_boundary(day("2026-12-01")), None);
    let mut turned: Vec<_> = layer.turning(today(), day("2026-12-01"));
    turned.sort_by_key(|touched| touched.fid);
    assert_eq!(turned.iter().map(|t| (t.fid, t.new.is_some())).collect::<Vec<_>>(), [(1, false), (2, true)]);
    layer.apply(&[Change::ReplaceObject { id: before.id, rows: vec![feature(9, Point::new(CENTRE.0, CENTRE.1))] }]);
    assert_eq!((layer.len(), layer.next_boundary(today())), (1, None));
}

#[test]
fn an_object_that_is_replaced_keeps_only_its_new_rows() {
    let core = core_of(
        schema(15, LowZoom::Cluster),
        (1..4).map(|fid| NewFeature { id: uuid::Uuid::from_u128(77), ..feature(fid, Point::new(CENTRE.0, CENTRE.1)) }),
    );
    let layer = core.layer(&name()).expect("it was put in");
    let row = |fid| NewFeature { id: uuid::Uuid::from_u128(77), ..feature(fid, Point::new(1.0, 1.0)) };
    let touched = layer.apply(&[Change::ReplaceObject { id: uuid::Uuid::from_u128(77), rows: vec![row(2), row(8)] }]);
    let told: Vec<_> = touched.iter().map(|t| (t.fid, t.old.is_some(), t.new.is_some())).collect();
    assert_eq!(told, [(1, true, false), (3, true, false), (2, true, true), (8, false, true)]);
    assert_eq!(layer.rows_of(uuid::Uuid::from_u128(77)).iter().map(|row| row.fid()).collect::<Vec<_>>(), [2, 8]);
    let far = LngLatBox::new(0.0, 0.0, 2.0, 2.0);
    assert_eq!(layer.intersecting(far, &Audience::all(), today()).len(), 2);
}

#[test]
fn what_goes_in_comes_out() {
    let lot = polygon![
        exterior: [(x: 106.1, y: 10.1), (x: 106.4, y: 10.1), (x: 106.4, y: 10.4), (x: 106.1, y: 10.4), (x: 106.1, y: 10.1)],
        interiors: [[(x: 106.2, y: 10.2), (x: 106.3, y: 10.2), (x: 106.3, y: 10.3), (x: 106.2, y: 10.2)]],
    ];
    let whole = NewFeature { legal_srid: Some(9210), ..feature(1, geo::MultiPolygon(vec![lot.clone(), lot])) };
    let core = core_of(schema(15, LowZoom::Merge), [whole.clone()]);
    let layer = core.layer(&name()).expect("it was put in");
    let held = layer.by_fid(1).expect("it is there");
    assert_eq!(held.geometry(), whole.geometry);
    assert_eq!(
        (held.id(), held.version(), held.legal_srid(), held.valid()),
        (whole.id, 1, Some(9210), DateRange::ALWAYS)
    );
    for (index, value) in whole.values.iter().enumerate() {
        assert_eq!(layer.value(&held, index), *value);
    }
}

/// The parcel as the shipped catalog has it, as far as the core holds it, with numbers as a real city has them.
#[test]
fn a_parcel_weighs_at_most_200_bytes_beside_its_coordinates() {
    let mut parcel = schema(15, LowZoom::Merge);
    parcel.name = LayerName::new("parcel").expect("a good name");
    let texts = ["commune_code", "former_unit_name", "unit_code", "sheet", "number", "land_use", "official_id"];
    parcel.attributes = texts.iter().map(|text| AttributeSchema::new(text, ValueKind::Text)).collect();
    parcel.attributes.push(AttributeSchema::new("area_m2", ValueKind::Float));
    let lots = (0..100_000_i64).map(|fid| {
        let (x, y) = (106.0 + (fid % 400) as f64 * 5e-5, 10.0 + (fid / 400) as f64 * 2e-4);
        let lot = polygon![(x: x, y: y), (x: x + 5e-5, y: y), (x: x + 5e-5, y: y + 2e-4), (x: x, y: y + 2e-4)];
        let text = |text: String| Value::Text(text.into());
        let values = vec![
            text(format!("267{:02}", fid % 10)),
            text(format!("Phường {}", fid % 10)),
            Value::text("26734"),
            text((fid / 500).to_string()),
            text((fid % 500).to_string()),
            Value::text(["ODT", "CLN", "DGT", "TMD"][fid as usize % 4]),
            text(format!("w3gv{fid:08x}")),
            Value::Float((fid % 3000) as f64 / 10.0),
        ];
        NewFeature { values, legal_srid: Some(9210), ..feature(fid, geo::MultiPolygon(vec![lot])) }
    });
    let layer = Layer::bulk(parcel, lots);
    let bytes = layer.bytes();
    let each = bytes.beside_coordinates() as f64 / bytes.rows as f64;
    println!("{each:.0} bytes a parcel beside its coordinates: {bytes:?}");
    assert!(each <= 200.0, "{each:.0} bytes: {bytes:?}");
}
