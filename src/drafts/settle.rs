//! How one conflict of a draft is settled.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    features::{Act, Operation, Values},
    http::problem::Problem,
};

/// Which version is taken.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// One's own, over what is there now.
    Mine,
    /// What is there: the draft leaves the object alone.
    Theirs,
    /// The values given here, over what is there now.
    Merged,
}

/// The answer to a conflict.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// Which version is taken.
    pub take: Take,
    /// For `merged`: the attributes that the draft writes.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub set: Values,
    /// For `merged`: the shape that it writes, if any.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub geometry: Option<Value>,
}

/// What the draft does to the object from now on.
#[derive(Debug)]
pub struct Settled {
    /// Its layer.
    pub entity: String,
    /// The object.
    pub id: Uuid,
    /// Instead of all that it did before; none: it leaves the object alone.
    pub instead: Option<Operation>,
}

/// Settles a conflict: `now` is the version that the object has, none when it has gone.
///
/// # Errors
/// 409 when there is no conflict, or when the object has gone and something else than that is taken.
pub fn settle(operation: Operation, now: Option<i32>, settlement: Settlement) -> Result<Settled, Problem> {
    let (entity, id) = (operation.entity.clone(), operation.id);
    let seen = match &operation.act {
        Act::Insert { .. } => None,
        Act::Update { base_version, .. } | Act::Delete { base_version } => Some(*base_version),
    };
    let Some(seen) = seen.filter(|seen| now != Some(*seen)) else {
        return Err(Problem::conflict(
            "no-conflict",
            "Đối tượng này không có xung đột",
            "There is no conflict about this object",
        ));
    };
    let Some(now) = now else {
        return match settlement.take {
            Take::Theirs => Ok(Settled { entity, id, instead: None }),
            Take::Mine | Take::Merged => Err(Problem::conflict(
                "gone",
                "Đối tượng đã bị xoá hoặc tách, gộp; chọn bản hiện có, rồi vẽ lại trên đối tượng kế tiếp",
                "The object was deleted, split or merged: take theirs, then draw on what came after it",
            )
            .with("seen", seen)),
        };
    };
    let act = match (settlement.take, operation.act) {
        (Take::Theirs, _) => return Ok(Settled { entity, id, instead: None }),
        (Take::Mine, act) => act.on_version(now),
        (Take::Merged, _) => Act::Update { base_version: now, set: settlement.set, geometry: settlement.geometry },
    };
    Ok(Settled { entity, id, instead: Some(Operation { op_id: Uuid::now_v7(), act, ..operation }) })
}
