//! What a user would do, over HTTP, on a real PostGIS. Run with `make test-api`, or one of them with
//! `dothi with-database -- cargo test --test api name`.

mod support;

mod agree;
mod changes;
mod corner;
mod drafts;
mod events;
mod export;
mod feed;
mod feed_faults;
mod ground;
mod identity;
mod imports;
mod items;
mod leaks;
mod lookup;
mod measure;
mod past;
mod persons;
mod refusals;
mod schema;
mod search;
mod sight;
mod tiles;
mod underlays;
