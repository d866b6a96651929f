//! The names by which SageMaker's API shows jobs of other APIs. A pipeline step's job has a dot in
//! its id and may have underscores, which no SDK takes: they are written as two and three hyphens.
//! A job whose name does not lead back to it is not shown.

use crate::sagemaker::names;
use domain::JobId;

/// Longest name of a training job.
const LONGEST: usize = 63;

/// The name of a job by its id, if it can have one.
pub(crate) fn name(id: &JobId) -> Option<String> {
    let mut name = String::new();
    for letter in id.as_str().chars() {
        match letter {
            '.' => name.push_str("--"),
            '_' => name.push_str("---"),
            other => name.push(other),
        }
    }
    let good = name.len() <= LONGEST && names::is_plain(&name) && of(&name) == id.as_str();
    good.then_some(name)
}

/// The id of the job of a name.
pub(crate) fn of(name: &str) -> String {
    let mut id = String::new();
    let mut hyphens = 0;
    for letter in name.chars().chain(['\0']) {
        if letter == '-' {
            hyphens += 1;
            continue;
        }
        match hyphens {
            2 => id.push('.'),
            3 => id.push('_'),
            other => id.extend(std::iter::repeat_n('-', other)),
        }
        hyphens = 0;
        if letter != '\0' {
            id.push(letter);
        }
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_jobs() {
        for (id, shown) in [
            ("job-1", Some("job-1")),
            ("run-1.train", Some("run-1--train")),
            ("run-1.my_step.r2", Some("run-1--my---step--r2")),
            ("a--b", None),
            ("a-.b", None),
            ("a._b", None),
        ] {
            let id = JobId::new(id).unwrap();
            assert_eq!(name(&id).as_deref(), shown, "{id}");
        }
        assert_eq!(name(&JobId::new("a".repeat(64)).unwrap()), None);
        assert_eq!(of("plain-name"), "plain-name");
    }
}
