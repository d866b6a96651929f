//! FOCUS itself: columns keep their names; custom columns (`x_…`) are not kept.

use super::{Cells, Flat, Form, Rows};
use crate::focus::{Column, Level};
use crate::row::Reject;

struct Focus {
    places: Vec<(usize, Column)>,
    notes: Vec<String>,
}

pub(super) fn fits(headers: &[String]) -> bool {
    let has = |name: &str| headers.iter().any(|header| header == name);
    has("BilledCost") && (has("ChargePeriodStart") || has("BillingPeriodStart"))
}

pub(super) fn bind(headers: &[String]) -> Result<Box<dyn Flat>, String> {
    let mut places: Vec<(usize, Column)> = Vec::new();
    let mut dropped = Vec::new();
    for (at, header) in headers.iter().enumerate() {
        match Column::named(header) {
            Some(column) if places.iter().any(|(_, known)| *known == column) => {
                return Err(format!("the column `{header}` is there twice"));
            }
            Some(column) => places.push((at, column)),
            None => dropped.push(format!("`{header}`")),
        }
    }
    let has = |column: Column| places.iter().any(|(_, known)| *known == column);
    for column in [Column::BilledCost, Column::ChargePeriodStart] {
        if !has(column) {
            return Err(format!("it has no column `{}`", column.name()));
        }
    }
    let mandatory = |column: &&Column| column.rule().level == Level::Mandatory && !has(**column);
    let missing = Column::ALL.iter().filter(mandatory);
    let missing: Vec<String> = missing
        .map(|column| format!("`{}`", column.name()))
        .collect();
    let mut notes = Vec::new();
    if !missing.is_empty() {
        notes.push(format!(
            "mandatory columns are missing: {}",
            missing.join(", ")
        ));
    }
    if !dropped.is_empty() {
        notes.push(format!(
            "columns that FOCUS does not have are not kept: {}",
            dropped.join(", ")
        ));
    }
    Ok(Box::new(Focus { places, notes }))
}

impl Flat for Focus {
    fn form(&self) -> Form {
        Form::Focus
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    fn lines(&mut self, cells: Cells<'_>, rows: &mut Rows) -> Result<(), Reject> {
        let row = rows.add();
        for (at, column) in &self.places {
            if let Some(text) = cells.at(Some(*at)) {
                row.set(*column, text);
            }
        }
        Ok(())
    }
}
