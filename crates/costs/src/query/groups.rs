//! Where the sums of groups are. Keys are small numbers; while their product is small, a table
//! indexed by all of them finds a group's slot, and a hash table does after that.

use super::engine::MOST_KEYS;
use crate::Error;
use hashbrown::HashMap;

/// Most groups of an answer.
pub(super) const MOST_GROUPS: usize = 1_000_000;
/// Bits of the largest table that is indexed directly: four million entries of four bytes.
const DENSE_BITS: u32 = 22;
/// Bits of one key in the hashed form; five keys fit into 128.
const SPARSE_BITS: u32 = 25;
const NONE: u32 = u32::MAX;

/// The numbers of a group's keys.
pub(super) type Ids = [u32; MOST_KEYS];

/// Slots of groups.
pub(super) struct Groups {
    keys: usize,
    bits: [u32; MOST_KEYS],
    dense: Option<Vec<u32>>,
    sparse: HashMap<u128, u32>,
    pub(super) ids: Vec<Ids>,
}

impl Groups {
    pub(super) fn new(keys: usize) -> Self {
        Self {
            keys,
            bits: [0; MOST_KEYS],
            dense: Some(vec![NONE]),
            sparse: HashMap::new(),
            ids: Vec::new(),
        }
    }

    /// Makes room for so many values of each key.
    pub(super) fn fit(&mut self, sizes: &[usize]) {
        let mut grown = false;
        for (bits, size) in self.bits.iter_mut().zip(sizes) {
            let needed = usize::BITS - size.saturating_sub(1).leading_zeros();
            if needed > *bits {
                *bits = needed;
                grown = true;
            }
        }
        if !grown || self.dense.is_none() {
            return;
        }
        let total: u32 = self.bits[..self.keys].iter().sum();
        if total <= DENSE_BITS {
            let mut table = vec![NONE; 1 << total];
            for (slot, ids) in self.ids.iter().enumerate() {
                table[self.cell(ids)] = slot as u32;
            }
            self.dense = Some(table);
        } else {
            self.dense = None;
            let slots = self.ids.iter().enumerate();
            self.sparse = slots
                .map(|(slot, ids)| (hashed(ids), slot as u32))
                .collect();
        }
    }

    fn cell(&self, ids: &Ids) -> usize {
        let mut shift = 0;
        let mut cell = 0;
        for (id, bits) in ids.iter().zip(&self.bits[..self.keys]) {
            cell |= (*id as usize) << shift;
            shift += bits;
        }
        cell
    }

    /// The slot of every row; `dims` are the keys' numbers by code with their codes.
    pub(super) fn slots(
        &mut self,
        dims: &[(Vec<u32>, Option<&crate::segment::Codes>)],
        rows: usize,
        mask: Option<&[bool]>,
        slots: &mut Vec<u32>,
    ) -> Result<(), Error> {
        slots.clear();
        slots.resize(rows, 0);
        if self.dense.is_some() {
            self.index(dims, rows, slots);
            self.look_up(mask, slots);
        } else {
            self.hash(dims, rows, mask, slots);
        }
        if self.ids.len() > MOST_GROUPS {
            return Err(Error::TooManyGroups { most: MOST_GROUPS });
        }
        Ok(())
    }

    /// The cell of every row.
    fn index(
        &self,
        dims: &[(Vec<u32>, Option<&crate::segment::Codes>)],
        rows: usize,
        cells: &mut [u32],
    ) {
        let mut shift = 0;
        for ((ids, codes), bits) in dims.iter().zip(&self.bits) {
            let shifted: Vec<u32> = ids.iter().map(|id| id << shift).collect();
            match codes {
                None => cells.iter_mut().for_each(|cell| *cell |= shifted[0]),
                Some(codes) => codes.for_each(rows, |row, code| cells[row] |= shifted[code]),
            }
            shift += bits;
        }
    }

    /// Cells become slots; new cells get new ones.
    fn look_up(&mut self, mask: Option<&[bool]>, cells: &mut [u32]) {
        let Some(table) = &mut self.dense else { return };
        for (row, cell) in cells.iter_mut().enumerate() {
            if mask.is_some_and(|mask| !mask[row]) {
                *cell = NONE;
                continue;
            }
            let slot = &mut table[*cell as usize];
            if *slot == NONE {
                *slot = self.ids.len() as u32;
                let (mut ids, mut rest) = ([0; MOST_KEYS], *cell);
                for (id, bits) in ids.iter_mut().zip(&self.bits[..self.keys]) {
                    *id = rest & ((1 << bits) - 1);
                    rest >>= bits;
                }
                self.ids.push(ids);
            }
            *cell = *slot;
        }
    }

    fn hash(
        &mut self,
        dims: &[(Vec<u32>, Option<&crate::segment::Codes>)],
        rows: usize,
        mask: Option<&[bool]>,
        slots: &mut [u32],
    ) {
        let mut keys: Vec<Ids> = vec![[0; MOST_KEYS]; rows];
        for (at, (ids, codes)) in dims.iter().enumerate() {
            match codes {
                None => keys.iter_mut().for_each(|key| key[at] = ids[0]),
                Some(codes) => codes.for_each(rows, |row, code| keys[row][at] = ids[code]),
            }
        }
        for (row, slot) in slots.iter_mut().enumerate() {
            if mask.is_some_and(|mask| !mask[row]) {
                *slot = NONE;
                continue;
            }
            let ids = keys[row];
            let next = self.ids.len() as u32;
            *slot = *self.sparse.entry(hashed(&ids)).or_insert(next);
            if *slot == next {
                self.ids.push(ids);
            }
        }
    }
}

fn hashed(ids: &Ids) -> u128 {
    ids.iter()
        .fold(0, |key, id| (key << SPARSE_BITS) | u128::from(*id))
}

/// Adds mantissas to the sums of their rows' slots.
pub(super) fn add<T: Copy + Into<i128>>(
    sums: &mut [i128],
    slots: &[u32],
    mantissas: &[T],
    factor: i128,
) {
    for (slot, mantissa) in slots.iter().zip(mantissas) {
        if *slot != NONE {
            sums[*slot as usize] += (*mantissa).into() * factor;
        }
    }
}

/// Counts the rows of every slot.
pub(super) fn count(lines: &mut [u64], slots: &[u32]) {
    for slot in slots.iter().filter(|slot| **slot != NONE) {
        lines[*slot as usize] += 1;
    }
}
