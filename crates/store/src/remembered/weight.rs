//! How many bytes of memory a kept row takes, counted by how its parts are laid out: within a fifth
//! of what the process grows by (a test measures it).

use contracts::store::{Body, Key, Row};
use std::mem::size_of;
use std::sync::Arc;

/// What an allocator gives for a request of so many bytes: whole words up to eight of them, then
/// four sizes between two powers of two (mimalloc's bins, `mi_bin`; others are near them).
fn allocated(bytes: usize) -> usize {
    match bytes {
        0 => 0,
        1..=64 => bytes.next_multiple_of(8),
        _ => bytes.next_multiple_of(bytes.next_power_of_two() / 8),
    }
}

/// A kept row: itself behind its pointer, its slot in the table, and what both point at. What was read
/// out of its body counts besides ([`Body::read_bytes`]).
pub(super) fn weight(row: &Row) -> usize {
    // Two counters stand before what an `Arc` holds.
    let shared = allocated(size_of::<Row>() + 2 * size_of::<usize>());
    let texts = row.row.parent.as_ref().map_or(0, String::len);
    let labels = row.row.labels.iter();
    let labels = labels.map(|(name, value)| allocated(name.len()) + allocated(value.len()));
    slot()
        + shared
        + 2 * texts_of(&row.row.key)
        + allocated(texts)
        + allocated(row.row.phase.len())
        + nodes(row.row.labels.len())
        + labels.sum::<usize>()
        + text_of(&row.row.body)
}

/// A slot of the table of rows. It doubles when seven eighths are taken, so that over time a slot
/// stands for one and a half.
fn slot() -> usize {
    (size_of::<Key>() + size_of::<Arc<Row>>() + 1) * 3 / 2
}

fn texts_of(key: &Key) -> usize {
    allocated(key.kind.len()) + allocated(key.workspace.as_str().len()) + allocated(key.id.len())
}

/// The nodes of a `BTreeMap` of texts: room for eleven, of which more than one are half full.
fn nodes(entries: usize) -> usize {
    let node = allocated(11 * 2 * size_of::<String>() + 16);
    match entries {
        0 => 0,
        1..=11 => node,
        _ => entries.div_ceil(6) * node,
    }
}

/// The text behind its pointer: two counters, the text's place and length, and what is read of it.
fn text_of(body: &Body) -> usize {
    let frame = size_of::<[usize; 8]>();
    allocated(body.text().len()) + allocated(frame)
}
