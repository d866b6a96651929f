//! CSV without quotes: what is between commas, as Python's `int` and `float` read it.

use crate::native::table::{Cell, EXACT, Table};

pub(super) fn decode(body: &[u8], header: Option<&str>) -> Option<Table> {
    let text = std::str::from_utf8(body).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Quotes, and line ends other than the usual two, are for a real reader.
    if !text.is_ascii()
        || text.contains(['"', '\0', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e', '\x1f'])
    {
        return None;
    }
    let lines = text
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line));
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    if lines.iter().any(|line| line.contains('\r')) {
        return None;
    }
    let first: Vec<Cell> = lines.first()?.split(',').map(cell).collect::<Option<_>>()?;
    let width = first.len();
    let mut table = Table::default();
    for line in &lines[1..] {
        let mut count = 0;
        for text in line.split(',') {
            table.push(count, cell(text)?);
            count += 1;
        }
        if count != width {
            return None;
        }
    }
    let named = match header {
        Some("present") => true,
        None => {
            let texts = first.iter().all(|cell| matches!(cell, Cell::Text(_)));
            texts
                && table
                    .kinds
                    .iter()
                    .any(|kinds| kinds.has(predictors::Kinds::INT.with(predictors::Kinds::FLOAT)))
        }
        Some(_) => false,
    };
    if named {
        table.columns = Some(lines[0].split(',').map(str::to_owned).collect());
        return (!table.numbers.is_empty()).then_some(table);
    }
    let mut whole = Table::default();
    for (column, cell) in first.into_iter().enumerate() {
        whole.push(column, cell);
    }
    for (mine, other) in whole.kinds.iter_mut().zip(&table.kinds) {
        *mine = mine.with(*other);
    }
    whole.numbers.append(&mut table.numbers);
    whole
        .texts
        .extend(table.texts.into_iter().map(|(at, text)| (at + width, text)));
    Some(whole)
}

/// A cell; none where Python might read it otherwise.
fn cell(text: &str) -> Option<Cell> {
    let text = text.trim_matches([' ', '\t']);
    let Some(start) = text.bytes().next() else {
        return Some(Cell::Null);
    };
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i64 = text.parse().ok()?;
        return (number.unsigned_abs() <= EXACT).then_some(Cell::Int(number as f64));
    }
    if start.is_ascii_alphabetic() || start == b'_' {
        let word = text.to_ascii_lowercase();
        let number = matches!(word.as_str(), "nan" | "inf" | "infinity");
        return (!number).then(|| Cell::Text(text.to_owned()));
    }
    let plain = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    if !text.bytes().all(plain) {
        return None;
    }
    text.parse().ok().map(Cell::Float)
}
