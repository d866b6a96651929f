//! Has a worker read a model into the form that is evaluated inside this process.

use super::PythonLauncher;
use super::frame;
use super::loading::{Load, tell};
use super::messages::Reply;
use crate::replica::LaunchOrder;
use bytes::Bytes;
use std::time::Duration;
use tokio::time::timeout;

/// Most bytes of a form and its cases together.
const MOST_BYTES: usize = (1 << 30) + (256 << 20);
/// The worker that read a model has nothing more to do.
const LEAVING: Duration = Duration::from_secs(1);

/// What came of reading a model.
pub(crate) enum Exported {
    /// Its form, and cases to compare by.
    Form { form: Bytes, cases: Bytes },
    /// It cannot be read into a form, for this reason.
    Unsupported(String),
    /// It could not be tried.
    Failed(String),
}

impl PythonLauncher {
    /// Reads the model of a deployment in a worker of its own, which ends afterwards.
    pub(crate) async fn export(&self, order: &LaunchOrder) -> Exported {
        let limit = order.deployment.timing.start;
        let what = match self.view(order) {
            Ok(view) => Load::Export(view),
            Err(error) => return Exported::Failed(error.to_string()),
        };
        let mut worker = match self.spawn(order) {
            Ok(worker) => worker,
            Err(error) => return Exported::Failed(error.to_string()),
        };
        let asked = async {
            tell(&mut worker, order, &what).await?;
            frame::read::<Reply>(&mut worker.socket, MOST_BYTES).await
        };
        let replied = timeout(limit, asked).await;
        drop(timeout(LEAVING, worker.handle.gone()).await);
        match replied {
            Ok(Ok((Reply::Exported { form }, mut body))) if form <= body.len() => Exported::Form {
                form: body.split_to(form),
                cases: body,
            },
            Ok(Ok((Reply::Unsupported { reason }, _))) => Exported::Unsupported(reason),
            Ok(Ok((Reply::LoadError { error }, _))) => Exported::Failed(error.to_string()),
            Ok(Ok(_)) => Exported::Failed("its worker gave no form".to_owned()),
            Ok(Err(error)) => Exported::Failed(format!("reading it failed: {error}")),
            Err(_) => {
                Exported::Failed(format!("reading it took longer than {} s", limit.as_secs()))
            }
        }
    }

    /// Tells one version of the worker's files from another.
    pub(crate) fn version(&self) -> &str {
        let folder = self.start.parent().and_then(|folder| folder.file_name());
        folder.and_then(|name| name.to_str()).unwrap_or_default()
    }
}
