//! What a job's spec must keep to besides what its types say, so that a mistake is answered at
//! once and not by a job that fails.

use domain::Refusal;
use domain::job::{Checkpoints, Entry, JobSpec};

/// Machines of one job.
const MOST_NODES: u32 = 64;

/// Refuses what could never run as it was meant.
pub(crate) fn check(spec: &JobSpec) -> Result<(), Refusal> {
    names(spec)?;
    entry(spec)?;
    deliveries(spec)?;
    gang(spec)?;
    checkpoints(spec)?;
    for name in spec.env.keys() {
        if name.is_empty() || name.contains('=') {
            return Err(Refusal::invalid(format!(
                "`{name}` cannot name an environment variable: it must not be empty or hold `=`"
            )));
        }
    }
    let texts = spec.env.iter().chain(&spec.hyperparameters);
    for (name, value) in texts {
        if name.contains('\0') || value.contains('\0') {
            return Err(Refusal::invalid(format!(
                "`{}` holds a NUL character, which no program can be given",
                name.replace('\0', "?")
            )));
        }
    }
    for pattern in &spec.metrics {
        if let Err(error) = regex::Regex::new(&pattern.regex) {
            return Err(Refusal::invalid(format!(
                "the pattern of the metric `{}` is not a regular expression: {error}",
                pattern.name
            )));
        }
    }
    Ok(())
}

fn names(spec: &JobSpec) -> Result<(), Refusal> {
    let mut names = spec.inputs.keys().chain(&spec.outputs);
    if let Some(bad) = names.find(|name| domain::Name::new(name.as_str()).is_err()) {
        return Err(Refusal::invalid(format!(
            "`{bad}` cannot name an input or output: use letters, digits, `-`, `_` and `.`"
        )));
    }
    if let Some(taken) = spec.outputs.iter().find(|name| *name == "model") {
        return Err(Refusal::invalid(format!(
            "`{taken}` cannot name an output: it is the model folder, which is always kept"
        )));
    }
    Ok(())
}

/// Every delivery and every path is of something that the job has.
fn deliveries(spec: &JobSpec) -> Result<(), Refusal> {
    if let Some(channel) = spec
        .input_paths
        .keys()
        .find(|name| !spec.inputs.contains_key(*name))
    {
        return Err(Refusal::invalid(format!(
            "there is no input `{channel}` to have a path"
        )));
    }
    if let Some(name) = spec
        .output_paths
        .keys()
        .find(|name| !spec.outputs.contains(name))
    {
        return Err(Refusal::invalid(format!(
            "there is no output `{name}` to have a path"
        )));
    }
    for delivery in &spec.deliveries {
        let known = ["model", "output"].contains(&delivery.output.as_str())
            || spec.outputs.contains(&delivery.output);
        if !known {
            let name = &delivery.output;
            return Err(Refusal::invalid(format!(
                "there is no output `{name}` to be delivered"
            )));
        }
        match domain::Location::parse(&delivery.to) {
            Ok(domain::Location::Object { .. }) => {}
            _ => {
                return Err(Refusal::invalid(format!(
                    "`{}` is no place in a bucket to deliver to",
                    delivery.to
                )));
            }
        }
        if let Some(file) = &delivery.archive
            && domain::Name::new(file.as_str()).is_err()
        {
            return Err(Refusal::invalid(format!("`{file}` cannot name an archive")));
        }
    }
    Ok(())
}

/// What is said of inputs is said of inputs that there are.
fn gang(spec: &JobSpec) -> Result<(), Refusal> {
    if spec.resources.nodes > MOST_NODES {
        return Err(Refusal::invalid(format!(
            "{} machines are wanted and a job can have {MOST_NODES}",
            spec.resources.nodes
        )));
    }
    let mut named = spec
        .sharded
        .iter()
        .chain(&spec.manifests)
        .chain(spec.pipes.keys());
    match named.find(|name| !spec.inputs.contains_key(*name)) {
        Some(name) => Err(Refusal::invalid(format!(
            "there is no input `{name}` to be spread, to be a manifest or to be streamed"
        ))),
        None => Ok(()),
    }
}

fn checkpoints(spec: &JobSpec) -> Result<(), Refusal> {
    let Some(checkpoints) = &spec.checkpoints else {
        return Ok(());
    };
    let name = Checkpoints::NAME;
    if spec.inputs.contains_key(name) || spec.outputs.iter().any(|output| output == name) {
        return Err(Refusal::invalid(format!(
            "a job with checkpoints can have no other input or output `{name}`"
        )));
    }
    let path = checkpoints.path();
    if !path.starts_with("/opt/ml/") || path.split('/').any(|part| part == "..") {
        return Err(Refusal::invalid(format!(
            "the checkpoints' folder `{path}` must be below /opt/ml/"
        )));
    }
    match domain::Location::parse(&checkpoints.to) {
        Ok(domain::Location::Object { .. }) => Ok(()),
        _ => Err(Refusal::invalid(format!(
            "`{}` is no place in a bucket to keep checkpoints",
            checkpoints.to
        ))),
    }
}

fn entry(spec: &JobSpec) -> Result<(), Refusal> {
    let words = match &spec.entry {
        Entry::Command { argv } => {
            if argv.is_empty() {
                return Err(Refusal::invalid("a command needs at least the program"));
            }
            argv
        }
        Entry::Script { path, arguments } => {
            if spec.code.is_none() {
                return Err(Refusal::invalid(format!(
                    "the script `{path}` is a file of the code folder, and the job has no `code`"
                )));
            }
            if path.is_empty() || path.starts_with('/') || path.split('/').any(|part| part == "..")
            {
                return Err(Refusal::invalid(format!(
                    "the script `{path}` must be a file below the code folder"
                )));
            }
            arguments
        }
    };
    match words.iter().find(|word| word.contains('\0')) {
        Some(word) => Err(Refusal::invalid(format!(
            "the argument `{}` holds a NUL character, which no program can be given",
            word.replace('\0', "?")
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(change: impl FnOnce(&mut JobSpec)) -> bool {
        let argv = vec!["true".to_owned()];
        let mut spec = JobSpec::new(Entry::Command { argv });
        change(&mut spec);
        check(&spec).is_err()
    }

    fn checkpoints(to: &str, path: Option<&str>) -> Checkpoints {
        Checkpoints {
            to: to.to_owned(),
            path: path.map(str::to_owned),
        }
    }

    #[test]
    fn a_gang_is_of_inputs_that_there_are_and_of_few_machines() {
        assert!(!refused(|spec| spec.resources.nodes = MOST_NODES));
        assert!(refused(|spec| spec.resources.nodes = MOST_NODES + 1));
        assert!(refused(|spec| spec.sharded.push("train".to_owned())));
        assert!(refused(|spec| spec.manifests.push("train".to_owned())));
    }

    #[test]
    fn checkpoints_have_a_place_and_a_folder_of_their_own() {
        assert!(!refused(
            |spec| spec.checkpoints = Some(checkpoints("s3://b/c", None))
        ));
        for (to, path) in [
            ("/etc", None),
            ("s3://b/c", Some("/etc")),
            ("s3://b/c", Some("/opt/ml/../../etc")),
        ] {
            assert!(
                refused(|spec| spec.checkpoints = Some(checkpoints(to, path))),
                "{to} {path:?}"
            );
        }
        assert!(refused(|spec| {
            spec.checkpoints = Some(checkpoints("s3://b/c", None));
            spec.outputs.push(Checkpoints::NAME.to_owned());
        }));
    }
}
