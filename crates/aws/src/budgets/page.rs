//! Pages of lists.

use super::fault::value;
use crate::fault::Fault;

/// The part of a list that is asked for, and the token of the next one.
pub(super) fn page<T>(
    mut all: Vec<T>,
    token: Option<&str>,
    size: Option<usize>,
    most: usize,
) -> Result<(Vec<T>, Option<String>), Fault> {
    let size = size.unwrap_or(most);
    if !(1..=most).contains(&size) {
        return Err(value(format!("MaxResults must be from 1 to {most}")));
    }
    let start = match token {
        None => 0,
        Some(token) => {
            let start = token.parse().ok().filter(|at| *at <= all.len());
            start.ok_or_else(|| {
                Fault::new(
                    "InvalidNextTokenException",
                    "The NextToken is not of this list",
                )
            })?
        }
    };
    let mut rest = all.split_off(start);
    let next = (rest.len() > size).then(|| (start + size).to_string());
    rest.truncate(size);
    Ok((rest, next))
}
