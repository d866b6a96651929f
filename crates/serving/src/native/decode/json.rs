//! JSON in its usual forms, read straight into a table
//! (`python/worker/tradewind_worker/codecs/json_rows.py`).

use crate::native::table::{Cell, EXACT, Table};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// The rows of a body; any failure leaves it to Python.
pub(super) fn decode(body: &[u8]) -> Option<Table> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let table = Body.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    (!table.numbers.is_empty()).then_some(table)
}

/// Below this a number that is read as a float was written as one.
const LARGEST_FLOAT: f64 = 9.0e18;
const NOT_OURS: &str = "not a form that is read here";

/// A whole body.
struct Body;

impl<'de> DeserializeSeed<'de> for Body {
    type Value = Table;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Table, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Body {
    type Value = Table;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, rows: A) -> Result<Table, A::Error> {
        Rows.visit_seq(rows)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Table, A::Error> {
        let mut instances = None;
        let mut others = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == "instances" {
                if instances.replace(map.next_value_seed(Rows)?).is_some() {
                    return Err(A::Error::custom(NOT_OURS));
                }
            } else if others.insert(key, map.next_value()?).is_some() {
                return Err(A::Error::custom(NOT_OURS));
            }
        }
        match instances {
            Some(table) => Ok(table),
            None => of_object(others).ok_or_else(|| A::Error::custom(NOT_OURS)),
        }
    }
}

fn of_object(mut object: Map<String, Value>) -> Option<Table> {
    for key in ["inputs", "input_data"] {
        if let Some(value) = object.remove(key) {
            return either(value);
        }
    }
    if let Some(value) = object.remove("dataframe_split") {
        let Value::Object(mut value) = value else {
            return None;
        };
        return split(value.remove("columns"), value.remove("data")?);
    }
    if let Some(value) = object.remove("dataframe_records") {
        return rows(value);
    }
    let data = object.remove("data")?;
    match object.remove("columns") {
        Some(columns) => split(Some(columns), data),
        None => either(data),
    }
}

fn rows(value: Value) -> Option<Table> {
    Rows.deserialize(value).ok()
}

fn either(value: Value) -> Option<Table> {
    match value {
        Value::Object(mut object)
            if object.contains_key("columns") && object.contains_key("data") =>
        {
            split(object.remove("columns"), object.remove("data")?)
        }
        Value::Object(object) => columns(object),
        value => rows(value),
    }
}

fn split(columns: Option<Value>, data: Value) -> Option<Table> {
    let Some(columns) = columns.filter(|columns| !columns.is_null()) else {
        return rows(data);
    };
    let names: Vec<String> = serde_json::from_value(columns).ok()?;
    if !data.as_array()?.iter().all(Value::is_array) {
        return None;
    }
    let mut table = rows(data)?;
    if table.kinds.len() != names.len() {
        return None;
    }
    table.columns = Some(names);
    Some(table)
}

/// A mapping of column name to values.
fn columns(object: Map<String, Value>) -> Option<Table> {
    let mut names = Vec::with_capacity(object.len());
    let mut columns = Vec::with_capacity(object.len());
    for (name, value) in object {
        let Value::Array(values) = value else {
            return None;
        };
        names.push(name);
        columns.push(flat(values).into_iter());
    }
    let height = columns.first()?.len();
    if columns.iter().any(|values| values.len() != height) {
        return None;
    }
    let mut table = Table::default();
    for _ in 0..height {
        for (column, values) in columns.iter_mut().enumerate() {
            table.push(column, ReadCell.deserialize(values.next()?).ok()?);
        }
    }
    table.columns = Some(names);
    Some(table)
}

/// A column of lists of one value each as a column of the values.
fn flat(values: Vec<Value>) -> Vec<Value> {
    let lone = |value: &Value| value.as_array().is_some_and(|list| list.len() == 1);
    if values.is_empty() || !values.iter().all(lone) {
        return values;
    }
    let take = |value| match value {
        Value::Array(mut list) => list.pop().unwrap_or_default(),
        value => value,
    };
    values.into_iter().map(take).collect()
}

/// A list of rows, or a single row.
struct Rows;

impl<'de> DeserializeSeed<'de> for Rows {
    type Value = Table;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Table, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Rows {
    type Value = Table;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Table, A::Error> {
        let mut building = Building::default();
        while rows.next_element_seed(&mut building)?.is_some() {}
        Ok(building.table)
    }
}

#[derive(Default)]
struct Building {
    table: Table,
    shape: Option<Shape>,
    cells: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Lists,
    Records,
    Single,
}

impl Building {
    /// False when rows of another shape came before.
    fn is(&mut self, shape: Shape) -> bool {
        *self.shape.get_or_insert(shape) == shape
    }

    fn scalar<E: Error>(&mut self, cell: Cell) -> Result<(), E> {
        if !self.is(Shape::Single) {
            return Err(E::custom(NOT_OURS));
        }
        self.table.push(self.cells, cell);
        self.cells += 1;
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Building {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Building {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<(), A::Error> {
        if !self.is(Shape::Lists) {
            return Err(A::Error::custom(NOT_OURS));
        }
        let mut width = 0;
        while let Some(cell) = row.next_element_seed(ReadCell)? {
            self.table.push(width, cell);
            width += 1;
        }
        if width == 0 || width != self.table.kinds.len() {
            return Err(A::Error::custom(NOT_OURS));
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut row: A) -> Result<(), A::Error> {
        if !self.is(Shape::Records) {
            return Err(A::Error::custom(NOT_OURS));
        }
        let mut cells: Map<String, Value> = Map::new();
        while let Some((key, value)) = row.next_entry::<String, Value>()? {
            cells.insert(key, value);
        }
        let columns = self.table.columns.take();
        let columns = columns.unwrap_or_else(|| cells.keys().cloned().collect());
        if columns.is_empty() {
            return Err(A::Error::custom(NOT_OURS));
        }
        for (column, name) in columns.iter().enumerate() {
            let value = cells.get_mut(name).map(Value::take);
            let value = value.ok_or_else(|| A::Error::custom(NOT_OURS))?;
            let cell = ReadCell.deserialize(value).map_err(A::Error::custom)?;
            self.table.push(column, cell);
        }
        self.table.columns = Some(columns);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(Cell::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(ReadCell.visit_i64(value)?)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(ReadCell.visit_u64(value)?)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(ReadCell.visit_f64(value)?)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.scalar(Cell::Text(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.scalar(Cell::Null)
    }
}

/// One cell; a list or an object is none.
struct ReadCell;

impl<'de> DeserializeSeed<'de> for ReadCell {
    type Value = Cell;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Cell, D::Error> {
        from.deserialize_any(self)
    }
}

impl Visitor<'_> for ReadCell {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a cell")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Cell, E> {
        if value.unsigned_abs() > EXACT {
            return Err(E::custom(NOT_OURS));
        }
        Ok(Cell::Int(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Cell, E> {
        if value > EXACT {
            return Err(E::custom(NOT_OURS));
        }
        Ok(Cell::Int(value as f64))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Cell, E> {
        // It may have been a whole number without end, which Python keeps as such.
        if value.abs() >= LARGEST_FLOAT {
            return Err(E::custom(NOT_OURS));
        }
        Ok(Cell::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Text(value.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Cell, E> {
        Ok(Cell::Null)
    }
}
