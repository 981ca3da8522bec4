//! The published state with a draft laid over it: written in a transaction that is always rolled back, so that the triggers,
//! rules and legal metres are those that publishing will meet.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dothi_tiles::{LayerName, NewFeature, Overlay};
use moka::sync::Cache;
use sqlx::{Connection as _, PgConnection, PgPool};
use uuid::Uuid;

use super::{Part, store, work::DraftError};
use crate::{
    app::App,
    catalog::Catalog,
    features::{Act, ChangeSet, OnConflict, Operation, StoreError, Writer, Written, apply, write_in},
    identity::{
        principal::{How, Principal},
        rights::{Area, Grant, Role},
    },
    live::{
        loader::{self, Which},
        plan::LayerPlan,
    },
};

/// A draft's operations as a change set that is only tried.
pub fn tried(operations: Vec<Operation>, atomic: bool) -> ChangeSet {
    ChangeSet {
        reason: "bản nháp · draft".to_owned(),
        atomic,
        on_conflict: OnConflict::Refuse,
        dry_run: true,
        operations,
    }
}

/// Under whom a draft is laid over the map for somebody who only looks: all roles everywhere, for a transaction that is
/// never committed.
fn looker(who: &Principal) -> Principal {
    let roles = [Role::Planner, Role::Officer, Role::AssetKeeper, Role::Administrator];
    let grants = roles.into_iter().map(|role| Grant { role, area: Area::Everywhere }).collect();
    Principal { person: who.person, name: who.name.clone(), grants, how: How::Session, enrols: false }
}

/// Lays operations over the published state, in a transaction that the caller holds, reads and rolls back.
///
/// What others published meanwhile does not hide the draft: its values are laid over theirs. Operations on objects that have
/// gone are left out.
///
/// # Errors
/// When the database cannot answer.
pub async fn lay_in(
    connection: &mut PgConnection,
    catalog: &Catalog,
    who: &Principal,
    operations: Vec<Operation>,
) -> Result<Written, StoreError> {
    let mut rebased = Vec::with_capacity(operations.len());
    for mut operation in operations {
        if !matches!(operation.act, Act::Insert { .. }) {
            let Some(now) = store::version_now(connection, &operation).await? else { continue };
            operation.act = operation.act.on_version(now);
        }
        rebased.push(operation);
    }
    write_in(connection, catalog, Writer { who: &looker(who), revives: false }, &tried(rebased, true)).await
}

/// Operations as others than their author see them: a private attribute is looked up by name and purpose, not read in a draft.
pub fn without_private(catalog: &Catalog, operations: Vec<Operation>) -> Vec<Operation> {
    let open = |operation: Operation| {
        let layer = catalog.layer(&operation.entity);
        let shows =
            |name: &str| layer.and_then(|layer| layer.attribute(name)).is_some_and(|attribute| !attribute.private);
        Operation { act: operation.act.of_attributes(shows), ..operation }
    };
    operations.into_iter().map(open).collect()
}

/// What publishing would say now, and who looks is held to their own rights only if it is theirs to publish.
///
/// # Errors
/// When the database cannot answer, or the owner may not write there.
pub async fn check(
    pool: &PgPool,
    catalog: &Catalog,
    who: &Principal,
    part: Part,
    operations: Vec<Operation>,
) -> Result<Written, StoreError> {
    let stands_in = looker(who);
    let (who, operations) = match part {
        Part::Owner => (who, operations),
        Part::Reviewer | Part::Reader => (&stands_in, without_private(catalog, operations)),
    };
    apply(pool, catalog, Writer { who, revives: false }, &tried(operations, true)).await
}

/// What a draft draws: the rows it would leave, by layer.
struct Laid {
    layers: BTreeMap<LayerName, (Vec<Uuid>, Vec<NewFeature>)>,
}

/// Drafts that were laid over the map a moment ago, by draft and revision.
pub struct Overlays(Cache<(Uuid, i32, i64), Arc<Laid>>);

impl Default for Overlays {
    fn default() -> Self {
        // A map asks for its tiles within seconds; what others publish under a draft shows after as many.
        Self(Cache::builder().max_capacity(64).time_to_live(Duration::from_secs(10)).build())
    }
}

impl Overlays {
    /// The overlay of a draft, of the state of now.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn of(
        &self,
        app: &App,
        who: &Principal,
        id: Uuid,
        revision: i32,
        operations: Vec<Operation>,
    ) -> Result<Overlay, DraftError> {
        let state = app.live.state();
        let key = (id, revision, state.catalog.version);
        let laid = match self.0.get(&key) {
            Some(laid) => laid,
            None => {
                let laid = Arc::new(read(app, &state.catalog, who, operations).await?);
                self.0.insert(key, Arc::clone(&laid));
                laid
            }
        };
        let mut overlay = Overlay::default();
        for (name, (ids, added)) in &laid.layers {
            let Some(layer) = state.core.layer(name) else { continue };
            let over = overlay.layer_mut(name);
            over.hidden.extend(ids.iter().flat_map(|id| layer.rows_of(*id)).map(|row| row.fid()));
            over.added.clone_from(added);
        }
        Ok(overlay)
    }
}

async fn read(app: &App, catalog: &Catalog, who: &Principal, operations: Vec<Operation>) -> Result<Laid, DraftError> {
    let mut connection = app.pool.acquire().await?;
    let laid = read_on(&mut connection, catalog, who, operations).await;
    if laid.is_err() {
        // A COPY that was refused leaves its end unread, and the next who gets this connection would read it as his answer.
        connection.close_on_drop();
    }
    laid
}

async fn read_on(
    connection: &mut PgConnection,
    catalog: &Catalog,
    who: &Principal,
    operations: Vec<Operation>,
) -> Result<Laid, DraftError> {
    let mut objects: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for operation in &operations {
        objects.entry(operation.entity.clone()).or_default().push(operation.id);
    }
    let mut transaction = connection.begin().await?;
    lay_in(&mut transaction, catalog, who, operations).await?;
    let mut layers = BTreeMap::new();
    for (name, ids) in objects {
        let Some(plan) = catalog.layer(&name).and_then(LayerPlan::of).filter(|plan| plan.has_place) else { continue };
        let mut added = Vec::new();
        loader::read(&mut transaction, &plan, &Which::Objects(ids.clone()), |row| added.extend(row.into_feature()))
            .await?;
        layers.insert(plan.name, (ids, added));
    }
    transaction.rollback().await?;
    Ok(Laid { layers })
}
