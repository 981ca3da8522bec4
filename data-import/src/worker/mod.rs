//! The worker: one job in, frames out.

use std::io::{self, BufRead, Write};
use std::process::ExitCode;

use crate::protocol::{Job, Message, Text, write_message};

/// Reads one job from `stdin`, works, and answers on `stdout`. The exit code is 0 if the last message was `done`.
pub fn main(mut stdin: impl BufRead, mut stdout: impl Write + Send) -> ExitCode {
    match answer(&mut stdin, &mut stdout) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

fn answer(stdin: &mut impl BufRead, stdout: &mut (impl Write + Send)) -> io::Result<bool> {
    let mut line = String::new();
    stdin.read_line(&mut line)?;
    let message = match serde_json::from_str::<Job>(&line) {
        Ok(_) => Message::Done { issues: Vec::new(), refused: None },
        Err(e) => Message::Fatal {
            slug: "job-unreadable".into(),
            message: Text::new(format!("không đọc được yêu cầu nhập: {e}"), format!("the import job cannot be read: {e}")),
            file: None,
        },
    };
    write_message(stdout, &message)?;
    Ok(matches!(message, Message::Done { .. }))
}
