//! Who asks. There are few audiences, each computed once from the catalog; every answer takes one (decision 6).
//!
//! [`principal`] says who the caller is, [`rights`] what they may do; without a session every caller is the public.

pub mod cli;
pub mod demo;
pub mod http;
mod invitation;
mod keeper;
mod letters;
mod link;
mod link_store;
mod log;
pub mod operations;
mod outbox;
mod own;
mod own_store;
mod password;
mod people;
mod people_store;
mod post;
pub mod principal;
mod recovery;
mod review;
pub mod rights;
mod second;
mod second_store;
mod secret;
pub mod sight;
mod store;

pub use keeper::start as start_keeper;
pub use post::start as start_post;

use std::sync::Arc;

use dothi_tiles::{Audience, LayerAccess, LayerName, RowRule, Value};

use crate::catalog::{Catalog, Layer};

/// The audiences of one version of the catalog.
#[derive(Clone, Debug)]
pub struct Audiences {
    public: Arc<Audience>,
    staff: Arc<Audience>,
}

impl Audiences {
    /// Computes them from the catalog.
    pub fn of(catalog: &Catalog) -> Self {
        let audience = |access: fn(&Layer) -> Option<LayerAccess>| {
            let seen =
                catalog.layers.iter().filter_map(|layer| Some((LayerName::new(&layer.name).ok()?, access(layer)?)));
            let builder = seen.fold(Audience::builder(), |builder, (name, access)| builder.layer_with(name, access));
            Arc::new(builder.build())
        };
        Self { public: audience(public_access), staff: audience(staff_access) }
    }

    /// Everybody, without a name.
    pub fn public(&self) -> &Arc<Audience> {
        &self.public
    }

    /// Whoever works for the city: all but what is private.
    pub fn staff(&self) -> &Arc<Audience> {
        &self.staff
    }

    /// All of them: an event is told to each in its own words.
    pub fn each(&self) -> impl Iterator<Item = &Arc<Audience>> {
        [&self.public, &self.staff].into_iter()
    }
}

/// What staff see of a layer: every row and attribute but private ones, which are looked up one by one, for a purpose.
fn staff_access(layer: &Layer) -> Option<LayerAccess> {
    let shown = layer.attributes.iter().filter(|attribute| !attribute.private);
    let attributes = shown.map(|attribute| attribute.name.as_str().into()).collect();
    (!layer.private).then_some(LayerAccess { attributes: Some(attributes), rows: None })
}

/// What the public sees of a layer; nothing unless the catalog opens it.
fn public_access(layer: &Layer) -> Option<LayerAccess> {
    let shown = layer.attributes.iter().filter(|attribute| layer.shows_public(attribute));
    let attributes = shown.map(|attribute| attribute.name.as_str().into()).collect();
    let rows = layer.public_rows.as_ref().map(|rule| RowRule {
        attribute: rule.attribute.as_str().into(),
        values: rule.values.iter().map(|value| Value::text(value)).collect(),
    });
    layer.is_public().then_some(LayerAccess { attributes: Some(attributes), rows })
}
