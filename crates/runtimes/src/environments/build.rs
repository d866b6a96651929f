//! Makes one environment in its folder.

use super::interpreters::Interpreter;
use super::wish::Wish;
use super::{Environments, Manifest, frameworks};
use crate::{Error, files};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Makes the environment; the caller holds its lock and writes the manifest.
pub(super) fn build(
    environments: &Environments,
    wish: &Wish,
    interpreter: &Interpreter,
    folder: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<Manifest, Error> {
    virtual_environment(interpreter, folder)?;
    let mut manifest = Manifest {
        python: interpreter.version.to_string(),
        requirements: wish.requirements.clone(),
        warnings: Vec::new(),
        created: environments.surroundings.now(),
        bytes: 0,
    };
    if !wish.is_bare() {
        progress(&format!(
            "making the environment with Python {}",
            interpreter.version
        ));
        let installer = Installer {
            environments,
            interpreter,
            folder,
            uv: None,
        };
        let installer = Installer {
            uv: environments.uv(interpreter, progress)?,
            ..installer
        };
        let (requirements, warnings) = installer.requirements(wish, progress)?;
        installer.install(&requirements, installer.plain(wish), progress)?;
        manifest.requirements = requirements;
        manifest.warnings = warnings;
    }
    manifest.bytes = files::disk_usage(folder);
    Ok(manifest)
}

/// What `python -m venv --without-pip` makes, in a millisecond instead of a tenth of a second
/// (layout: PEP 405).
fn virtual_environment(interpreter: &Interpreter, folder: &Path) -> Result<(), Error> {
    let bin = folder.join("bin");
    files::create_folder(&bin)?;
    let version = interpreter.version;
    let short = format!("python{}.{}", version.major, version.minor);
    files::create_folder(&folder.join("lib").join(&short).join("site-packages"))?;
    for name in ["python", "python3", &short] {
        let link = bin.join(name);
        symlink(&interpreter.executable, &link).map_err(Error::file("create", &link))?;
    }
    let home = interpreter
        .executable
        .parent()
        .unwrap_or(Path::new("/"))
        .display();
    let configuration = folder.join("pyvenv.cfg");
    let text = format!(
        "home = {home}\ninclude-system-site-packages = false\nversion = {version}\n\
         executable = {}\n",
        interpreter.executable.display()
    );
    fs::write(&configuration, text).map_err(Error::file("write", &configuration))
}

/// Plain text from uv and pip.
const VARIABLES: [(&str, &str); 2] = [("UV_NO_PROGRESS", "1"), ("NO_COLOR", "1")];

struct Installer<'a> {
    environments: &'a Environments,
    interpreter: &'a Interpreter,
    folder: &'a Path,
    uv: Option<PathBuf>,
}

