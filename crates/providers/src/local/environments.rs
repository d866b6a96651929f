//! This machine's environments behind their seam.

use contracts::environments::{EnvironmentError, Environments, Prepared};
use domain::environment::Environment;
use runtimes::{Error, Surroundings};
use std::path::PathBuf;
use std::sync::mpsc;

/// Makes environments on this machine.
#[derive(Debug, Clone)]
pub struct LocalEnvironments {
    inner: runtimes::environments::Environments,
}

impl LocalEnvironments {
    /// Below the data folder that the local backend's tickets share.
    pub fn new(data: impl Into<PathBuf>, surroundings: Surroundings) -> Self {
        Self {
            inner: runtimes::environments::Environments::new(data, surroundings),
        }
    }
}

#[async_trait::async_trait]
impl Environments for LocalEnvironments {
    async fn prepare(
        &self,
        environment: &Environment,
        progress: &(dyn for<'line> Fn(&'line str) + Send + Sync),
    ) -> Result<Prepared, EnvironmentError> {
        let (sender, receiver) = mpsc::channel::<String>();
        let (inner, environment) = (self.inner.clone(), environment.clone());
        let mut work = tokio::task::spawn_blocking(move || {
            let mut tell = |line: &str| {
                let _ = sender.send(line.to_owned());
            };
            inner.prepare(&environment, &[], &mut tell)
        });
        let mut ticks = tokio::time::interval(std::time::Duration::from_millis(50));
        let result = loop {
            tokio::select! {
                result = &mut work => break result,
                _ = ticks.tick() => for line in receiver.try_iter() {
                    progress(&line);
                },
            }
        };
        for line in receiver.try_iter() {
            progress(&line);
        }
        let prepared = result.map_err(|source| EnvironmentError::Failed {
            message: "making the environment was interrupted".to_owned(),
            source: Some(Box::new(source)),
        })?;
        let prepared = prepared.map_err(error)?;
        Ok(Prepared {
            python: prepared.python,
            hash: prepared.hash,
            warnings: prepared.warnings,
        })
    }
}

fn error(error: Error) -> EnvironmentError {
    match &error {
        Error::NoContainerEngine { .. }
        | Error::NoPython
        | Error::NotExactly { .. }
        | Error::UnknownFramework { .. }
        | Error::Invalid { .. } => EnvironmentError::Unsupported(error.to_string()),
        Error::Unresolvable { .. } | Error::Requirement { .. } => {
            EnvironmentError::Unresolvable(error.to_string())
        }
        _ => EnvironmentError::Failed {
            message: error.to_string(),
            source: Some(Box::new(error)),
        },
    }
}
