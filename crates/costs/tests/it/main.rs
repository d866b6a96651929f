//! The crate from outside: bills in, questions answered, bills out.

#[cfg(test)]
mod advice;
#[cfg(test)]
mod advice_of_services;
#[cfg(test)]
mod again;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod commitments;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod every_rule;
#[cfg(test)]
mod import;
#[cfg(test)]
mod insight;
#[cfg(test)]
mod lagging;
#[cfg(test)]
mod nested;
#[cfg(test)]
mod odd_lines;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod services;
#[cfg(test)]
mod support;
