//! Lines of a requirements file, cleaned so that equal environments have equal names.

use crate::Error;

const MOST: usize = 2000;

/// Options of a requirements file that belong to the whole and may stay.
const OPTIONS: [&str; 8] = [
    "--index-url",
    "-i ",
    "--extra-index-url",
    "--find-links",
    "-f ",
    "--no-index",
    "--pre",
    "--no-binary",
];

/// Drops comments and empty lines and joins continued ones; refuses what points outside.
pub(super) fn clean<'a>(lines: impl Iterator<Item = &'a String>) -> Result<Vec<String>, Error> {
    let text: Vec<&str> = lines.flat_map(|line| line.lines()).collect();
    let text = text.join("\n").replace("\\\n", " ");
    let mut cleaned = Vec::new();
    for line in text.lines() {
        let line = without_comment(line).trim();
        if line.is_empty() {
            continue;
        }
        check(line)?;
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if !cleaned.contains(&line) {
            cleaned.push(line);
        }
    }
    if cleaned.len() > MOST {
        return Err(refusal(
            &format!("{} lines", cleaned.len()),
            "there are more than 2,000",
        ));
    }
    Ok(cleaned)
}

/// A comment begins at the line's start or after white space, as in pip.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    match line.find(" #").or_else(|| line.find("\t#")) {
        Some(at) => &line[..at],
        None => line,
    }
}

fn check(line: &str) -> Result<(), Error> {
    if line.contains(['\0', '\r']) {
        return Err(refusal(line, "it holds a control character"));
    }
    if line.starts_with('-') {
        if OPTIONS.iter().any(|option| line.starts_with(option))
            || line.starts_with("--only-binary")
        {
            return Ok(());
        }
        return Err(refusal(
            line,
            "an environment is shared and cannot depend on files beside it; write the packages out",
        ));
    }
    let is_path = line.starts_with(['.', '/', '~']) || line.starts_with("file:");
    if is_path || line.contains("@ file:") {
        return Err(refusal(
            line,
            "an environment is shared and cannot depend on files of this machine; put the code \
             into the job's code folder instead",
        ));
    }
    if !line.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return Err(refusal(line, "a requirement begins with a package's name"));
    }
    Ok(())
}

fn refusal(line: &str, reason: &'static str) -> Error {
    Error::Requirement {
        line: line.chars().take(200).collect(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(lines: &[&str]) -> Result<Vec<String>, Error> {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        clean(lines.iter())
    }

    #[test]
    fn only_what_matters_is_left() {
        assert_eq!(
            cleaned(&[
                "# all\nnumpy  >= 1 # fast\n\nx @ https://h/x#egg=1",
                "numpy >= 1",
                "a==1 \\\n ;x"
            ])
            .unwrap(),
            ["numpy >= 1", "x @ https://h/x#egg=1", "a==1 ;x"]
        );
        assert_eq!(cleaned(&["--index-url https://h/simple"]).unwrap().len(), 1);
    }

    #[test]
    fn what_points_outside_is_refused() {
        for bad in [
            "-r other.txt",
            "-e .",
            "./pkg",
            "/x.whl",
            "a @ file:///x",
            "~/x",
            "$(reboot)",
        ] {
            let error = cleaned(&[bad]).unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
    }
}
