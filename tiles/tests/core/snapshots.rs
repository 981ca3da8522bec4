//! Tiles as text, by name. `DOTHI_BLESS=1 cargo test -p dothi-tiles` writes them anew; look at the difference.

use crate::support::*;
use dothi_tiles::validate::describe;
use dothi_tiles::{Audience, LowZoom, Overlay, TileId, Value, encode_tile};
use geo::{Point, Rect, polygon};
use std::path::PathBuf;

fn holds_still(name: &str, tile: &[u8]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.txt"));
    let text = describe(tile);
    if std::env::var_os("DOTHI_BLESS").is_some() {
        std::fs::write(&path, &text).expect("the folder is there");
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, known, "{name} has changed");
}

#[test]
fn house_with_courtyard_z17_on_tile_edge() {
    let at = TileId::at(CENTRE.0, CENTRE.1, 17);
    let east = at.bounds().east;
    let house = geo::Polygon::new(
        Rect::new((east - 1e-4, 10.7725), (east + 1e-4, 10.7727)).to_polygon().exterior().clone(),
        vec![Rect::new((east - 4e-5, 10.77255), (east + 4e-5, 10.77265)).to_polygon().exterior().clone()],
    );
    let core = core_of(schema(15, LowZoom::Merge), [feature(7, house)]);
    holds_still("house_with_courtyard_z17_on_tile_edge", &tile(&core, at));
}

#[test]
fn draft_z16_hides_one_and_adds_two() {
    let lot =
        |x: f64| polygon![(x: x, y: 10.7725), (x: x + 4e-5, y: 10.7725), (x: x + 4e-5, y: 10.7727), (x: x, y: 10.7727)];
    let core = core_of(schema(15, LowZoom::Merge), [feature(1, lot(106.698)), feature(2, lot(106.6981))]);
    let mut overlay = Overlay::default();
    let draft = overlay.layer_mut(&name());
    draft.hidden.insert(1);
    let mut renamed = feature(2, lot(106.6981));
    renamed.values[0] = Value::text("tách thửa");
    draft.added = vec![renamed, feature(-3, Point::new(106.6982, 10.7726))];
    let id = TileId::at(CENTRE.0, CENTRE.1, 16);
    let drawn = encode_tile(&core, &[name()], id, &Audience::all(), Some(&overlay), today());
    holds_still("draft_z16_hides_one_and_adds_two", &drawn);
}
