//! Protobuf, read by hand: no length is believed before it is checked.

/// One field of a message.
#[derive(Clone, Copy, Debug)]
pub(super) enum Field<'b> {
    Varint(u64),
    Fixed64([u8; 8]),
    Bytes(&'b [u8]),
    Fixed32([u8; 4]),
}

/// Said of bytes that are no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// Reads the fields of a message one after another.
pub(super) struct Fields<'b> {
    rest: &'b [u8],
}

impl<'b> Fields<'b> {
    pub fn of(message: &'b [u8]) -> Self {
        Self { rest: message }
    }

    fn field(&mut self) -> Result<(u64, Field<'b>), Broken> {
        let tag = varint(&mut self.rest)?;
        let field = match tag & 7 {
            0 => Field::Varint(varint(&mut self.rest)?),
            1 => Field::Fixed64(self.take(8)?.try_into().map_err(|_| Broken)?),
            2 => {
                let length = varint(&mut self.rest)?;
                Field::Bytes(self.take(usize::try_from(length).map_err(|_| Broken)?)?)
            }
            5 => Field::Fixed32(self.take(4)?.try_into().map_err(|_| Broken)?),
            _ => return Err(Broken),
        };
        if tag >> 3 == 0 || tag >> 3 > 0x1fff_ffff { Err(Broken) } else { Ok((tag >> 3, field)) }
    }

    fn take(&mut self, count: usize) -> Result<&'b [u8], Broken> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Broken)?;
        self.rest = rest;
        Ok(taken)
    }
}

impl<'b> Iterator for Fields<'b> {
    type Item = Result<(u64, Field<'b>), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// A varint of at most ten bytes.
fn varint(rest: &mut &[u8]) -> Result<u64, Broken> {
    let mut value = 0_u64;
    for (index, byte) in rest.iter().enumerate().take(10) {
        let bits = u64::from(byte & 0x7f);
        if index == 9 && bits > 1 {
            return Err(Broken);
        }
        value |= bits << (7 * index);
        if byte & 0x80 == 0 {
            *rest = &rest[index + 1..];
            return Ok(value);
        }
    }
    Err(Broken)
}

/// Packed `uint32`s.
pub(super) fn packed(mut bytes: &[u8], into: &mut Vec<u32>) -> Result<(), Broken> {
    while !bytes.is_empty() {
        into.push(u32::try_from(varint(&mut bytes)?).map_err(|_| Broken)?);
    }
    Ok(())
}
