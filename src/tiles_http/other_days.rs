//! Tiles of other days than today: later ones from the core, earlier ones from PostGIS.
//!
//! They cost far more than tiles of today, so they have few places of their own to be drawn in, and are kept until
//! anything changes.

use std::sync::Arc;

use chrono::NaiveDate;
use dothi_tiles::{Audience, LayerName, TileId, encode_tile, encode_tile_of_another_day};

use super::cache::{Tile, TileKey};
use crate::{app::App, http::problem::Problem, live::position::Position, lookup::history};

/// Bytes of such tiles that are kept.
const CAPACITY: u64 = 32 << 20;
/// Tiles of other days are drawn from this zoom up.
const OTHERS_FROM: u8 = 12;

/// Which tile of which day, and everything that may change it: an edit today can change what is known of another day.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    tile: TileId,
    of: TileKey,
    date: NaiveDate,
    position: Position,
}

/// Tiles of other days in memory.
pub(super) struct OtherDays(moka::sync::Cache<Key, Arc<Tile>>);

impl Default for OtherDays {
    fn default() -> Self {
        let weigh = |_: &Key, tile: &Arc<Tile>| u32::try_from(tile.weight() + 300).unwrap_or(u32::MAX);
        Self(moka::sync::Cache::builder().max_capacity(CAPACITY).weigher(weigh).build())
    }
}

/// The tile of a day that is not today.
///
/// # Errors
/// 400 below zoom 12, 413 where that day holds too much, 503 while the database is away.
pub(super) async fn tile_on(
    app: &App,
    tile: TileId,
    names: &[LayerName],
    date: NaiveDate,
    audience: Arc<Audience>,
) -> Result<Arc<Tile>, Problem> {
    let state = app.live.state();
    // Each of them is counted anew from all features, where a tile of today is at hand.
    if tile.z < OTHERS_FROM {
        return Err(Problem::bad_parameter(
            "date",
            date.to_string(),
            ("ngày khác hôm nay chỉ từ mức zoom 12", "another day than today from zoom 12 up"),
        ));
    }
    let of = TileKey { layers: names.into(), audience: audience.key, catalog: state.catalog.version };
    let key = Key { tile, of, date, position: app.live.position() };
    if let Some(found) = app.tiles.other_days.0.get(&key) {
        return Ok(found);
    }
    let place = app.work.other_days.place().await?;
    // Somebody else may have drawn it while this request waited.
    if let Some(found) = app.tiles.other_days.0.get(&key) {
        return Ok(found);
    }
    let (app, names) = (app.clone(), names.to_vec());
    // A task of its own: it holds its place until the database has answered, even when the client is gone.
    let drawing = tokio::spawn(async move {
        let body = if date > state.date {
            place.run(move |_| encode_tile_of_another_day(&state.core, &names, tile, &audience, None, date)).await?
        } else {
            let layers: Vec<&str> = names.iter().map(LayerName::as_str).collect();
            let past = history::read_at(&app.pool, &state.catalog, &layers, tile.buffered(256.0), date).await?;
            place.run(move |_| encode_tile(&past.into_core(), &names, tile, &audience, None, date)).await?
        };
        let drawn = Arc::new(Tile::new(body));
        app.tiles.other_days.0.insert(key, Arc::clone(&drawn));
        Ok(drawn)
    });
    drawing.await.map_err(Problem::internal)?
}
