//! A mail server that catches what it is given: as much SMTP as a test needs (RFC 5321, 4.1).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A letter as it was handed in.
#[derive(Clone, Debug)]
pub struct Caught {
    /// Who it is for, by the envelope.
    pub to: String,
    raw: String,
}

/// How the office treats letters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Takes them.
    Takes,
    /// Answers the address with this line.
    Says(&'static str),
    /// Takes all of a letter and never says so.
    Silent,
}

/// A mail server of a test's own; it goes with the test.
pub struct PostOffice {
    /// Where it listens.
    pub port: u16,
    letters: Arc<Mutex<Vec<Caught>>>,
    manner: Arc<Mutex<Manner>>,
    calls: Arc<AtomicUsize>,
}

impl PostOffice {
    /// Opens at any port.
    pub async fn open() -> Self {
        Self::open_at(0).await
    }

    /// Opens at this port.
    pub async fn open_at(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("the port is free");
        let port = listener.local_addr().expect("bound").port();
        let office =
            Self { port, letters: Arc::default(), manner: Arc::new(Mutex::new(Manner::Takes)), calls: Arc::default() };
        let (letters, manner, calls) = (office.letters.clone(), office.manner.clone(), office.calls.clone());
        tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                calls.fetch_add(1, Ordering::SeqCst);
                // A caller who hangs up in the middle is what some tests are about.
                tokio::spawn(serve(caller, letters.clone(), manner.clone()));
            }
        });
        office
    }

    /// A port where nobody listens yet.
    pub async fn closed_port() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        listener.local_addr().expect("bound").port()
    }

    /// From now on.
    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().expect("no test panics over it") = manner;
    }

    /// All letters so far.
    pub fn letters(&self) -> Vec<Caught> {
        self.letters.lock().expect("no test panics over it").clone()
    }

    /// How often somebody called.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut caller: TcpStream,
    letters: Arc<Mutex<Vec<Caught>>>,
    manner: Arc<Mutex<Manner>>,
) -> std::io::Result<()> {
    let (read, mut write) = caller.split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    write.write_all(b"220 office\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let now = *manner.lock().expect("no test panics over it");
        let reply = match line.split([' ', ':']).next().unwrap_or_default().to_uppercase().as_str() {
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                if let Manner::Says(refusal) = now { refusal } else { "250 ok" }
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut raw = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    // A dot at the beginning is doubled on the way (RFC 5321, 4.5.2).
                    raw += line.strip_prefix('.').unwrap_or(&line);
                    raw += "\n";
                }
                letters.lock().expect("no test panics over it").push(Caught { to: to.clone(), raw });
                if now == Manner::Silent {
                    std::future::pending::<()>().await;
                }
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 office",
        };
        write.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}

impl Caught {
    /// One header, unfolded.
    pub fn header(&self, name: &str) -> String {
        let head = self.raw.split("\n\n").next().unwrap_or_default().replace("\n ", " ");
        let found = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")).map(ToOwned::to_owned));
        found.unwrap_or_else(|| panic!("no {name} in {head}"))
    }

    /// The subject, in letters (RFC 2047, B only).
    pub fn subject(&self) -> String {
        let line = self.header("Subject").replace("?= =?utf-8?b?", "?==?utf-8?b?");
        let mut said = Vec::new();
        let mut rest = line.as_str();
        while let Some((plain, coded)) = rest.split_once("=?utf-8?b?") {
            said.extend(plain.bytes());
            let (coded, after) = coded.split_once("?=").expect("a word ends");
            said.extend(base64(coded));
            rest = after;
        }
        said.extend(rest.bytes());
        String::from_utf8(said).expect("UTF-8")
    }

    /// What it says (RFC 2045, 6.7).
    pub fn text(&self) -> String {
        assert_eq!(self.header("Content-Transfer-Encoding"), "quoted-printable");
        let body = self.raw.split_once("\n\n").expect("head and body").1.replace("=\n", "");
        let mut bytes = Vec::new();
        let mut rest = body.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(if byte == b'=' {
                let pair = [rest.next().expect("a pair"), rest.next().expect("a pair")];
                u8::from_str_radix(std::str::from_utf8(&pair).expect("ASCII"), 16).expect("hexadecimal")
            } else {
                byte
            });
        }
        String::from_utf8(bytes).expect("UTF-8")
    }
}

fn base64(coded: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let six = |letter: u8| LETTERS.iter().position(|known| *known == letter).expect("base64") as u32;
    let quads = coded.trim_end_matches('=').as_bytes().chunks(4).flat_map(|quad| {
        let bits = quad.iter().fold(0_u32, |bits, letter| bits << 6 | six(*letter)) << (6 * (4 - quad.len()));
        bits.to_be_bytes()[1..quad.len()].to_vec()
    });
    quads.collect()
}
