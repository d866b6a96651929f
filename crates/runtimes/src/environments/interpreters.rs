//! Finds the Python interpreters of this machine. Looking takes tenths of a second, so what was
//! found is remembered in a file and only checked.

use super::Environments;
use super::wish::Wish;
use crate::{Error, files};
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Milliseconds for which what was found is believed.
const BELIEVED_FOR: i64 = 10 * 60 * 1000;
/// What an interpreter is asked.
const QUESTION: &str = "import json, os, sys; \
    base = getattr(sys, '_base_executable', None) or sys.executable; \
    print(json.dumps({'executable': os.path.realpath(base), \
    'version': '.'.join(map(str, sys.version_info[:3])), \
    'cpython': sys.implementation.name == 'cpython'}))";

/// A Python version: major, minor and perhaps micro.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    /// As in **3**.11.7.
    pub major: u32,
    /// As in 3.**11**.7.
    pub minor: u32,
    /// As in 3.11.**7**; unset in a wish means any.
    pub micro: Option<u32>,
}

impl Version {
    /// Reads `3.11` or `3.11.7`, with the prefixes that environments write (`py311`, `python3.11`).
    pub fn wanted(text: &str) -> Result<Self, Error> {
        let refuse = || Error::Invalid {
            what: "Python version",
            text: text.to_owned(),
        };
        let plain = text
            .trim()
            .trim_start_matches("python")
            .trim_start_matches("py");
        let plain = plain.trim_start_matches("==").trim_end_matches(".*");
        let mut parts = plain.split('.').map(|part| part.parse::<u32>().ok());
        let version = match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(Some(major)), Some(Some(minor)), None, _) => Self {
                major,
                minor,
                micro: None,
            },
            (Some(Some(major)), Some(Some(minor)), Some(Some(micro)), None) => Self {
                major,
                minor,
                micro: Some(micro),
            },
            // `py311`, or a bare `3`.
            (Some(Some(joined)), None, ..) if (30..=399).contains(&joined) => {
                let text = joined.to_string();
                let (major, minor) = text.split_at(1);
                let number = |part: &str| part.parse().map_err(|_| refuse());
                Self {
                    major: number(major)?,
                    minor: number(minor)?,
                    micro: None,
                }
            }
            _ => return Err(refuse()),
        };
        Ok(version)
    }

    fn is_answered_by(self, other: Self) -> bool {
        (self.major, self.minor) == (other.major, other.minor)
            && (self.micro.is_none() || self.micro == other.micro)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        self.micro.map_or(Ok(()), |micro| write!(f, ".{micro}"))
    }
}

/// An interpreter of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interpreter {
    /// The program, without links and shims.
    pub executable: PathBuf,
    /// Its version.
    pub version: Version,
    /// Of the program's file, to notice a replaced one.
    changed: i64,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    search_path: Vec<PathBuf>,
    looked: Timestamp,
    found: Vec<Interpreter>,
    /// Whether all were looked at, or only until the first was found.
    complete: bool,
}

#[derive(Deserialize)]
struct Answer {
    executable: PathBuf,
    version: String,
    cpython: bool,
}

impl Environments {
    /// All interpreters, the one that `python3` means first.
    pub fn interpreters(&self) -> Result<Vec<Interpreter>, Error> {
        match self.remembered() {
            Some(remembered) if remembered.complete => Ok(remembered.found),
            _ => self.look(false),
        }
    }

    /// The interpreter for a wish, with a warning when it is not quite the one.
    pub(super) fn interpreter(&self, wish: &Wish) -> Result<(Interpreter, Vec<String>), Error> {
        let answers =
            |one: &Interpreter| wish.python.is_none_or(|it| it.is_answered_by(one.version));
        let found = match self.remembered() {
            Some(remembered) if remembered.complete || remembered.found.iter().any(answers) => {
                remembered.found
            }
            // Looking at all takes a second: not before somebody wants another than the first.
            None if wish.python.is_none() => self.look(true)?,
            _ => self.look(false)?,
        };
        let (chosen, warning) = choose(&found, wish.python).ok_or(Error::NoPython)?;
        if let Some(wanted) = wish.python.filter(|_| wish.strict && warning.is_some()) {
            return Err(Error::NotExactly {
                wanted: format!("Python {wanted}"),
                nearest: chosen.version.to_string(),
            });
        }
        Ok((chosen.clone(), warning.into_iter().collect()))
    }

    fn memory(&self) -> PathBuf {
        self.tools().join("interpreters.json")
    }

    /// What was found before, if nothing speaks against it.
    fn remembered(&self) -> Option<Remembered> {
        let remembered: Remembered = files::read_record(&self.memory()).ok().flatten()?;
        let age = self.surroundings.now().since(remembered.looked).0;
        let is_there = |one: &Interpreter| changed(&one.executable) == Some(one.changed);
        let holds = remembered.search_path == self.surroundings.search_path()
            && (0..BELIEVED_FOR).contains(&age)
            && remembered.found.iter().all(is_there);
        holds.then_some(remembered)
    }

