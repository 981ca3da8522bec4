//! What one batch of the feed asks for, and what was read for it.

use std::collections::{BTreeMap, BTreeSet};

use dothi_tiles::{Change, LayerName};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    feed::{FeedRow, Happened},
    loader::{self, LoadedLayer, ReadError, Which},
    pgcopy::Row,
    plan::LayerPlan,
    start::Plans,
};
use crate::catalog::Catalog;

/// What has to be read for a batch, by layer.
#[derive(Default)]
pub(super) struct Wanted {
    pub objects: BTreeMap<LayerName, BTreeSet<Uuid>>,
    pub imports: BTreeMap<LayerName, BTreeSet<i64>>,
    pub whole: BTreeSet<LayerName>,
    pub catalog: bool,
}

impl Wanted {
    pub fn of(rows: &[FeedRow], plans: &Plans) -> Self {
        let mut wanted = Self::default();
        for row in rows {
            if row.happened == Happened::Catalog || row.layer.is_empty() {
                wanted.catalog = true;
                continue;
            }
            let Some((name, _)) = plans.get_key_value(row.layer.as_str()) else { continue };
            match row.happened {
                Happened::Object(id) => _ = wanted.objects.entry(name.clone()).or_default().insert(id),
                Happened::Import(import) => _ = wanted.imports.entry(name.clone()).or_default().insert(import),
                Happened::Everything | Happened::Catalog => _ = wanted.whole.insert(name.clone()),
            }
        }
        wanted
    }
}

/// What was read for a batch and waits to be applied.
#[derive(Default)]
pub(super) struct Read {
    pub changes: BTreeMap<LayerName, Vec<Change>>,
    pub entities: BTreeMap<LayerName, Vec<Row>>,
    pub swaps: Vec<LoadedLayer>,
    /// Of the objects that were asked for: those with rows that could not be read.
    pub left_out: BTreeMap<LayerName, BTreeSet<Uuid>>,
    pub catalog: Option<Catalog>,
}

impl Read {
    /// Whether what has to be derived from it anew takes long: words of whole layers, thousands of tiles.
    pub fn is_long(&self) -> bool {
        self.catalog.is_some() || !self.swaps.is_empty() || self.changes.values().map(Vec::len).sum::<usize>() > SHORT
    }
}

/// Changes that are applied and told in a few milliseconds.
const SHORT: usize = 200;

/// The rows that these objects have now; an object without rows is gone.
pub(super) async fn objects_now(
    connection: &mut PgConnection,
    plan: &LayerPlan,
    ids: &[Uuid],
    left_out: &mut BTreeSet<Uuid>,
) -> Result<Vec<Change>, ReadError> {
    let mut rows: BTreeMap<Uuid, Vec<_>> = ids.iter().map(|id| (*id, Vec::new())).collect();
    let unread = loader::read(connection, plan, &Which::Objects(ids.to_vec()), |row| {
        let id = row.id;
        rows.entry(id).or_default().extend(row.into_feature());
    })
    .await?;
    left_out.extend(unread);
    Ok(rows.into_iter().map(|(id, rows)| Change::ReplaceObject { id, rows }).collect())
}
