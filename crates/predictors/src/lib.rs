//! Predictors that run without Python: trees, boosters, linear models and the preprocessing before
//! them, evaluated as scikit-learn, XGBoost and LightGBM evaluate them.
//!
//! A model is read once by Python, in its own environment, into a form of ours: a JSON head that
//! says what is computed and arrays that it refers to, under a checksum ([`form`]). No pickle is
//! ever read here. [`Predictor::load`] trusts nothing in a form: whatever is out of bounds, cyclic
//! or contradictory is an [`Error`]. [`Predictor::predict`] answers what it is certain of and
//! otherwise says [`Declined`], so that whoever asked can ask Python, whose answer or error is then
//! the true one.
//!
//! There is no I/O here and no thread: bytes in, numbers out.

mod batch;
mod decision;
mod error;
pub mod form;
mod linear;
mod predictor;
mod steps;
mod trees;

pub use batch::{Batch, Kinds};
pub use decision::{Labels, Prediction};
pub use error::{Declined, Error};
pub use predictor::Predictor;
