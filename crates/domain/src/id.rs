//! Identifiers that carry their kind, so that a job's id is never passed where a run's is meant.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Why a text is not a name or identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a valid {kind}: {reason}")]
pub struct InvalidName {
    /// What was being named: `name`, `job id`, …
    pub kind: &'static str,
    /// The text as given, shortened to 80 characters.
    pub text: String,
    /// Which rule it breaks.
    pub reason: &'static str,
}

/// Longest name in characters: what SageMaker, Vertex AI and Kubernetes labels all can hold.
pub const LONGEST_NAME: usize = 63;

fn check(kind: &'static str, text: &str, longest: usize) -> Result<(), InvalidName> {
    let fail = |reason| {
        Err(InvalidName {
            kind,
            text: text.chars().take(80).collect(),
            reason,
        })
    };
    if text.is_empty() {
        return fail("it is empty");
    }
    if text.len() > longest {
        return fail("it is too long");
    }
    if !text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    {
        return fail("only ASCII letters, digits, `-`, `_` and `.` are allowed");
    }
    if !text.as_bytes()[0].is_ascii_alphanumeric() {
        return fail("it must begin with a letter or digit");
    }
    if text.contains("..") {
        return fail("`..` is not allowed");
    }
    Ok(())
}

fn any_text(_: &str) -> Option<&'static str> {
    None
}

fn without_dots(text: &str) -> Option<&'static str> {
    text.contains('.').then_some("`.` is not allowed")
}

macro_rules! identifier {
    ($(#[$meta:meta])* $name:ident, $kind:literal, $longest:expr) => {
        identifier!($(#[$meta])* $name, $kind, $longest, any_text);
    };
    ($(#[$meta:meta])* $name:ident, $kind:literal, $longest:expr, $further:ident) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text: ASCII letters, digits, `-`, `_`, `.`; begins with a letter or
            /// digit; no `..`; bounded length.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
                let text = text.into();
                check($kind, &text, $longest)?;
                match $further(&text) {
                    None => Ok(Self(text)),
                    Some(reason) => Err(InvalidName { kind: $kind, text, reason }),
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", self.0)
            }
        }
    };
}

identifier!(
    /// A user-chosen name: of a pipeline, step, bucket prefix, deployment, alias.
    Name, "name", LONGEST_NAME
);
identifier!(
    /// The neutral scope. `default` unless configured; an AWS account and region, a Google
    /// project and location, an Azure workspace each map to one.
    Workspace, "workspace", LONGEST_NAME, without_dots
);
identifier!(
    /// One job. Unique in a workspace; derived from run and step path for pipeline steps.
    JobId, "job id", 128
);
identifier!(
    /// One execution of a pipeline.
    RunId, "run id", LONGEST_NAME
);
identifier!(
    /// Our own name for one attempt of a job, stored before any provider hears of it.
    TicketId, "ticket", 224
);
identifier!(
    /// A registered model.
    ModelName, "model name", LONGEST_NAME
);
identifier!(
    /// A stable serving address.
    EndpointName, "endpoint name", LONGEST_NAME
);

identifier!(
    /// User code behind an address; 64 characters, as on AWS Lambda.
    FunctionName, "function name", 64, without_dots
);

impl Default for Workspace {
    fn default() -> Self {
        Self("default".to_owned())
    }
}

impl JobId {
    /// The job of one step of a run that was resumed so often: the same three always give the
    /// same id, so that a crash between two writes can never start a step twice.
    pub fn of_step(run: &RunId, path: &StepPath, resumed: u32) -> Self {
        match resumed {
            0 => Self(format!("{run}.{}", path.slug())),
            _ => Self(format!("{run}.{}.r{resumed}", path.slug())),
        }
    }
}

impl TicketId {
    /// The ticket of the given attempt (counted from 1) of a job. A workspace has no dot, so two
    /// jobs never share a ticket.
    pub fn of_attempt(workspace: &Workspace, job: &JobId, attempt: u32) -> Self {
        Self(format!("{workspace}.{job}.a{attempt}"))
    }

    /// Workspace and job of a ticket; `None` when it was not made by [`TicketId::of_attempt`].
    pub fn origin(&self) -> Option<(Workspace, JobId)> {
        let (workspace, rest) = self.0.split_once('.')?;
        let (job, attempt) = rest.rsplit_once(".a")?;
        attempt.parse::<u32>().ok()?;
        Some((Workspace::new(workspace).ok()?, JobId::new(job).ok()?))
    }
}

/// Where a step stands in its run: the step's name, and the index of the item for a step inside a
/// `for-each`. Written `train` or `train[2]`.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct StepPath {
    /// The step of the pipeline.
    pub step: Name,
    /// Which item of its `for-each`, counted from 0.
    pub item: Option<u32>,
}

impl StepPath {
    /// The path of a step that stands alone.
    pub fn step(step: Name) -> Self {
        Self { step, item: None }
    }

    /// The path of one item of a `for-each` step.
    pub fn item(step: Name, index: u32) -> Self {
        Self {
            step,
            item: Some(index),
        }
    }

    /// The path in characters that an id may hold: `train` or `train-2`. Two different paths of
    /// one run never share a slug because [`crate::pipeline::PipelineSpec::check`] refuses step
    /// names that would.
    pub fn slug(&self) -> String {
        match self.item {
            None => self.step.to_string(),
            Some(index) => format!("{}_{index}", self.step),
        }
    }
}

impl fmt::Display for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.item {
            None => write!(f, "{}", self.step),
            Some(index) => write!(f, "{}[{index}]", self.step),
        }
    }
}

impl From<StepPath> for String {
    fn from(path: StepPath) -> String {
        path.to_string()
    }
}

impl TryFrom<String> for StepPath {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        let invalid = |reason| InvalidName {
            kind: "step path",
            text: text.chars().take(80).collect(),
            reason,
        };
        match text.split_once('[') {
            None => Ok(Self::step(Name::new(text)?)),
            Some((step, rest)) => {
                let index = rest
                    .strip_suffix(']')
                    .and_then(|digits| digits.parse().ok());
                let index = index.ok_or_else(|| invalid("the item must be a number in `[…]`"))?;
                Ok(Self::item(Name::new(step)?, index))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_leave_a_folder_are_refused() {
        for bad in [
            "", "..", "a/b", "../x", "-a", ".a", "a\0b", "a b", "ä", "a..b",
        ] {
            assert!(Name::new(bad).is_err(), "{bad:?}");
        }
        assert!(Name::new("breast-cancer_1.2").is_ok());
        assert!(Name::new("x".repeat(64)).is_err());
    }

    #[test]
    fn tickets_tell_their_origin() {
        let (workspace, job) = (Workspace::default(), JobId::new("r.a1.train_2").unwrap());
        let ticket = TicketId::of_attempt(&workspace, &job, 3);
        assert_eq!(ticket.origin(), Some((workspace, job)));
        assert!(Workspace::new("a.b").is_err());
    }

    #[test]
    fn step_paths_read_back() {
        for text in ["train", "train[12]"] {
            assert_eq!(
                StepPath::try_from(text.to_owned()).unwrap().to_string(),
                text
            );
        }
        for bad in ["train[", "train[x]", "train[-1]", "[1]"] {
            assert!(StepPath::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
