//! What a user would do, over HTTP, on a real PostGIS. Run with `make test-api`, or one of them with
//! `dothi with-database -- cargo test --test api name`.

mod support;

mod ground;
mod imports;
mod schema;
