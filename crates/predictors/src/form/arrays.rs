//! The arrays of a form.

use crate::Error;
use serde::Deserialize;

/// Element types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Element {
    F32,
    F64,
    I32,
    I64,
    U8,
}

impl Element {
    fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }
}

/// Where an array is.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(crate) struct ArrayHead {
    r#type: Element,
    offset: usize,
    length: usize,
}

/// All arrays of a form; each is copied out when it is asked for.
pub(crate) struct Arrays<'a> {
    parts: Vec<(Element, &'a [u8])>,
}

impl<'a> Arrays<'a> {
    pub(crate) fn new(heads: &[ArrayHead], bytes: &'a [u8]) -> Result<Self, Error> {
        let mut parts = Vec::with_capacity(heads.len());
        for head in heads {
            let size = head.length.checked_mul(head.r#type.size());
            let end = size.and_then(|size| head.offset.checked_add(size));
            let part = end.and_then(|end| bytes.get(head.offset..end));
            let part = part.ok_or_else(|| Error::wrong("arrays", "one leaves the form"))?;
            parts.push((head.r#type, part));
        }
        Ok(Self { parts })
    }

    fn find(&self, number: usize, element: Element) -> Result<&'a [u8], Error> {
        match self.parts.get(number) {
            Some((found, part)) if *found == element => Ok(part),
            Some((found, _)) => Err(Error::wrong(
                "arrays",
                format!("array {number} holds {found:?} instead of {element:?}"),
            )),
            None => Err(Error::wrong(
                "arrays",
                format!("there is no array {number}"),
            )),
        }
    }

    /// An array of `f64`; one of `f32` is widened.
    pub(crate) fn f64(&self, number: usize) -> Result<Vec<f64>, Error> {
        if matches!(self.parts.get(number), Some((Element::F32, _))) {
            return Ok(self.f32(number)?.into_iter().map(f64::from).collect());
        }
        let part = self.find(number, Element::F64)?;
        Ok(chunks(part).map(f64::from_le_bytes).collect())
    }

    pub(crate) fn f32(&self, number: usize) -> Result<Vec<f32>, Error> {
        Ok(chunks(self.find(number, Element::F32)?)
            .map(f32::from_le_bytes)
            .collect())
    }

    pub(crate) fn i32(&self, number: usize) -> Result<Vec<i32>, Error> {
        Ok(chunks(self.find(number, Element::I32)?)
            .map(i32::from_le_bytes)
            .collect())
    }

    pub(crate) fn i64(&self, number: usize) -> Result<Vec<i64>, Error> {
        Ok(chunks(self.find(number, Element::I64)?)
            .map(i64::from_le_bytes)
            .collect())
    }

    pub(crate) fn u8(&self, number: usize) -> Result<Vec<u8>, Error> {
        Ok(self.find(number, Element::U8)?.to_vec())
    }
}

fn chunks<const N: usize>(part: &[u8]) -> impl Iterator<Item = [u8; N]> {
    part.as_chunks::<N>().0.iter().copied()
}
