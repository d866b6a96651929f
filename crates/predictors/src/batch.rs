//! The rows of one request, as a table of numbers with a few texts in between.

use crate::Declined;

/// What has been seen in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kinds(u8);

impl Kinds {
    /// A whole number.
    pub const INT: Self = Self(1);
    /// A number with a point or exponent.
    pub const FLOAT: Self = Self(2);
    /// True or false.
    pub const BOOL: Self = Self(4);
    /// Nothing.
    pub const NULL: Self = Self(8);
    /// Text.
    pub const TEXT: Self = Self(16);

    /// Both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether anything of `other` was seen.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether nothing but `other` was seen.
    pub const fn only(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }
}

/// Rows in row-major order. A missing value is NaN; the number of a text cell means nothing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    width: usize,
    numbers: Vec<f64>,
    kinds: Vec<Kinds>,
    /// For each cell 0 or the place of its text, counted from 1; empty when there is no text.
    places: Vec<u32>,
    texts: Vec<String>,
    single: bool,
}

impl Batch {
    /// Rows of plain numbers; `numbers` must hold whole rows. None when it does not.
    pub fn of_numbers(width: usize, numbers: Vec<f64>, kind: Kinds) -> Option<Self> {
        if width == 0 || !numbers.len().is_multiple_of(width) {
            return None;
        }
        Some(Self {
            width,
            numbers,
            kinds: vec![kind; width],
            ..Self::default()
        })
    }

    /// Rows of numbers and texts. `kinds` are those of the columns, `texts` the cells that are text,
    /// in ascending order of their place.
    pub fn new(kinds: Vec<Kinds>, numbers: Vec<f64>, texts: Vec<(usize, String)>) -> Option<Self> {
        let mut batch = Self::of_numbers(kinds.len(), numbers, Kinds::default())?;
        batch.kinds = kinds;
        if !texts.is_empty() {
            batch.places = vec![0; batch.numbers.len()];
            for (cell, text) in texts {
                *batch.places.get_mut(cell)? = u32::try_from(batch.texts.len() + 1).ok()?;
                batch.texts.push(text);
            }
        }
        Some(batch)
    }

    /// The same rows as an array of single precision would hold them.
    #[must_use]
    pub fn in_single_precision(mut self) -> Self {
        for number in &mut self.numbers {
            *number = f64::from(*number as f32);
        }
        self.single = true;
        self
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.numbers.len().checked_div(self.width).unwrap_or(0)
    }

    /// What is in a column.
    pub fn kinds(&self, column: usize) -> Kinds {
        self.kinds.get(column).copied().unwrap_or_default()
    }

    /// All numbers, row after row.
    pub fn numbers(&self) -> &[f64] {
        &self.numbers
    }

    pub(crate) fn is_single(&self) -> bool {
        self.single
    }

    /// The text of a cell.
    pub(crate) fn text(&self, cell: usize) -> Option<&str> {
        let place = *self.places.get(cell)?;
        let text = self.texts.get((place as usize).checked_sub(1)?)?;
        Some(text)
    }

    /// The same rows with the columns in another order, or fewer of them; none when a column is not
    /// there.
    pub fn select(&self, columns: &[usize]) -> Option<Self> {
        if columns.iter().any(|column| *column >= self.width) {
            return None;
        }
        let mut numbers = Vec::with_capacity(columns.len() * self.rows());
        let mut texts = Vec::new();
        for row in 0..self.rows() {
            for column in columns {
                let cell = row * self.width + column;
                if let Some(text) = self.text(cell) {
                    texts.push((numbers.len(), text.to_owned()));
                }
                numbers.push(*self.numbers.get(cell)?);
            }
        }
        let kinds = columns.iter().map(|column| self.kinds(*column)).collect();
        let mut selected = Self::new(kinds, numbers, texts)?;
        selected.single = self.single;
        Some(selected)
    }

    /// Declines unless a column holds numbers in a form that becomes a plain array of numbers.
    pub(crate) fn expect_numbers(&self, column: usize) -> Result<(), Declined> {
        let kinds = self.kinds(column);
        let numeric = Kinds::INT.with(Kinds::FLOAT).with(Kinds::NULL);
        if kinds.only(numeric) || kinds.only(Kinds::BOOL) {
            Ok(())
        } else {
            Err(Declined::Kind)
        }
    }
}
