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
}

impl Audiences {
    /// Computes them from the catalog.
    pub fn of(catalog: &Catalog) -> Self {
        let seen =
            catalog.layers.iter().filter_map(|layer| Some((LayerName::new(&layer.name).ok()?, public_access(layer)?)));
        let builder = seen.fold(Audience::builder(), |builder, (name, access)| builder.layer_with(name, access));
        Self { public: Arc::new(builder.build()) }
    }

    /// Everybody, without a name.
    pub fn public(&self) -> &Arc<Audience> {
        &self.public
    }

    /// All of them: an event is told to each in its own words.
    pub fn each(&self) -> impl Iterator<Item = &Arc<Audience>> {
        std::iter::once(&self.public)
    }
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
