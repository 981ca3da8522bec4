//! The demo: makes the demo place, imports it as a department would, and serves it.

pub mod cli {
    //! `dothi demo`.
    use std::process::ExitCode;

    use crate::config::Config;

    /// What `dothi demo` takes.
    #[derive(clap::Args, Debug)]
    pub struct Args {}

    /// Starts database and server.
    ///
    /// # Errors
    /// As `dothi serve`.
    pub async fn run(_args: Args, config: Config) -> anyhow::Result<ExitCode> {
        crate::http::cli::run(crate::http::cli::Args { listen: None }, config).await
    }
}
