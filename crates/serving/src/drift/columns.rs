//! Rows of requests as columns with names.

use crate::native::rows;
use serde_json::Value;

/// Most columns that are compared; wider requests are embeddings or pictures.
const MOST_COLUMNS: usize = 1_024;

/// One column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) numbers: Vec<f64>,
    pub(super) texts: Vec<String>,
    pub(super) missing: usize,
}

impl Column {
    fn push(&mut self, number: f64, text: Option<&str>) {
        match text {
            Some("") => self.missing += 1,
            Some(text) => self.texts.push(text.to_owned()),
            None if number.is_nan() => self.missing += 1,
            None => self.numbers.push(number),
        }
    }

    /// How many cells.
    pub(super) fn len(&self) -> usize {
        self.numbers.len() + self.texts.len() + self.missing
    }
}

/// Columns in the order in which they were first seen.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) all: Vec<Column>,
    rows: usize,
    width: Option<usize>,
}

impl Columns {
    /// How many rows.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds the rows of a body; false when it has none that can be read, or too wide ones.
    pub(super) fn read(
        &mut self,
        content_type: &str,
        body: &[u8],
        names: Option<&[String]>,
    ) -> bool {
        let Some(rows) = rows(content_type, body) else {
            return false;
        };
        let width = rows.width;
        if width == 0 || width > MOST_COLUMNS || *self.width.get_or_insert(width) != width {
            return false;
        }
        let named = names.filter(|names| names.len() == width);
        let names: Vec<String> = match (rows.columns, named) {
            (Some(columns), _) if columns.len() == width => columns,
            (_, Some(names)) => names.to_vec(),
            _ => (0..width).map(|place| format!("feature {place}")).collect(),
        };
        let mut texts = rows.texts.iter().peekable();
        for (at, number) in rows.numbers.iter().enumerate() {
            let text = texts
                .next_if(|(place, _)| *place == at)
                .map(|(_, text)| text.as_str());
            self.column(&names[at % width], at % width)
                .push(*number, text);
        }
        self.rows += rows.numbers.len() / width;
        true
    }

    /// Adds the predictions of an answer, if it is of the usual form with one value for each row.
    pub(super) fn read_answer(&mut self, body: &[u8]) {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else {
            return;
        };
        let Some(predictions) = answer["predictions"].as_array() else {
            return;
        };
        let place = self.all.len();
        for prediction in predictions {
            match prediction {
                Value::Number(number) => self
                    .column("prediction", place)
                    .push(number.as_f64().unwrap_or(f64::NAN), None),
                Value::String(text) => self.column("prediction", place).push(0.0, Some(text)),
                _ => return,
            }
        }
    }

    /// The column of a name, looked for where it is expected first.
    fn column(&mut self, name: &str, expected: usize) -> &mut Column {
        let there = self
            .all
            .get(expected)
            .is_some_and(|column| column.name == name);
        let place = if there {
            Some(expected)
        } else {
            self.all.iter().position(|column| column.name == name)
        };
        let place = place.unwrap_or_else(|| {
            self.all.push(Column {
                name: name.to_owned(),
                ..Column::default()
            });
            self.all.len() - 1
        });
        &mut self.all[place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_all_forms_become_the_same_columns() {
        let mut columns = Columns::default();
        let names = ["age".to_owned(), "city".to_owned()];
        let bodies: [(&str, &str); 3] = [
            ("text/csv; header=present", "city,age\nRiga,31\nOslo,\n"),
            (
                "application/json",
                r#"{"dataframe_split": {"columns": ["age", "city"], "data": [[7, "Riga"]]}}"#,
            ),
            ("application/json", r#"{"instances": [[8, "Bonn"]]}"#),
        ];
        for (media, body) in bodies {
            assert!(columns.read(media, body.as_bytes(), Some(&names)), "{body}");
        }
        assert!(
            !columns.read("application/json", b"[[1, 2, 3]]", None),
            "another width"
        );
        assert!(!columns.read("application/json", b"{}", None));
        columns.read_answer(br#"{"predictions": [0.5, 1]}"#);
        columns.read_answer(b"rubbish");
        assert_eq!(columns.rows(), 4);
        let age = columns.all.iter().find(|one| one.name == "age").unwrap();
        assert_eq!(
            (age.numbers.as_slice(), age.missing),
            (&[31.0, 7.0, 8.0][..], 1)
        );
        let city = columns.all.iter().find(|one| one.name == "city").unwrap();
        assert_eq!(city.texts, ["Riga", "Oslo", "Riga", "Bonn"]);
        let answers = columns.all.last().unwrap();
        assert_eq!((answers.name.as_str(), answers.len()), ("prediction", 2));
    }
}
