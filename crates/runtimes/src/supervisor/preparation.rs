//! Everything before user code: its code, its environment, its inputs. It runs beside the main
//! thread, which meanwhile listens for a stop.

use super::context::{Context, say};
use super::{staging, tree};
use crate::environments::{Environments, Prepared as PreparedEnvironment};
use crate::launch::{CodeRequirements, PackageData, Source, StagedFile};
use crate::record::Stage;
use crate::scripts::{self, Places};
use crate::{Error, files};
use domain::job::FailureKind;
use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::Duration;

/// What is needed to start user code.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) environment: PreparedEnvironment,
}

impl Prepared {
    /// The places of user code, as this process sees them.
    pub(super) fn places(&self, context: &Context<'_>) -> Places {
        Places {
            base: context.layout.base(),
            temporary: context.layout.temporary(),
            python: self.environment.python.clone(),
        }
    }
}

/// How the preparation ended.
pub(super) enum Outcome {
    Ready(Prepared),
    Stopped,
    Failed(FailureKind, Error),
}

/// Prepares, or is stopped.
pub(super) fn prepare(context: &Context<'_>) -> Outcome {
    let (reader, writer) = match std::io::pipe() {
        Ok(ends) => ends,
        Err(source) => {
            return Outcome::Failed(
                FailureKind::Provider,
                Error::Start {
                    program: "the preparation".to_owned(),
                    source,
                },
            );
        }
    };
    let stop = AtomicBool::new(false);
    let stage = AtomicU8::new(0);
    let work = Work {
        layout: context.layout,
        launch: context.launch,
        surroundings: context.surroundings,
        log: context.shared_log(),
        stop: &stop,
        stage: &stage,
    };
    std::thread::scope(|scope| {
        let thread = scope.spawn(move || {
            let result = work.carry_out();
            // Its end is what the other thread waits for.
            drop(writer);
            result
        });
        let mut written = 0;
        while !thread.is_finished() {
            context.wait(&reader, Duration::from_millis(100));
            if context.told().stop || context.stop_requested() {
                stop.store(true, Ordering::SeqCst);
                tree::kill_descendants();
            }
            if stage.load(Ordering::SeqCst) > written {
                written = 1;
                let _ = context.stage(Stage::Inputs);
            }
        }
        match thread.join() {
            _ if stop.load(Ordering::SeqCst) => Outcome::Stopped,
            Ok(Ok(prepared)) => Outcome::Ready(prepared),
            Ok(Err((kind, error))) => Outcome::Failed(kind, error),
            Err(_) => Outcome::Failed(
                FailureKind::Provider,
                Error::Invalid {
                    what: "preparation",
                    text: context.launch.ticket.clone(),
                },
            ),
        }
    })
}

/// What the preparing thread may touch.
struct Work<'a> {
    layout: &'a crate::Layout,
    launch: &'a crate::Launch,
    surroundings: &'a crate::Surroundings,
    log: &'a std::sync::Mutex<crate::printed::Log>,
    stop: &'a AtomicBool,
    stage: &'a AtomicU8,
}

impl Work<'_> {
    fn carry_out(&self) -> Result<Prepared, (FailureKind, Error)> {
        let (layout, launch) = (self.layout, self.launch);
        let input = |error| (FailureKind::Input, error);
        files::create_folder(&layout.base()).map_err(input)?;
        if let Some(code) = &launch.code {
            staging::stage(code, &layout.code(), "code", self.stop).map_err(input)?;
        }
        let environment = self
            .environment()
            .map_err(|error| (FailureKind::Environment, error))?;
        if !launch.inputs.is_empty() {
            self.stage.store(1, Ordering::SeqCst);
        }
        let places = Places {
            base: layout.base(),
            temporary: layout.temporary(),
            python: environment.python.clone(),
        };
        scripts::prepare(launch, &places).map_err(input)?;
        // What is streamed is not copied.
        let staged = launch.inputs.iter().filter(|one| one.pipe.is_none());
        for one in staged {
            let folder = places.input(one).map_err(input)?;
            staging::stage(&one.source, &folder, &one.channel, self.stop).map_err(input)?;
        }
        for data in &launch.packages {
            self.stage_package(data, &environment, &places)
                .map_err(input)?;
        }
        Ok(Prepared { environment })
    }

    fn stage_package(
        &self,
        data: &PackageData,
        environment: &PreparedEnvironment,
        places: &Places,
    ) -> Result<(), Error> {
        let inputs = &self.launch.inputs;
        let Some(input) = inputs.iter().find(|input| input.channel == data.channel) else {
            return Ok(());
        };
        let missing = || Error::Input {
            channel: data.channel.clone(),
            reason: format!(
                "`{}` is in no package of the environment; its requirements must bring it",
                data.path
            ),
        };
        let packages = environment.packages().ok_or_else(missing)?;
        let owner = format!("the input `{}`", data.channel);
        let path = files::join_inside(&packages, &data.path, &owner)?;
        let source = if path.is_dir() {
            Source::Folder { path }
        } else {
            let name = path.file_name().filter(|_| path.is_file());
            let name = name.and_then(|name| name.to_str()).ok_or_else(missing)?;
            let file = StagedFile {
                path: name.to_owned(),
                source: path.clone(),
            };
            Source::Files { files: vec![file] }
        };
        staging::stage(&source, &places.input(input)?, &data.channel, self.stop)
    }

    fn environment(&self) -> Result<PreparedEnvironment, Error> {
        let mut further = Vec::new();
        if self.launch.code_requirements == CodeRequirements::Install {
            let path = self.layout.code().join("requirements.txt");
            if let Some(text) = files::read_text(&path, 1 << 20) {
                further.push(text);
            }
        }
        let prefix = [
            self.surroundings.program.as_os_str(),
            "supervise".as_ref(),
            "--plain".as_ref(),
        ];
        let environments = Environments::new(self.launch.data.clone(), self.surroundings.clone())
            .through(prefix.map(OsString::from).to_vec());
        let mut progress = |line: &str| say(self.log, self.surroundings.now(), line);
        let environment =
            environments.prepare(&self.launch.environment, &further, &mut progress)?;
        for warning in &environment.warnings {
            progress(&format!("warning: {warning}"));
        }
        Ok(environment)
    }
}
