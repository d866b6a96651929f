//! Distinct texts in the order in which they came, found again by hash.

use super::bytes::put;
use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// The dictionary of a column while its block is filled.
#[derive(Default)]
pub(crate) struct Dictionary {
    bytes: String,
    ends: Vec<u32>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    last: Option<u32>,
}

impl Dictionary {
    /// The text's number, counted from 0.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if let Some(last) = self.last
            && self.get(last) == text
        {
            return last;
        }
        let hash = self.hasher.hash_one(text);
        let found = self
            .table
            .find(hash, |id| get(&self.bytes, &self.ends, *id) == text);
        let id = if let Some(id) = found {
            *id
        } else {
            let id = self.ends.len() as u32;
            self.bytes.push_str(text);
            self.ends.push(self.bytes.len() as u32);
            let (bytes, ends, hasher) = (&self.bytes, &self.ends, &self.hasher);
            self.table
                .insert_unique(hash, id, |id| hasher.hash_one(get(bytes, ends, *id)));
            id
        };
        self.last = Some(id);
        id
    }

    pub(crate) fn get(&self, id: u32) -> &str {
        get(&self.bytes, &self.ends, id)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len() as u32).map(|id| self.get(id))
    }

    /// Count, ends, bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        put(out, self.ends.len());
        for end in &self.ends {
            put(out, *end as usize);
        }
        out.extend_from_slice(self.bytes.as_bytes());
    }
}

fn get<'a>(bytes: &'a str, ends: &[u32], id: u32) -> &'a str {
    let at = id as usize;
    let start = if at == 0 { 0 } else { ends[at - 1] as usize };
    &bytes[start..ends[at] as usize]
}
