//! What is asked for, in one form for all kinds of environments.

use super::FORMAT;
use super::frameworks::{self, Framework};
use super::interpreters::{Interpreter, Version};
use super::requirements;
use crate::{Error, files};
use domain::environment::Environment;

/// An environment as it is asked for, checked.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// Wanted Python.
    pub(super) python: Option<Version>,
    /// Wanted framework with its version.
    pub(super) framework: Option<(&'static Framework, Option<String>)>,
    /// Requirements, cleaned.
    pub(super) requirements: Vec<String>,
    /// Nothing but what was asked for.
    pub(super) strict: bool,
}

impl Wish {
    pub(super) fn of(environment: &Environment, further: &[String]) -> Result<Self, Error> {
        let (python, framework, own, strict) = match environment {
            Environment::Image { uri } => {
                return Err(Error::NoContainerEngine { uri: uri.clone() });
            }
            Environment::Python {
                version,
                requirements,
                strict,
            } => (version, None, requirements, *strict),
            Environment::Framework {
                name,
                version,
                python,
                requirements,
                strict,
            } => {
                let framework = frameworks::find(name)?;
                let version = version.as_deref().map(frameworks::version).transpose()?;
                (python, Some((framework, version)), requirements, *strict)
            }
        };
        let python = python.as_deref().map(Version::wanted).transpose()?;
        let requirements = requirements::clean(own.iter().chain(further))?;
        Ok(Self {
            python,
            framework,
            requirements,
            strict,
        })
    }

    /// Whether the interpreter alone will do.
    pub(super) fn is_bare(&self) -> bool {
        self.requirements.is_empty()
            && self
                .framework
                .as_ref()
                .is_none_or(|(framework, _)| framework.package.is_empty())
    }

    /// The name of the environment that answers this wish with this interpreter.
    pub(super) fn hash(&self, interpreter: &Interpreter) -> String {
        let mut text = format!(
            "{FORMAT}\n{}\n{}\n{}\n",
            interpreter.executable.display(),
            interpreter.version,
            std::env::consts::ARCH,
        );
        if let Some((framework, version)) = &self.framework {
            text.push_str(&format!(
                "framework {} {} {}\n",
                framework.name,
                version.as_deref().unwrap_or("newest"),
                if self.strict { "strict" } else { "nearest" },
            ));
        }
        if let Some((framework, _)) = &self.framework
            && !framework.plain.is_empty()
            && frameworks::has_accelerator()
        {
            text.push_str("with accelerators\n");
        }
        for requirement in &self.requirements {
            text.push_str(requirement);
            text.push('\n');
        }
        files::hash(text.as_bytes())
    }
}
