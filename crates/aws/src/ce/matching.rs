//! How the values of an expression are compared with those of lines.

use crate::fault::Fault;

/// What a line's value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Match {
    /// None at all.
    Absent,
    /// One of these.
    Exact(Vec<String>),
    /// Alike to one of these, in this part of the text.
    Alike(Part, Case, Vec<String>),
}

/// The part of a text that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Start,
    End,
    Any,
}

/// Whether capital and small letters are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Told,
    Same,
}

impl Match {
    /// Reads `MatchOptions`.
    pub(super) fn read(options: &[String], values: &[String]) -> Result<Self, Fault> {
        let (mut part, mut case, mut absent) = (Part::Whole, Case::Told, false);
        for option in options {
            match option.as_str() {
                "EQUALS" => part = Part::Whole,
                "STARTS_WITH" => part = Part::Start,
                "ENDS_WITH" => part = Part::End,
                "CONTAINS" => part = Part::Any,
                "CASE_SENSITIVE" => case = Case::Told,
                "CASE_INSENSITIVE" => case = Case::Same,
                "ABSENT" => absent = true,
                other => {
                    let other: String = other.chars().take(60).collect();
                    let message = format!("the match option `{other}` is not served here");
                    return Err(Fault::validation(message));
                }
            }
        }
        if absent {
            return Ok(Self::Absent);
        }
        if values.is_empty() {
            return Err(Fault::validation("a dimension or tag needs values"));
        }
        Ok(match (part, case) {
            (Part::Whole, Case::Told) => Self::Exact(values.to_vec()),
            _ => Self::Alike(part, case, values.to_vec()),
        })
    }

    /// Whether a value is one of those.
    pub(super) fn fits(&self, value: &str) -> bool {
        match self {
            Self::Absent => false,
            Self::Exact(wanted) => wanted.iter().any(|one| one == value),
            Self::Alike(part, case, wanted) => {
                let value = case.of(value);
                wanted.iter().any(|one| {
                    let one = case.of(one);
                    match part {
                        Part::Whole => value == one,
                        Part::Start => value.starts_with(&one),
                        Part::End => value.ends_with(&one),
                        Part::Any => value.contains(&one),
                    }
                })
            }
        }
    }
}

impl Case {
    fn of(self, text: &str) -> String {
        match self {
            Self::Told => text.to_owned(),
            Self::Same => text.to_lowercase(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_say_what_is_compared() {
        for (options, wanted, value, whether) in [
            (vec!["EQUALS"], "S3", "s3", false),
            (vec!["EQUALS", "CASE_INSENSITIVE"], "S3", "s3", true),
            (vec!["STARTS_WITH"], "Amazon", "Amazon EC2", true),
            (vec!["STARTS_WITH"], "Amazon", "My Amazon", false),
            (
                vec!["ENDS_WITH", "CASE_INSENSITIVE"],
                "ec2",
                "Amazon EC2",
                true,
            ),
            (vec!["CONTAINS"], "on E", "Amazon EC2", true),
            (vec!["ABSENT"], "x", "x", false),
        ] {
            let options: Vec<String> = options.iter().map(ToString::to_string).collect();
            let read = Match::read(&options, &[wanted.to_owned()]).unwrap();
            assert_eq!(read.fits(value), whether, "{options:?} {wanted} {value}");
        }
        assert!(Match::read(&["GREATER_THAN_OR_EQUAL".to_owned()], &["1".to_owned()]).is_err());
    }
}
