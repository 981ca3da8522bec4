//! The worker that tiles a picture, as a child process: told what is wanted, listened to, waited for.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use dothi_import::installed::may_see;
use dothi_import::protocol::Text;
use dothi_import::raster::{self, Made, Wanted};

use crate::shell::Said;

/// A line of the worker's is at most this long: it handles a stranger's file, and may be somebody else by now.
const LONGEST_LINE: u64 = 1 << 20;
/// Bytes of its last words that are kept.
const LAST_WORDS: u64 = 4_096;

/// Why there is no picture.
#[derive(Debug)]
pub enum MakingError {
    /// The worker refused the file, and says what to do.
    Refused(Text),
    /// It died over the file.
    Died {
        /// How it ended.
        status: String,
        /// What it said last.
        words: String,
    },
    /// It could not be started or spoken to.
    Io(std::io::Error),
}

impl From<std::io::Error> for MakingError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<MakingError> for Said {
    fn from(error: MakingError) -> Self {
        match error {
            MakingError::Refused(text) => Self::new(text.vi, text.en),
            MakingError::Died { status, words } => Self::new(
                format!("ảnh làm hỏng chương trình đọc nó ({status}); hãy thử chuyển lại bằng gdal_translate\n{words}"),
                format!(
                    "the picture broke the program that reads it ({status}); try to convert it with gdal_translate first\n{words}"
                ),
            ),
            MakingError::Io(error) => Self::new(
                format!("không khởi động được tiến trình đọc ảnh: {error}"),
                format!("the program that reads pictures could not be started: {error}"),
            ),
        }
    }
}

/// Ends the child, whatever becomes of us.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended by itself; then both say so.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Has a child tile a picture; `tell` hears how far it is. Blocks until it is through.
///
/// # Errors
/// See [`MakingError`].
pub fn make(program: &Path, wanted: &Wanted, tell: &mut dyn FnMut(u64, u64)) -> Result<Made, MakingError> {
    let child = Command::new(program)
        .arg("underlay-worker")
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(may_see)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut child = Ended(child);
    let (Some(mut stdin), Some(stdout), Some(stderr)) =
        (child.0.stdin.take(), child.0.stdout.take(), child.0.stderr.take())
    else {
        return Err(std::io::Error::other("no pipes").into());
    };
    // Read beside, so that it never waits for a reader.
    let words = std::thread::spawn(move || {
        let mut words = Vec::new();
        let mut stderr = stderr;
        let _ = (&mut stderr).take(LAST_WORDS).read_to_end(&mut words);
        let _ = std::io::copy(&mut stderr, &mut std::io::sink());
        String::from_utf8_lossy(&words).trim().to_owned()
    });
    let mut line = serde_json::to_vec(wanted).map_err(std::io::Error::from)?;
    line.push(b'\n');
    // One that died before it read says more by how it ended.
    let _ = stdin.write_all(&line);
    let mut lines = BufReader::new(stdout);
    let last = loop {
        let mut line = Vec::new();
        (&mut lines).take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        match serde_json::from_slice::<raster::Said>(&line) {
            Ok(raster::Said::Progress { done, of }) => tell(done, of),
            Ok(last) => break Some(last),
            Err(_) => break None,
        }
    };
    // Kept open until here: its end tells the worker that we are gone.
    drop(stdin);
    match last {
        Some(raster::Said::Done { made }) => Ok(made),
        Some(raster::Said::Refused { text, .. }) => Err(MakingError::Refused(text)),
        Some(raster::Said::Progress { .. }) | None => {
            // Something that is no answer of ours: whatever speaks there is ended.
            let _ = child.0.kill();
            let status = child.0.wait()?.to_string();
            Err(MakingError::Died { status, words: words.join().unwrap_or_default() })
        }
    }
}
