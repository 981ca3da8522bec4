//! The import worker as a child process: started, fed one job, read frame by frame, ended with its parent.

use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dothi_import::installed::may_see;
use dothi_import::protocol::{Frame, Job, Message, parse_header, parse_payload};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::error::ImportError;

/// Frames that are read ahead while the database is busy.
const READ_AHEAD: usize = 16;
/// Lines of the worker's stderr that are kept for the message.
const LAST_WORDS: usize = 12;

/// A running worker. Dropped, it is killed; when this process dies, its stdin closes and it ends by itself.
pub(super) struct Worker {
    child: Child,
    frames: mpsc::Receiver<std::io::Result<Frame>>,
    reader: JoinHandle<()>,
    /// Held open until the end: the worker takes its closing as the death of its parent.
    stdin: ChildStdin,
    last_words: Arc<Mutex<Vec<String>>>,
    silence: Duration,
    /// What was being read last, for the message when it dies.
    reading: String,
}

impl Worker {
    /// Starts `command` (program and arguments); it gets itself ready until it is given a job.
    pub(super) fn start(command: &[String], silence: Duration) -> Result<Self, ImportError> {
        let (program, arguments) = command.split_first().ok_or_else(|| not_started("no command"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(may_see)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| not_started(&e.to_string()).because(e))?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(not_started("no pipes"));
        };
        let (sender, frames) = mpsc::channel(READ_AHEAD);
        let reader = tokio::spawn(forward_frames(stdout, sender));
        let last_words = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(keep_last_words(stderr, last_words.clone()));
        Ok(Self { child, frames, reader, stdin, last_words, silence, reading: String::new() })
    }

    /// Hands it the job.
    pub(super) async fn give(&mut self, job: &Job) -> Result<(), ImportError> {
        let mut line = serde_json::to_vec(job).map_err(|e| not_started(&e.to_string()))?;
        line.push(b'\n');
        // A worker that dies at once closes the pipe; what it said is told when its frames are read.
        let _ = self.stdin.write_all(&line).await;
        let _ = self.stdin.flush().await;
        Ok(())
    }

    /// The next frame. `fatal` and every way of dying are errors.
    pub(super) async fn next(&mut self) -> Result<Frame, ImportError> {
        match tokio::time::timeout(self.silence, self.frames.recv()).await {
            Err(_) => Err(self.fell_silent()),
            Ok(None) => Err(self.died("").await),
            Ok(Some(Err(error))) => Err(self.died(&error.to_string()).await),
            Ok(Some(Ok(frame))) => self.heard(frame),
        }
    }

    fn heard(&mut self, frame: Frame) -> Result<Frame, ImportError> {
        if let Frame::Message(message) = &frame {
            match &**message {
                Message::Begin { file, source_layer, .. } => self.reading = format!("{file} / {source_layer}"),
                Message::Progress { file, .. } if !file.is_empty() && !self.reading.starts_with(file.as_str()) => {
                    self.reading.clone_from(file);
                }
                Message::Fatal { slug, message, file } => {
                    let at = file.as_ref().map(|f| format!(" ({f})")).unwrap_or_default();
                    return Err(ImportError::new(slug, format!("{}{at}", message.vi), format!("{}{at}", message.en)));
                }
                _ => {}
            }
        }
        Ok(frame)
    }

    fn fell_silent(&mut self) -> ImportError {
        let _ = self.child.start_kill();
        let (seconds, reading) = (self.silence.as_secs(), self.reading_now());
        ImportError::new(
            "worker-silent",
            format!("tiến trình đọc tệp im lặng {seconds} giây khi đang đọc {reading}; chưa có gì được ghi"),
            format!("the import worker said nothing for {seconds} s while reading {reading}; nothing was applied"),
        )
    }

