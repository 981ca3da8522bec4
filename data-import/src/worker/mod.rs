//! The worker: one job in, frames out.

pub mod checker;
pub mod delivery;
pub mod fatal;
pub mod inspect;
mod kinds;
pub mod messages;
pub mod ogr;
pub mod refused;
pub mod report;
pub(crate) mod sandbox;
pub mod session;
mod stream;
pub mod suspicion;
pub mod tables;
mod whole;
mod writing;

use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

use crate::protocol::{Job, Message, Mode, Text, write_message};
use fatal::Fatal;

/// A job is one line, at most this long.
const JOB_LIMIT: u64 = 64 << 20;

/// Reads one job from `stdin`, works, and answers on `stdout`. The exit code is 0 if the last message was `done`, or
/// the answer to a look.
pub fn main(stdin: impl BufRead, stdout: impl Write + Send) -> ExitCode {
    match read_job(stdin) {
        Ok(job) => finished(run(&job, stdout)),
        Err(fatal) => finished(refuse(stdout, fatal)),
    }
}

/// The worker as a process of its own: limits what it may take, and ends when its parent is gone (its stdin closes).
pub fn process() -> ExitCode {
    // Refused rows and unpacked files are for the owner of the delivery alone.
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
    // Before the job is there: its parent may still be opening the database.
    ogr::prepare();
    ogr::warm();
    let job = match read_job(io::stdin().lock()) {
        Ok(job) => job,
        Err(fatal) => return finished(refuse(io::stdout(), fatal)),
    };
    limit_memory(job.limits.memory_bytes);
    ogr::keep_aside_in(&job.work_dir);
    for left in sandbox::confine(&job).0 {
        eprintln!("not locked in: {left}");
    }
    end_with_the_parent();
    finished(run(&job, io::BufWriter::with_capacity(1 << 16, io::stdout())))
}

/// Ends this process when its parent is gone, which keeps the pipe open for as long as it lives.
pub(crate) fn end_with_the_parent() {
    std::thread::spawn(|| {
        let mut rest = [0u8; 256];
        let mut stdin = io::stdin().lock();
        while !matches!(stdin.read(&mut rest), Ok(0) | Err(_)) {}
        std::process::exit(1);
    });
}

/// Runs a job; true if it ended well.
///
/// # Errors
/// If the parent is gone.
pub fn run(job: &Job, out: impl Write + Send) -> io::Result<bool> {
    ogr::prepare();
    match job.mode {
        Mode::Import => match session::Session::new(job, out) {
            Ok(session) => session.run(),
            Err((fatal, out)) => refuse(out, fatal),
        },
        Mode::Inspect => inspect::answer(job, out, false),
        Mode::Propose => inspect::answer(job, out, true),
    }
}

fn read_job(stdin: impl BufRead) -> Result<Job, Fatal> {
    let unreadable = |e: &dyn std::fmt::Display| {
        Fatal::new(
            "job-unreadable",
            Text::new(format!("không đọc được yêu cầu nhập: {e}"), format!("the import job cannot be read: {e}")),
        )
    };
    let mut line = String::new();
    stdin.take(JOB_LIMIT).read_line(&mut line).map_err(|e| unreadable(&e))?;
    serde_json::from_str(&line).map_err(|e| unreadable(&e))
}

fn refuse(mut out: impl Write, fatal: Fatal) -> io::Result<bool> {
    write_message(&mut out, &fatal.into_message()).map(|()| false)
}

fn finished(done: io::Result<bool>) -> ExitCode {
    if matches!(done, Ok(true)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A file that makes GDAL ask for everything fails by itself instead of taking the machine along; and leaves no core.
pub(crate) fn limit_memory(bytes: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    // A system that refuses has limits of its own.
    let _ = setrlimit(Resource::Core, limit(0));
    if bytes > 0 {
        let _ = setrlimit(Resource::As, limit(bytes));
    }
}

/// A message of the worker, for tests and tools that read a whole answer at once.
///
/// # Errors
/// If the bytes are no frames.
pub fn messages_of(mut answer: &[u8]) -> io::Result<Vec<Message>> {
    let mut out = Vec::new();
    while let Some(frame) = crate::protocol::read_frame(&mut answer)? {
        if let crate::protocol::Frame::Message(message) = frame {
            out.push(*message);
        }
    }
    Ok(out)
}
