//! Tiles, TileJSON and styles: what a map asks for, and the cache that makes it quick.
//!
//! The core draws; this room names, remembers, compresses and forgets. A tile is remembered until something that touches it
//! changes, and forgotten before any map hears of the change.

mod cache;
pub mod http;
mod layers;
mod other_days;
mod style;
mod tilejson;

pub use cache::{TileCache, TileKey};

use axum::http::{HeaderMap, header};
use dothi_tiles::{Audience, Core, LayerName, TileId};

use crate::http::problem::Problem;

/// What names of layers look like.
pub const NAMES: (&str, &str) = ("tên các lớp, cách nhau bằng dấu phẩy", "names of layers, separated by commas");
/// Layers that one tile may hold.
const MOST_LAYERS: usize = 64;

/// What there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoSuch {
    /// A layer of this name.
    Layer(String),
    /// A tile there.
    Tile,
}

/// What was wrong with the address of a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadAddress {
    /// A part cannot be read: which, what it was, what is expected.
    Malformed(&'static str, String, (&'static str, &'static str)),
    /// It reads well, but there is no such tile or layer (or not for this caller).
    NoSuch(NoSuch),
}

/// Reads the names of layers, separated by commas; each once, in the order they were given.
///
/// # Errors
/// When there is none or too many, or one that the audience does not see: for it that layer does not exist.
pub fn parse_layers(text: &str, core: &Core, audience: &Audience) -> Result<Vec<LayerName>, BadAddress> {
    let mut names: Vec<LayerName> = Vec::new();
    for part in text.split(',') {
        if part.is_empty() {
            return Err(BadAddress::Malformed("layers", text.to_owned(), NAMES));
        }
        let no_such = || BadAddress::NoSuch(NoSuch::Layer(part.to_owned()));
        let name = LayerName::new(part).map_err(|_| no_such())?;
        if !audience.sees(&name) || core.layer(&name).is_none() {
            return Err(no_such());
        }
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() > MOST_LAYERS {
            return Err(BadAddress::Malformed(
                "layers",
                text.chars().take(200).collect(),
                ("nhiều nhất 64 lớp", "at most 64 layers"),
            ));
        }
    }
    Ok(names)
}

/// Reads the address of a tile. The row may end in `.mvt` or `.pbf`, as some clients write it.
///
/// # Errors
/// Malformed when a part is no whole number; no such tile when it is one, but out of range.
pub fn parse_tile(z: &str, x: &str, y: &str) -> Result<TileId, BadAddress> {
    let y = y.strip_suffix(".mvt").or_else(|| y.strip_suffix(".pbf")).unwrap_or(y);
    let number = |field: &'static str, text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(BadAddress::Malformed(field, text.to_owned(), ("một số nguyên", "a whole number")));
        }
        // A number that does not fit is a number out of range.
        Ok(text.parse::<u32>().ok())
    };
    let (z, x, y) = (number("z", z)?, number("x", x)?, number("y", y)?);
    let tile = z.zip(x).zip(y).and_then(|((z, x), y)| TileId::new(u8::try_from(z).ok()?, x, y));
    tile.ok_or_else(|| BadAddress::NoSuch(NoSuch::Tile))
}

/// Where the client found us, `scheme://host[:port]`: addresses in TileJSON and styles begin with it.
///
/// # Errors
/// 400 when `Host` is no host: it is written into answers, so nothing else may get through.
pub fn origin(headers: &HeaderMap) -> Result<String, Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let host = text(header::HOST.as_str()).unwrap_or("localhost");
    let is_host = !host.is_empty()
        && host.len() <= 255
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    if !is_host {
        return Err(Problem::bad_parameter(
            "Host",
            host,
            ("tên máy chủ, có hoặc không có cổng", "a host name, with or without a port"),
        ));
    }
    let scheme = if text("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    Ok(format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use dothi_tiles::{GeometryKind, Layer, LayerSchema, LowZoom};
    use proptest::prelude::*;

    use super::*;

    fn core() -> Core {
        let core = Core::new();
        for name in ["parcel", "tree", "water_meter"] {
            core.swap(Layer::new(LayerSchema {
                name: LayerName::new(name).unwrap(),
                geometry: GeometryKind::Any,
                detail_zoom: 14,
                low_zoom: LowZoom::Hide,
                min_zoom_attribute: None,
                attributes: Vec::new(),
            }));
        }
        core
    }

    #[test]
    fn a_layer_that_the_audience_does_not_see_does_not_exist() {
        let audience = Audience::builder().layer(LayerName::new("parcel").unwrap()).build();
        assert!(parse_layers("parcel", &core(), &audience).is_ok());
        for hidden in ["water_meter", "parcel,water_meter", "no_such_layer", "Parcel", "%27"] {
            assert!(matches!(parse_layers(hidden, &core(), &audience), Err(BadAddress::NoSuch(_))), "{hidden}");
        }
        for malformed in ["", ",", "parcel,", ",parcel"] {
            let refused = parse_layers(malformed, &core(), &audience);
            assert!(matches!(refused, Err(BadAddress::Malformed("layers", ..))), "{malformed}");
        }
    }

    #[test]
    fn a_layer_named_twice_is_drawn_once() {
        let names = parse_layers("tree,parcel,tree", &core(), &Audience::all()).unwrap();
        let names: Vec<&str> = names.iter().map(LayerName::as_str).collect();
        assert_eq!(names, ["tree", "parcel"]);
    }

    #[test]
    fn a_number_out_of_range_is_no_tile_and_a_word_is_a_mistake() {
        assert_eq!(parse_tile("14", "13047", "7699.mvt"), Ok(TileId { z: 14, x: 13047, y: 7699 }));
        for (z, x, y) in
            [("23", "0", "0"), ("1", "2", "0"), ("0", "-1", "0"), ("300", "0", "0"), ("1", "0", "99999999999")]
        {
            assert!(matches!(parse_tile(z, x, y), Err(BadAddress::NoSuch(_))), "{z}/{x}/{y}");
        }
        for (z, x, y, field) in
            [("a", "0", "0", "z"), ("1", "", "0", "x"), ("1", "0", "1.5", "y"), ("1", "0", "-", "y")]
        {
            let refused = parse_tile(z, x, y);
            assert!(matches!(&refused, Err(BadAddress::Malformed(at, ..)) if *at == field), "{refused:?}");
        }
    }

    proptest! {
        #[test]
        fn no_address_makes_a_parser_panic(text in "\\PC{0,60}") {
            let _ = parse_layers(&text, &core(), &Audience::all());
            let _ = parse_tile(&text, &text, &text);
        }
    }
}
