//! Tags taken apart when they are written: for each key its values and which sets have them, so
//! that a question about one key touches nothing of the others.

use super::bytes::{Cursor, Fault, put};
use super::column::Strings;
use super::dictionary::Dictionary;
use std::collections::BTreeMap;

/// Reads a JSON object of tags: numbers and booleans become their text, null an empty one; nested
/// values stay JSON. `None` when it is no object.
pub(crate) fn read_tags(json: &str) -> Option<BTreeMap<String, String>> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    Some(
        object
            .into_iter()
            .map(|(key, value)| (key, text(value)))
            .collect(),
    )
}

/// The sets of tags of a block.
#[derive(Debug, Default)]
pub(crate) struct TagSets {
    sets: usize,
    keys: Strings,
    by_key: Vec<Values>,
}

/// The values of one key.
#[derive(Debug)]
pub(crate) struct Values {
    /// Its distinct values.
    pub(crate) values: Strings,
    /// Set number and value number.
    pub(crate) pairs: Vec<(u32, u32)>,
}

impl TagSets {
    /// How many sets there are.
    pub(crate) fn len(&self) -> usize {
        self.sets
    }

    /// All keys.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.keys.iter()
    }

    /// A key's values.
    pub(crate) fn values(&self, key: &str) -> Option<&Values> {
        let at = self.keys.iter().position(|known| known == key)?;
        self.by_key.get(at)
    }

    /// Every set put together again.
    pub(crate) fn sets(&self) -> Vec<BTreeMap<&str, &str>> {
        let mut sets = vec![BTreeMap::new(); self.sets];
        for (key, by_key) in self.keys.iter().zip(&self.by_key) {
            for (set, value) in &by_key.pairs {
                sets[*set as usize].insert(key, by_key.values.get(*value as usize));
            }
        }
        sets
    }

    pub(crate) fn read(from: &mut Cursor<'_>) -> Result<Self, Fault> {
        let sets = from.u32()?;
        let keys = Strings::read(from)?;
        let mut by_key = Vec::with_capacity(keys.len());
        for _ in 0..keys.len() {
            let values = Strings::read(from)?;
            let count = from.count(8)?;
            let mut pairs = Vec::with_capacity(count);
            for _ in 0..count {
                let (set, value) = (from.u32()?, from.u32()?);
                if set >= sets || value >= values.len() {
                    return Err("a tag is beyond its dictionary");
                }
                pairs.push((set as u32, value as u32));
            }
            by_key.push(Values { values, pairs });
        }
        Ok(Self { sets, keys, by_key })
    }
}

/// Writes the sets whose JSON the dictionary holds.
pub(crate) fn write(sets: &Dictionary, out: &mut Vec<u8>) {
    let mut keys = Dictionary::default();
    let mut by_key: Vec<(Dictionary, Vec<(u32, u32)>)> = Vec::new();
    for (set, json) in sets.iter().enumerate() {
        for (key, value) in read_tags(json).unwrap_or_default() {
            let key = keys.intern(&key) as usize;
            if key == by_key.len() {
                by_key.push(Default::default());
            }
            let value = by_key[key].0.intern(&value);
            by_key[key].1.push((set as u32, value));
        }
    }
    put(out, sets.len());
    keys.write(out);
    for (values, pairs) in &by_key {
        values.write(out);
        put(out, pairs.len());
        for (set, value) in pairs {
            put(out, *set as usize);
            put(out, *value as usize);
        }
    }
}
