//! Plans in words: the chosen offers, the runners-up, the rejected, and what to know.

mod chosen;
mod evidence;
mod notes;
mod picture;
mod rejected;
mod runners_up;
mod table;
mod together;

pub(crate) use chosen::chosen;
pub(crate) use evidence::evidence;
pub(crate) use notes::notes;
pub(crate) use rejected::rejected;
pub(crate) use runners_up::runners_up;
