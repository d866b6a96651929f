//! The start of a worker: what it is told to load, and what it says when it has.

use super::environment;
use super::folder;
use super::frame::{self, FrameError};
use super::messages::{Order, Reply};
use super::process::Worker;
use super::replica::departure;
use super::walls::View;
use crate::replica::{Birth, Facts, LaunchError, LaunchOrder};
use bytes::Bytes;
use std::time::Duration;
use tokio::time::timeout;

/// What a worker is told at its start, each with the view of files that it takes first, where it is confined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Load {
    /// To load and be a replica.
    Replica(Option<View>),
    /// To load and be forked.
    Template(Option<View>),
    /// So too, in a process that was forked from the template of the environment.
    Staged(Option<View>),
    /// So too, but to be a replica itself, as the only one.
    Single(Option<View>),
    /// To load, to give the model in our own form, and to leave.
    Export(Option<View>),
    /// Nothing: it was forked from one that has loaded.
    Inherited,
}

/// A worker that has loaded.
pub(super) struct Loaded {
    pub(super) worker: Worker,
    pub(super) facts: Facts,
    pub(super) objection: Option<String>,
    /// What a template imported from its environment.
    pub(super) modules: Vec<String>,
}

async fn greet(
    worker: &mut Worker,
    order: &LaunchOrder,
    what: &Load,
) -> Result<(Reply, Bytes), FrameError> {
    tell(worker, order, what).await?;
    frame::read(&mut worker.socket, 0).await
}

/// Sends what a worker is to load.
pub(super) async fn tell(
    worker: &mut Worker,
    order: &LaunchOrder,
    what: &Load,
) -> Result<(), FrameError> {
    let view = match what {
        Load::Replica(view)
        | Load::Template(view)
        | Load::Staged(view)
        | Load::Single(view)
        | Load::Export(view) => view.as_ref(),
        Load::Inherited => return Ok(()),
    };
    let deployment = &order.deployment;
    let entry = deployment.handler.entry.as_ref();
    let single = matches!(what, Load::Single(_));
    let staged = single || matches!(what, Load::Staged(_));
    let load = Order::Load {
        form: deployment.handler.form.word(),
        entry: entry.map(|entry| entry.display().to_string()),
        model_dir: deployment.model_folder.display().to_string(),
        response_limit: order.limits.response_bytes,
        template: matches!(what, Load::Staged(_) | Load::Template(_)),
        learn: single,
        export: matches!(what, Load::Export(_)),
        variables: staged.then(|| environment::own(order)),
        folder: (staged || view.is_some()).then(|| folder(deployment).display().to_string()),
        view,
        data_limit: deployment.memory.filter(|_| !worker.limited),
    };
    frame::write(&mut worker.socket, &load, &Bytes::new()).await
}

/// Waits until a worker says that it has loaded; `what` it is to load is sent first.
pub(super) async fn load(
    mut worker: Worker,
    order: &LaunchOrder,
    what: Load,
) -> Result<Loaded, LaunchError> {
    let limit = order.deployment.timing.start;
    let replied = timeout(limit, greet(&mut worker, order, &what)).await;
    let handle = &worker.handle;
    let reply = match replied {
        Err(_) => {
            handle.kill();
            handle.gone().await;
            return Err(LaunchError::TimedOut(limit));
        }
        Ok(Ok((reply, _))) => reply,
        Ok(Err(_)) => return Err(LaunchError::Ended(departure(handle).await)),
    };
    match reply {
        Reply::Ready {
            form,
            python,
            load_milliseconds,
            signature,
            joins,
            objection,
            modules,
            mut lacks,
        } => {
            if order.deployment.memory.is_some() && !worker.limited {
                lacks.push("memory by a control group (a limit of its data stands in)".to_owned());
            }
            let facts = Facts {
                form,
                runtime: format!("python {python}"),
                load: Duration::from_millis(load_milliseconds),
                process: Some(handle.process),
                birth: Birth::Fresh,
                concurrency: 1,
                joins,
                signature,
                engine: order.engine.clone(),
                lacks,
            };
            Ok(Loaded {
                worker,
                facts,
                objection,
                modules,
            })
        }
        Reply::LoadError { error } => {
            departure(handle).await;
            Err(LaunchError::Fault(Box::new(error)))
        }
        _ => {
            handle.kill();
            Err(LaunchError::Machine {
                what: "talking to the worker".to_owned(),
                why: "it answered before it was asked".to_owned(),
            })
        }
    }
}
