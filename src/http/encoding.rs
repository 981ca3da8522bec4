//! Which compression a client wants, and making it: of tiles, which are made while somebody waits, and of the pages' files, once.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

/// How a body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// gzip.
    Gzip,
    /// Brotli.
    Brotli,
}

impl Encoding {
    /// The word for `Content-Encoding`; none for a body as it is.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// The best that an `Accept-Encoding` allows (RFC 9110 §12.5.3); Brotli before gzip where both are as welcome.
    pub fn negotiate(accept: &str) -> Self {
        let mut weights: [Option<f32>; 3] = [None; 3];
        let mut other = None;
        for part in accept.split(',') {
            let mut pieces = part.split(';');
            let name = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
            let weight = pieces
                .find_map(|piece| piece.trim().strip_prefix("q=").map(|q| q.trim().parse().unwrap_or(0.0)))
                .unwrap_or(1.0_f32);
            match name.as_str() {
                "br" => weights[2] = Some(weight),
                "gzip" | "x-gzip" => weights[1] = Some(weight),
                "identity" => weights[0] = Some(weight),
                "*" => other = Some(weight),
                _ => {}
            }
        }
        let weight = |at: usize| weights[at].or(other).unwrap_or(0.0);
        let (gzip, brotli) = (weight(1), weight(2));
        if brotli > 0.0 && brotli >= gzip {
            Self::Brotli
        } else if gzip > 0.0 {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    /// Compresses a body.
    pub fn compress(self, body: &[u8], effort: Effort) -> Bytes {
        let mut out = Vec::with_capacity(body.len() / 2);
        let written = match (self, effort) {
            (Self::Identity, _) => out.write_all(body),
            (Self::Gzip, effort) => {
                let level = if effort == Effort::Quick { Compression::fast() } else { Compression::new(6) };
                let mut writer = GzEncoder::new(&mut out, level);
                writer.write_all(body).and_then(|()| writer.try_finish())
            }
            (Self::Brotli, effort) => {
                let (quality, window) = if effort == Effort::Quick { (4, 20) } else { (6, 22) };
                brotli::CompressorWriter::new(&mut out, 1 << 16, quality, window).write_all(body)
            }
        };
        written.unwrap_or_else(|error| unreachable!("memory takes all that is written: {error}"));
        out.into()
    }
}

/// How long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// For a tile: a third of the time of the usual levels, for a quarter more bytes.
    Quick,
    /// For what is compressed once and sent a thousand times.
    Once,
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_client_decides() {
        for (accept, expected) in [
            ("", Encoding::Identity),
            ("gzip, deflate, br", Encoding::Brotli),
            ("gzip;q=1.0, br;q=0.5", Encoding::Gzip),
            ("br;q=0, gzip", Encoding::Gzip),
            ("gzip;q=0, br;q=0", Encoding::Identity),
            ("identity", Encoding::Identity),
            ("*", Encoding::Brotli),
            ("deflate, zstd", Encoding::Identity),
        ] {
            assert_eq!(Encoding::negotiate(accept), expected, "{accept}");
        }
    }

    #[test]
    fn what_is_compressed_comes_out_again() {
        let body = "thửa đất ".repeat(1000).into_bytes();
        for effort in [Effort::Quick, Effort::Once] {
            let mut gzip = Vec::new();
            let packed = Encoding::Gzip.compress(&body, effort);
            flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut gzip).unwrap();
            assert_eq!(gzip, body);
            let mut brotli = Vec::new();
            let packed = Encoding::Brotli.compress(&body, effort);
            brotli::Decompressor::new(&packed[..], 4096).read_to_end(&mut brotli).unwrap();
            assert_eq!(brotli, body);
        }
        assert_eq!(Encoding::Identity.compress(&body, Effort::Quick), body);
    }
}
