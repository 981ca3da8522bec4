//! Where a layer has data. "Nothing is drawn here" means something only where somebody has delivered the layer.
//!
//! A layer of few objects (heritage sites, protection areas) says nothing of its own edge, and deliveries come by commune. So
//! a layer counts as known in the commune of a point when at least one of its objects lies in that commune on that day: a
//! server that knows the heritage sites of one ward names them as missing in all others.

use std::collections::BTreeSet;

use dothi_tiles::Layer;
use geo::{BoundingRect as _, Contains as _, CoordsIter as _, Geometry, Intersects as _, Point, Rect};
use geozero::{CoordDimensions, ToWkb as _};
use sqlx::{Connection as _, PgPool};

use super::{history::PastError, view::View, when::When};
use crate::catalog::Catalog;

/// Layers that tell "none here" from "nobody knows" by this.
pub const BY_AREA: [&str; 3] = ["planning_line", "protection_area", "heritage_site"];
/// The level of communes in `admin_unit`; a province is too large to be known by one object.
const COMMUNE: i64 = 2;

/// The area for which a delivery speaks, around a point.
pub struct Area(Geometry<f64>);

impl Area {
    /// The commune at a point; where the server knows no communes, the bounds of the place it serves. None anywhere else.
    pub fn of(view: View<'_>, at: Point<f64>) -> Option<Self> {
        let communes = view.at("admin_unit", at).into_iter();
        if let Some(commune) = communes.filter(|unit| unit.int("level").is_some_and(|level| level >= COMMUNE)).last() {
            return Some(Self(commune.feature.geometry()));
        }
        let [west, south, east, north] = view.catalog.place().bounds?;
        let bounds = Rect::new((west, south), (east, north));
        bounds.intersects(&at).then(|| Self(bounds.to_polygon().into()))
    }

    /// Whether an object of a layer lies in it on the day of the view.
    fn has_any(&self, view: View<'_>, layer: &Layer) -> bool {
        let here = layer.intersecting(super::view::bounds_of(&self.0), view.audience, view.date);
        let begins_inside = |shape: &Geometry<f64>| {
            shape.coords_iter().next().is_some_and(|first| self.0.contains(&Point::from(first)))
        };
        // The cheap test first: most areas are settled by the first object.
        here.iter().any(|feature| begins_inside(&feature.geometry()))
            || here.iter().any(|feature| feature.geometry().intersects(&self.0))
    }
}

/// The layers that are known at the place of a question.
#[derive(Clone, Debug, Default)]
pub struct Coverage(BTreeSet<&'static str>);

impl Coverage {
    /// From the core, for a day that it holds.
    pub fn in_memory(view: View<'_>, at: Point<f64>) -> Self {
        let Some(area) = Area::of(view, at) else { return Self::default() };
        let known = |name: &&str| view.layer(name).is_some_and(|layer| area.has_any(view, &layer));
        Self(BY_AREA.into_iter().filter(known).collect())
    }

    /// From the tables, for another day or an earlier moment. The area is that of today: by it deliveries come.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn in_the_past(
        pool: &PgPool,
        area: Option<Area>,
        catalog: &Catalog,
        when: When,
    ) -> Result<Self, PastError> {
        let Some(Area(area)) = area else { return Ok(Self::default()) };
        let Some(bounds) = area.bounding_rect() else { return Ok(Self::default()) };
        let shape =
            area.to_ewkb(CoordDimensions::xy(), Some(4326)).map_err(|error| sqlx::Error::Encode(error.into()))?;
        let (low, high) = (bounds.min(), bounds.max());
        let near = format!(" AND geom && ST_MakeEnvelope({}, {}, {}, {}, 4326)", low.x, low.y, high.x, high.y);
        let layers: Vec<&'static str> = BY_AREA.into_iter().filter(|name| catalog.layer(name).is_some()).collect();
        let mut connection = pool.acquire().await?;
        let mut transaction = connection.begin().await?;
        sqlx::query("SET LOCAL lock_timeout = '2s'").execute(&mut *transaction).await?;
        sqlx::query("SET LOCAL statement_timeout = '5s'").execute(&mut *transaction).await?;
        let mut known = BTreeSet::new();
        for layer in layers {
            let rows = when.rows(layer, "id, geom", &near, chrono::NaiveDate::MAX);
            let statement =
                format!("SELECT EXISTS (SELECT FROM {rows} AS held WHERE ST_Intersects(geom, ST_GeomFromEWKB($1)))");
            if sqlx::query_scalar(&statement)
                .bind(shape.clone())
                .fetch_one(&mut *transaction)
                .await
                .map_err(|error| PastError::about(layer, error))?
            {
                known.insert(layer);
            }
        }
        transaction.rollback().await?;
        Ok(Self(known))
    }

    /// Whether something would be drawn here if there were something.
    pub fn knows(&self, layer: &str) -> bool {
        self.0.contains(layer)
    }
}
