//! The beginning: catalog and layers read under one snapshot.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chrono::NaiveDate;
use dothi_tiles::{Core, Layer, LayerName};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use sqlx::{ConnectOptions as _, PgPool, postgres::PgPoolOptions};
use uuid::Uuid;

use super::{
    ENTITIES_IN_MEMORY, Entities, State,
    feed::{self, Head},
    loader::{self, LoadedLayer, ReadError},
    plan::LayerPlan,
};
use crate::{
    catalog::{self, Catalog},
    identity::Audiences,
};

/// Layers that are loaded beside each other.
const LAYERS_BESIDE: usize = 3;

/// The plans of all layers in memory, by name.
pub(super) type Plans = BTreeMap<LayerName, Arc<LayerPlan>>;

/// A core as it was loaded, and where the feed stood.
pub struct Start {
    /// What requests read.
    pub state: State,
    /// Epoch and snapshot of the load.
    pub head: Head,
    pub(super) plans: Plans,
    pub(super) left_out: BTreeMap<LayerName, BTreeSet<Uuid>>,
    /// Layers that cannot be read now, as one that somebody else holds: empty here, and read as soon as they can be.
    pub(super) waiting: BTreeSet<LayerName>,
}

/// Connections of the follower's own, so that neither a crowd of requests holds it up nor a load them.
pub fn reading_pool(pool: &PgPool) -> PgPool {
    let options = (*pool.connect_options()).clone().application_name("dothi follower");
    let options = options.log_slow_statements(tracing::log::LevelFilter::Debug, Duration::from_secs(30));
    PgPoolOptions::new()
        .max_connections(12)
        .min_connections(0)
        .idle_timeout(Duration::from_secs(20))
        .acquire_timeout(Duration::from_secs(30))
        .connect_lazy_with(options)
}

/// Reads catalog and layers under one snapshot.
///
/// # Errors
/// When the database cannot be read.
pub async fn load_everything(pool: &PgPool, date: NaiveDate) -> Result<Start, ReadError> {
    let mut connection = pool.acquire().await?;
    feed::confirm_epoch(&mut connection).await?;
    let mut reading = feed::open(&mut connection).await?;
    let catalog = catalog::load(&mut reading.transaction).await.map_err(ReadError::Catalog)?;
    let plans = plans_of(&catalog);
    let shared = loader::export(&mut reading.transaction).await?;
    let core = Core::default();
    let layers: Vec<Result<LoadedLayer, Arc<LayerPlan>>> =
        stream::iter(plans.values().filter(|plan| plan.has_place).cloned().collect::<Vec<_>>())
            .map(|plan| {
                let shared = shared.clone();
                async move {
                    match loader::load(pool, &plan, &shared).await {
                        Err(error) if error.is_of_one_layer() => {
                            tracing::warn!(layer = %plan.name, %error, "the layer is empty until it can be read");
                            Ok(Err(plan))
                        }
                        loaded => loaded.map(Ok),
                    }
                }
            })
            .buffer_unordered(LAYERS_BESIDE)
            .try_collect()
            .await?;
    let (mut left_out, mut waiting) = (BTreeMap::new(), BTreeSet::new());
    for loaded in layers {
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(plan) => {
                core.swap(Layer::new(plan.schema.clone()));
                waiting.insert(plan.name.clone());
                continue;
            }
        };
        if !loaded.left_out.is_empty() {
            left_out.insert(loaded.layer.schema().name.clone(), loaded.left_out);
        }
        core.swap(loaded.layer);
    }
    let entities = Entities::default();
    for plan in plans.values().filter(|plan| !plan.has_place) {
        let rows = match loader::load_entities(pool, plan, &shared).await {
            Err(error) if error.is_of_one_layer() => {
                tracing::warn!(layer = %plan.name, %error, "the table counts as empty until it can be read");
                waiting.insert(plan.name.clone());
                Vec::new()
            }
            rows => rows?,
        };
        entities.put(plan.name.clone(), rows);
    }
    let state = State {
        core: Arc::new(core),
        audiences: Arc::new(Audiences::of(&catalog)),
        catalog: Arc::new(catalog),
        entities: Arc::new(entities),
        date,
    };
    Ok(Start { state, head: reading.head, plans, left_out, waiting })
}

pub(super) fn plans_of(catalog: &Catalog) -> Plans {
    let kept = |plan: &LayerPlan| plan.has_place || ENTITIES_IN_MEMORY.contains(&plan.name.as_str());
    let plans = catalog.layers.iter().filter_map(LayerPlan::of).filter(kept);
    plans.map(|plan| (plan.name.clone(), Arc::new(plan))).collect()
}
