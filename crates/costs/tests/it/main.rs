//! The crate from outside: bills in, questions answered, bills out.

#[cfg(test)]
mod advice;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod import;
#[cfg(test)]
mod insight;
#[cfg(test)]
mod odd_lines;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod services;
#[cfg(test)]
mod support;