    /// Asks the candidates and remembers them: all, or until the first answers.
    fn look(&self, only_first: bool) -> Result<Vec<Interpreter>, Error> {
        let search_path = self.surroundings.search_path();
        let mut found: Vec<Interpreter> = Vec::new();
        for candidate in self.candidates(&search_path) {
            if let Some(interpreter) = self.ask(&candidate)
                && !found
                    .iter()
                    .any(|known| known.executable == interpreter.executable)
            {
                found.push(interpreter);
                if only_first {
                    break;
                }
            }
        }
        if found.is_empty() {
            return Err(Error::NoPython);
        }
        files::create_folder(&self.tools())?;
        let looked = self.surroundings.now();
        let remembered = Remembered {
            search_path,
            looked,
            found,
            complete: !only_first,
        };
        files::write_record(&self.memory(), &remembered)?;
        Ok(remembered.found)
    }

    fn candidates(&self, search_path: &[PathBuf]) -> Vec<PathBuf> {
        let mut folders = search_path.to_vec();
        folders.extend(["/usr/local/bin", "/usr/bin"].map(PathBuf::from));
        let mut candidates: Vec<PathBuf> = folders
            .iter()
            .map(|folder| folder.join("python3"))
            .collect();
        for minor in (8..=16).rev() {
            let name = format!("python3.{minor}");
            candidates.extend(folders.iter().map(|folder| folder.join(&name)));
        }
        for versions in self.version_managers() {
            let Ok(entries) = fs::read_dir(&versions) else {
                continue;
            };
            let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
            entries.sort();
            candidates.extend(
                entries
                    .iter()
                    .rev()
                    .map(|version| version.join("bin/python3")),
            );
        }
        candidates.retain(|candidate| candidate.is_file());
        candidates
    }

    /// Folders in which pyenv and uv keep one folder a version.
    fn version_managers(&self) -> Vec<PathBuf> {
        let home = self.surroundings.variable("HOME").map(PathBuf::from);
        let pyenv = self.surroundings.variable("PYENV_ROOT").map(PathBuf::from);
        let pyenv = pyenv.or_else(|| home.as_ref().map(|home| home.join(".pyenv")));
        let uv = home.map(|home| home.join(".local/share/uv/python"));
        pyenv
            .map(|root| root.join("versions"))
            .into_iter()
            .chain(uv)
            .collect()
    }

    fn ask(&self, candidate: &Path) -> Option<Interpreter> {
        let mut last = String::new();
        let arguments = [OsStr::new("-I"), OsStr::new("-c"), OsStr::new(QUESTION)];
        let ran = self
            .run(candidate, &arguments, &[], &mut |line| {
                line.clone_into(&mut last);
            })
            .ok()?;
        let answer: Answer = serde_json::from_str(&last).ok().filter(|_| ran.success)?;
        let version = Version::wanted(&answer.version).ok()?;
        let usable = answer.cpython && version.major == 3 && version.minor >= 8;
        let changed = changed(&answer.executable)?;
        usable.then_some(Interpreter {
            executable: answer.executable,
            version,
            changed,
        })
    }
}

fn changed(path: &Path) -> Option<i64> {
    fs::metadata(path)
        .ok()
        .map(|metadata| metadata.mtime_nsec() + metadata.mtime() * 1_000_000_000)
}

/// The best interpreter for a wish, and a warning when it does not answer it. Nearest is the
/// smallest distance of the minor version, the newer of two equally near.
fn choose(
    found: &[Interpreter],
    wanted: Option<Version>,
) -> Option<(&Interpreter, Option<String>)> {
    let Some(wanted) = wanted else {
        return Some((found.first()?, None));
    };
    if let Some(exact) = found.iter().find(|one| wanted.is_answered_by(one.version)) {
        return Some((exact, None));
    }
    let distance = |one: &&Interpreter| {
        let micro = one
            .version
            .micro
            .unwrap_or(0)
            .abs_diff(wanted.micro.unwrap_or(0));
        (
            one.version.minor.abs_diff(wanted.minor),
            Reverse(one.version.minor),
            micro,
        )
    };
    let nearest = found.iter().min_by_key(distance)?;
    let warning = format!(
        "Python {wanted} is not on this machine; Python {} is used, the nearest there is",
        nearest.version
    );
    Some((nearest, Some(warning)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::wanted(text).unwrap()
    }

    #[test]
    fn versions_are_read_in_all_their_forms() {
        assert_eq!(
            version("3.11"),
            Version {
                major: 3,
                minor: 11,
                micro: None
            }
        );
        assert_eq!(version("py311"), version("3.11"));
        assert_eq!(version("py39"), version("3.9"));
        assert_eq!(version("python3.10.2").to_string(), "3.10.2");
        for bad in ["", "three", "3.x", "3.1.2.3", "9"] {
            assert!(Version::wanted(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_nearest_is_taken_with_a_warning() {
        let found: Vec<Interpreter> = ["3.11.7", "3.9.18", "3.13.0"]
            .iter()
            .map(|text| Interpreter {
                executable: text.into(),
                version: version(text),
                changed: 0,
            })
            .collect();
        let chosen = |wanted: &str| {
            let (one, warning) = choose(&found, Some(version(wanted))).unwrap();
            (one.version.to_string(), warning.is_some())
        };
        assert_eq!(chosen("3.9"), ("3.9.18".into(), false));
        assert_eq!(chosen("3.11.2"), ("3.11.7".into(), true));
        assert_eq!(chosen("3.12"), ("3.13.0".into(), true));
        assert_eq!(chosen("3.7"), ("3.9.18".into(), true));
        assert_eq!(
            choose(&found, None).unwrap().0.version.to_string(),
            "3.11.7"
        );
    }
}
