//! The rows of a request, and the array or data frame that Python would make of them
//! (`python/worker/tradewind_worker/table.py`).
//!
//! Where numpy or pandas would make something other than plain numbers and texts, nothing is made:
//! the request is Python's.

use predictors::{Batch, Kinds, Predictor};

/// Largest whole number that every smaller one of has a double of its own.
pub(super) const EXACT: u64 = 1 << 53;

/// One cell as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(f64),
    Float(f64),
    Text(String),
}

/// Rows, all of the same width.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) columns: Option<Vec<String>>,
    pub(super) kinds: Vec<Kinds>,
    pub(super) numbers: Vec<f64>,
    pub(super) texts: Vec<(usize, String)>,
    /// They were an array of numbers already.
    pub(super) array: bool,
    /// Of single precision.
    pub(super) single: bool,
}

impl Table {
    /// Appends a cell to the row that is being built.
    pub(super) fn push(&mut self, column: usize, cell: Cell) {
        let (kind, number) = match cell {
            Cell::Null => (Kinds::NULL, f64::NAN),
            Cell::Bool(value) => (Kinds::BOOL, f64::from(u8::from(value))),
            Cell::Int(value) => (Kinds::INT, value),
            Cell::Float(value) => (Kinds::FLOAT, value),
            Cell::Text(text) => {
                self.texts.push((self.numbers.len(), text));
                (Kinds::TEXT, 0.0)
            }
        };
        if column >= self.kinds.len() {
            self.kinds.resize(column + 1, Kinds::default());
        }
        self.kinds[column] = self.kinds[column].with(kind);
        self.numbers.push(number);
    }

    /// What the model's `predict` would be given; `datatype` is the media type's parameter.
    pub(super) fn batch(self, predictor: &Predictor, datatype: Option<&str>) -> Option<Batch> {
        if self.array {
            let batch = Batch::new(self.kinds, self.numbers, Vec::new())?;
            return Some(if self.single {
                batch.in_single_precision()
            } else {
                batch
            });
        }
        match predictor.names() {
            Some(names) => self.frame(names),
            None => self.plain(predictor, datatype),
        }
    }

    /// A data frame with the model's columns.
    fn frame(self, names: &[String]) -> Option<Batch> {
        let width = self.kinds.len();
        let order: Vec<usize> = match &self.columns {
            None => (width == names.len()).then(|| (0..width).collect())?,
            Some(columns) => {
                if columns.len() != width {
                    return None;
                }
                let find = |name| columns.iter().rposition(|column| column == name);
                names.iter().map(find).collect::<Option<_>>()?
            }
        };
        for column in &order {
            let kinds = self.kinds[*column];
            let numbers = Kinds::INT.with(Kinds::FLOAT);
            let numeric = kinds.only(numbers.with(Kinds::NULL)) && kinds.has(numbers);
            if !numeric && !kinds.only(Kinds::BOOL) && !kinds.only(Kinds::TEXT) {
                return None;
            }
        }
        let in_order = order.iter().copied().eq(0..width);
        let batch = Batch::new(self.kinds, self.numbers, self.texts)?;
        if in_order {
            Some(batch)
        } else {
            batch.select(&order)
        }
    }

    /// One array of numbers.
    fn plain(self, predictor: &Predictor, datatype: Option<&str>) -> Option<Batch> {
        let seen = self
            .kinds
            .iter()
            .fold(Kinds::default(), |all, kinds| all.with(*kinds));
        if seen.has(Kinds::TEXT) || seen.has(Kinds::BOOL) && predictor.has_steps() {
            return None;
        }
        let width = self.kinds.len();
        let batch = |kind| Batch::of_numbers(width, self.numbers.clone(), kind);
        match datatype {
            Some("BOOL" | "FP16") => None,
            Some(typed) if bounds(typed).is_some() => {
                let (least, most) = bounds(typed)?;
                let fits = self
                    .numbers
                    .iter()
                    .all(|number| (least..=most).contains(number));
                (seen.only(Kinds::INT) && fits).then(|| batch(Kinds::INT))?
            }
            Some("FP64" | "FP32") if seen.has(Kinds::NULL) => None,
            Some("FP32") => batch(Kinds::FLOAT).map(Batch::in_single_precision),
            _ => Batch::of_numbers(width, self.numbers, Kinds::FLOAT),
        }
    }
}

fn bounds(datatype: &str) -> Option<(f64, f64)> {
    let bits = |bits: i32| 2_f64.powi(bits);
    Some(match datatype {
        "INT8" => (-bits(7), bits(7) - 1.0),
        "INT16" => (-bits(15), bits(15) - 1.0),
        "INT32" => (-bits(31), bits(31) - 1.0),
        "INT64" => (-bits(53), bits(53)),
        "UINT8" => (0.0, bits(8) - 1.0),
        "UINT16" => (0.0, bits(16) - 1.0),
        "UINT32" => (0.0, bits(32) - 1.0),
        "UINT64" => (0.0, bits(53)),
        _ => return None,
    })
}
