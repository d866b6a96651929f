//! The command line that starts user code.

use super::{Places, arguments, text};
use crate::launch::{Launch, Program};
use crate::{Error, files};

/// Program and arguments.
pub fn command_line(launch: &Launch, places: &Places) -> Result<Vec<String>, Error> {
    let python = text(&places.python);
    let hyperparameters = || arguments(&launch.hyperparameters);
    let line = match &launch.program {
        Program::Script { path, arguments } => {
            let script = text(&files::join_inside(&places.code(), path, "the script")?);
            let mut line = match extension(path) {
                Some("py") => vec![python, script],
                Some("sh") => vec!["/bin/sh".to_owned(), script],
                _ => vec![script],
            };
            line.extend(arguments.iter().cloned());
            line.extend(hyperparameters());
            line
        }
        Program::Module { name, arguments } => {
            let mut line = vec![python, "-m".to_owned(), name.clone()];
            line.extend(arguments.iter().cloned());
            line.extend(hyperparameters());
            line
        }
        Program::Command { arguments } => arguments
            .iter()
            .map(|part| fill(part, launch, places))
            .collect::<Result<_, _>>()?,
        Program::Shell { line } => {
            vec![
                "/bin/sh".to_owned(),
                "-c".to_owned(),
                fill(line, launch, places)?,
            ]
        }
    };
    if line.is_empty() || line.iter().any(|part| part.contains('\0')) {
        return Err(Error::Invalid {
            what: "command",
            text: line.join(" "),
        });
    }
    Ok(line)
}

fn extension(path: &str) -> Option<&str> {
    path.rsplit('/')
        .next()?
        .rsplit_once('.')
        .map(|(_, extension)| extension)
}

/// Replaces `${{inputs.NAME}}` and `${{outputs.NAME}}` by paths, and an input that is a
/// hyperparameter by its value, as Azure does
/// (<https://learn.microsoft.com/azure/machine-learning/reference-yaml-job-command>, November 2026).
fn fill(part: &str, launch: &Launch, places: &Places) -> Result<String, Error> {
    let mut filled = String::new();
    let mut rest = part;
    while let Some((before, after)) = rest.split_once("${{") {
        let Some((expression, after)) = after.split_once("}}") else {
            break;
        };
        filled.push_str(before);
        filled.push_str(&value(expression.trim(), launch, places)?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn value(expression: &str, launch: &Launch, places: &Places) -> Result<String, Error> {
    let unknown = || Error::Invalid {
        what: "expression of a command",
        text: expression.to_owned(),
    };
    let (kind, name) = expression.split_once('.').ok_or_else(unknown)?;
    match kind {
        "inputs" => {
            if let Some(input) = launch.inputs.iter().find(|input| input.channel == name) {
                return Ok(text(&places.input(input)?));
            }
            launch
                .hyperparameters
                .get(name)
                .cloned()
                .ok_or_else(unknown)
        }
        "outputs" => {
            if let Some(output) = launch.outputs.iter().find(|output| output.name == name) {
                return Ok(text(&places.named_output(output)?));
            }
            match name {
                "model" => Ok(text(&places.model())),
                "output" => Ok(text(&places.output())),
                _ => Err(unknown()),
            }
        }
        _ => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::{Distribution, Input, Source};

    fn line(program: Program) -> Result<Vec<String>, Error> {
        let mut launch = Launch::new("t", program, "/data");
        launch.hyperparameters.insert("depth".into(), "5".into());
        launch.inputs.push(Input {
            channel: "train".into(),
            path: None,
            distribution: Distribution::default(),
            content_type: None,
            pipe: None,
            source: Source::Files { files: Vec::new() },
        });
        let places = Places {
            base: "/opt/ml".into(),
            temporary: "/t/tmp".into(),
            python: "/env/bin/python".into(),
        };
        command_line(&launch, &places)
    }

    #[test]
    fn scripts_get_hyperparameters() {
        let script = |path: &str| Program::Script {
            path: path.into(),
            arguments: vec!["a".into()],
        };
        assert_eq!(
            line(script("src/train.py")).unwrap(),
            [
                "/env/bin/python",
                "/opt/ml/code/src/train.py",
                "a",
                "--depth",
                "5"
            ]
        );
        assert_eq!(
            line(script("run.sh")).unwrap()[..2],
            ["/bin/sh", "/opt/ml/code/run.sh"]
        );
        assert!(line(script("../train.py")).is_err());
    }

    #[test]
    fn commands_get_paths() {
        let shell = |line: &str| Program::Shell { line: line.into() };
        assert_eq!(
            line(shell(
                "t ${{inputs.train}} ${{ outputs.model }} ${{inputs.depth}} ${x}"
            ))
            .unwrap()[2],
            "t /opt/ml/input/data/train /opt/ml/model 5 ${x}"
        );
        assert!(line(shell("${{inputs.other}}")).is_err());
        assert!(
            line(Program::Command {
                arguments: Vec::new()
            })
            .is_err()
        );
    }
}
