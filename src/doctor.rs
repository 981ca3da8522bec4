//! Names what is missing on this machine and the command that mends it.

pub mod cli {
    //! `dothi doctor`.
    use std::process::ExitCode;

    use crate::config::Config;
    use crate::database::installation::Installation;

    /// What `dothi doctor` takes.
    #[derive(clap::Args, Debug)]
    pub struct Args {}

    /// Looks, and says what it found.
    ///
    /// # Errors
    /// Never; what is missing is said and ends in exit code 1.
    pub async fn run(_args: Args, config: Config) -> anyhow::Result<ExitCode> {
        match Installation::find(&config) {
            Ok(found) => println!("PostgreSQL {} with PostGIS: {}", found.version, found.bin.display()),
            Err(missing) => {
                println!("{missing}");
                return Ok(ExitCode::FAILURE);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
