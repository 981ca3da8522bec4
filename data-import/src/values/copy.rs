//! Fields of PostgreSQL's binary COPY: a big-endian length and the value in its binary form.

/// Begins a tuple of `fields` fields.
pub fn begin(out: &mut Vec<u8>, fields: usize) {
    out.extend((fields as i16).to_be_bytes());
}

/// NULL.
pub fn null(out: &mut Vec<u8>) {
    out.extend((-1i32).to_be_bytes());
}

/// `int8`.
pub fn int8(out: &mut Vec<u8>, value: i64) {
    out.extend(8i32.to_be_bytes());
    out.extend(value.to_be_bytes());
}

/// `float8`.
pub fn float8(out: &mut Vec<u8>, value: f64) {
    out.extend(8i32.to_be_bytes());
    out.extend(value.to_be_bytes());
}

/// `bool`.
pub fn boolean(out: &mut Vec<u8>, value: bool) {
    out.extend(1i32.to_be_bytes());
    out.push(u8::from(value));
}

/// `date`: days since 2000-01-01.
pub fn date(out: &mut Vec<u8>, days: i32) {
    out.extend(4i32.to_be_bytes());
    out.extend(days.to_be_bytes());
}

/// `text` or `bytea`.
pub fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    out.extend((value.len() as i32).to_be_bytes());
    out.extend(value);
}

/// `jsonb`, version 1.
pub fn jsonb(out: &mut Vec<u8>, value: &str) {
    out.extend((value.len() as i32 + 1).to_be_bytes());
    out.push(1);
    out.extend(value.as_bytes());
}

/// A field written by `write`, whose length is filled in afterwards.
pub fn sized(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend([0; 4]);
    write(out);
    let length = (out.len() - at - 4) as i32;
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}