    async fn died(&mut self, detail: &str) -> ImportError {
        let _ = self.child.start_kill();
        let status = tokio::time::timeout(Duration::from_secs(5), self.child.wait()).await;
        let status = status.ok().and_then(Result::ok).map(|s| s.to_string()).unwrap_or_default();
        let words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner).join("; ");
        let causes: Vec<_> = [status.as_str(), detail, words.as_str()].into_iter().filter(|s| !s.is_empty()).collect();
        let (causes, reading) = (causes.join("; "), self.reading_now());
        ImportError::new(
            "worker-died",
            format!(
                "tiến trình đọc tệp đã chết khi đang đọc {reading}; tệp có thể hỏng, chưa có gì được ghi ({causes})"
            ),
            format!(
                "the import worker died while reading {reading}; the file may be broken, nothing was applied ({causes})"
            ),
        )
    }

    fn reading_now(&self) -> &str {
        if self.reading.is_empty() { "the delivery" } else { &self.reading }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

fn not_started(why: &str) -> ImportError {
    ImportError::new(
        "worker-not-started",
        format!("không khởi động được tiến trình đọc tệp: {why}"),
        format!("the import worker could not be started: {why}"),
    )
}

async fn forward_frames(stdout: ChildStdout, sender: mpsc::Sender<std::io::Result<Frame>>) {
    let mut stdout = BufReader::with_capacity(512 * 1024, stdout);
    loop {
        let frame = read_frame(&mut stdout).await;
        let last = !matches!(&frame, Ok(Some(Frame::Rows(_))) | Ok(Some(Frame::Message(_))))
            || matches!(&frame, Ok(Some(Frame::Message(m))) if matches!(**m, Message::Done { .. } | Message::Fatal { .. }));
        let Some(frame) = frame.transpose() else { return };
        if sender.send(frame).await.is_err() || last {
            return;
        }
    }
}

async fn read_frame(from: &mut BufReader<ChildStdout>) -> std::io::Result<Option<Frame>> {
    if from.fill_buf().await?.is_empty() {
        return Ok(None);
    }
    let mut header = [0u8; 5];
    from.read_exact(&mut header).await?;
    let (kind, length) = parse_header(header)?;
    let mut payload = Vec::with_capacity(length.min(1 << 20));
    from.take(length as u64).read_to_end(&mut payload).await?;
    if payload.len() < length {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    parse_payload(kind, payload).map(Some)
}

async fn keep_last_words(stderr: tokio::process::ChildStderr, words: Arc<Mutex<Vec<String>>>) {
    let mut lines = BufReader::new(stderr).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tracing::debug!(target: "dothi::import_worker", "{line}");
        let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
        if words.len() == LAST_WORDS {
            words.remove(0);
        }
        words.push(line.chars().take(300).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Vec<String> {
        ["sh", "-c", script].map(String::from).to_vec()
    }

    async fn first_error(script: &str, silence: Duration) -> ImportError {
        let mut worker = Worker::start(&shell(script), silence).expect("sh starts");
        worker.give(&Job::default()).await.expect("a job is a line");
        loop {
            if let Err(error) = worker.next().await {
                return error;
            }
        }
    }

    #[tokio::test]
    async fn a_worker_that_is_killed_is_told_with_its_signal_and_its_last_words() {
        let error =
            first_error("read job; echo 'reading ring 7' >&2; sleep 0.1; kill -9 $$", Duration::from_secs(10)).await;
        assert_eq!(error.slug, "worker-died");
        assert!(error.text.en.contains("SIGKILL") && error.text.en.contains("reading ring 7"), "{}", error.text.en);
    }

    #[tokio::test]
    async fn a_worker_that_says_nothing_is_ended() {
        let error = first_error("read job; exec sleep 60", Duration::from_millis(200)).await;
        assert_eq!(error.slug, "worker-silent");
    }

    #[tokio::test]
    async fn a_stream_that_is_not_ours_is_an_error() {
        let error = first_error("read job; echo 'this is no frame at all'; sleep 1", Duration::from_secs(10)).await;
        assert_eq!(error.slug, "worker-died");
        assert!(error.text.en.contains("not a frame"), "{}", error.text.en);
    }

    #[tokio::test]
    async fn the_worker_sees_no_database_address() {
        let error = first_error(
            "read job; [ -z \"$CARGO_MANIFEST_DIR$DATABASE_URL\" ] && echo clean >&2; sleep 0.1; exit 3",
            Duration::from_secs(10),
        )
        .await;
        assert!(error.text.en.contains("clean"), "{}", error.text.en);
    }

    #[tokio::test]
    async fn a_worker_ends_when_its_parent_lets_go() {
        let worker = Worker::start(&shell("exec sleep 60"), Duration::from_secs(10)).expect("sh starts");
        let pid = worker.child.id().expect("it runs");
        drop(worker);
        for _ in 0..100 {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            if stat.is_empty() || stat.contains(" Z ") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the worker still runs");
    }
}
