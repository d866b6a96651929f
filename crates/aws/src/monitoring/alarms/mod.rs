//! Alarms: a threshold on a series or an expression, its state and what became of it.

mod definition;
mod evaluate;
mod history;
mod kept;

pub(super) use definition::Definition;
pub(crate) use evaluate::evaluate;
pub(super) use evaluate::{after_values, now as evaluate_now};
pub(super) use history::{Item, Kind};
pub(super) use kept::{Alarm, State, all, delete, find, put, require};