impl Installer<'_> {
    /// The requirements with the framework's in front, and what is not as it was wished.
    fn requirements(
        &self,
        wish: &Wish,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(Vec<String>, Vec<String>), Error> {
        let Some((framework, version)) = &wish.framework else {
            return Ok((wish.requirements.clone(), Vec::new()));
        };
        if framework.package.is_empty() {
            return Ok((wish.requirements.clone(), Vec::new()));
        }
        let package = framework.package;
        let mut warnings = Vec::new();
        let mut requirements = Vec::new();
        match version {
            None => requirements.push(package.to_owned()),
            Some(version) => {
                let (pin, found) = self.nearest(package, version, progress)?;
                if let Some(found) = &found {
                    if wish.strict {
                        return Err(Error::NotExactly {
                            wanted: format!("{} {version}", framework.name),
                            nearest: found.clone(),
                        });
                    }
                    warnings.push(format!(
                        "{} {version} cannot be had for Python {}; {found} is used, the nearest \
                         there is",
                        framework.name, self.interpreter.version
                    ));
                }
                let taken = found.as_deref().unwrap_or(version);
                requirements.push(pin);
                let needs = framework.needs(taken).iter();
                requirements.extend(needs.map(|&need| need.to_owned()));
            }
        }
        requirements.extend(framework.beside.iter().map(|&beside| beside.to_owned()));
        requirements.push("pip".to_owned());
        requirements.extend(wish.requirements.iter().cloned());
        Ok((requirements, warnings))
    }

    /// A pin for the version, or for the nearest that has a wheel for this Python: then that
    /// version is named too.
    fn nearest(
        &self,
        package: &str,
        version: &str,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(String, Option<String>), Error> {
        let exact = match frameworks::numbers(version).len() {
            0..=2 => format!("{package}=={version}.*"),
            _ => format!("{package}=={version}"),
        };
        let Some(uv) = &self.uv else {
            return Ok((exact, None));
        };
        if self.resolve(uv, package, &exact, "highest")?.is_some() {
            return Ok((exact, None));
        }
        progress(&format!(
            "{package} {version} is not to be had here; looking for the nearest"
        ));
        for (requirement, resolution) in [
            (format!("{package}>={version}"), "lowest-direct"),
            (format!("{package}<{version}"), "highest"),
        ] {
            if let Some(found) = self.resolve(uv, package, &requirement, resolution)? {
                return Ok((format!("{package}=={found}"), Some(found)));
            }
        }
        // Nothing at all: the installation tells the reason.
        Ok((exact, None))
    }

    /// The version of `package` that answers a requirement and has a wheel for this Python.
    fn resolve(
        &self,
        uv: &Path,
        package: &str,
        requirement: &str,
        resolution: &str,
    ) -> Result<Option<String>, Error> {
        let file = self.folder.join("wanted.txt");
        fs::write(&file, requirement).map_err(Error::file("write", &file))?;
        let mut found = None;
        let mut hear = |line: &str| {
            if let Some((name, version)) = line.trim().split_once("==")
                && name == package
            {
                found = Some(version.trim().to_owned());
            }
        };
        let arguments = [
            OsStr::new("pip"),
            OsStr::new("compile"),
            OsStr::new("--quiet"),
            OsStr::new("--no-deps"),
            OsStr::new("--no-header"),
            OsStr::new("--no-annotate"),
            OsStr::new("--only-binary"),
            OsStr::new(package),
            OsStr::new("--resolution"),
            OsStr::new(resolution),
            OsStr::new("--python"),
            self.interpreter.executable.as_os_str(),
            file.as_os_str(),
        ];
        let ran = self
            .environments
            .run(uv, &arguments, &VARIABLES, &mut hear)?;
        fs::remove_file(&file).map_err(Error::file("remove", &file))?;
        Ok(found.filter(|_| ran.success))
    }

    /// Settings for a build without accelerators, where this machine has none and nobody said where
    /// packages come from.
    fn plain(&self, wish: &Wish) -> &'static [(&'static str, &'static str)] {
        let Some((framework, _)) = &wish.framework else {
            return &[];
        };
        let surroundings = &self.environments.surroundings;
        let named = |(name, _): &(&str, &str)| surroundings.variable(name).is_some();
        let told = wish.requirements.iter().any(|line| line.starts_with('-'));
        if self.uv.is_none()
            || told
            || framework.plain.iter().any(named)
            || frameworks::has_accelerator()
        {
            return &[];
        }
        framework.plain
    }

    /// Installs with those settings first, and without them when that fails.
    fn install(
        &self,
        requirements: &[String],
        plain: &[(&str, &str)],
        progress: &mut dyn FnMut(&str),
    ) -> Result<(), Error> {
        let file = self.folder.join("requirements.txt");
        fs::write(&file, requirements.join("\n") + "\n").map_err(Error::file("write", &file))?;
        let python = self.folder.join("bin/python");
        let (python, file) = (python.as_os_str(), file.as_os_str());
        let mut arguments: Vec<&OsStr> = Vec::new();
        let program = if let Some(uv) = &self.uv {
            arguments.extend(["pip", "install", "--compile-bytecode", "--python"].map(OsStr::new));
            arguments.extend([python, OsStr::new("-r"), file]);
            uv
        } else {
            // pip of the interpreter itself, told to install elsewhere (pip 22.3 and later).
            arguments.extend(["-m", "pip", "--python"].map(OsStr::new));
            arguments.push(python);
            arguments.extend(["install", "--no-input", "--compile", "-r"].map(OsStr::new));
            arguments.push(file);
            &self.interpreter.executable
        };
        let environments = self.environments;
        if !plain.is_empty() {
            let variables = [&VARIABLES, plain].concat();
            let ran = environments.run(program, &arguments, &variables, progress)?;
            if ran.success {
                return Ok(());
            }
            progress(
                "the build for machines without accelerators cannot be had; the larger one from \
                 the package index is taken",
            );
        }
        let ran = environments.run(program, &arguments, &VARIABLES, progress)?;
        if ran.success {
            return Ok(());
        }
        Err(Error::Unresolvable {
            requirements: shortened(requirements),
            reason: reason(&ran.last),
        })
    }
}

fn shortened(requirements: &[String]) -> String {
    let shown = requirements.iter().take(8).map(|line| format!("`{line}`"));
    let mut text = shown.collect::<Vec<_>>().join(", ");
    if requirements.len() > 8 {
        text.push_str(&format!(" and {} more", requirements.len() - 8));
    }
    text
}

/// The resolver's words as one paragraph: without the lines that only tell its progress.
fn reason(last: &[String]) -> String {
    let noise = [
        "Using Python",
        "Resolved",
        "Collecting",
        "Downloading",
        "Prepared",
        "[notice]",
    ];
    let told: Vec<&str> = last
        .iter()
        .map(|line| line.trim_matches(|c: char| c.is_whitespace() || "×╰─▶│├".contains(c)))
        .filter(|line| !line.is_empty() && !noise.iter().any(|word| line.starts_with(word)))
        .collect();
    told.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resolvers_words_become_a_paragraph() {
        let told = [
            "Using Python 3.11.7 environment at: x",
            "  × No solution found when resolving dependencies:",
            "  ╰─▶ Because nope was not found in the package registry and you require nope,",
            "      we can conclude that your requirements are unsatisfiable.",
        ];
        assert_eq!(
            reason(&told.map(str::to_owned)),
            "No solution found when resolving dependencies: Because nope was not found in the \
             package registry and you require nope, we can conclude that your requirements are \
             unsatisfiable."
        );
    }
}
