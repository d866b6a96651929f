//! How long the jobs of a pipeline took in earlier runs.

use crate::rows::Stored;
use crate::{Control, Error};
use contracts::store::{Key, Order, Query};
use domain::job::{Ending, Job};
use domain::pipeline::{PipelineSpec, Run, StepState};
use domain::{JobId, Workspace};
use planner::pipeline::history_name;
use planner::question::{History, Observation};

/// Runs that are looked back at.
const RUNS: u32 = 5;
/// Most jobs of them that are read.
const JOBS: usize = 200;

impl Control {
    /// What the workspace's latest runs of this pipeline show; results taken from the cache say
    /// nothing about time.
    pub(super) async fn history_of(
        &self,
        workspace: &Workspace,
        spec: &PipelineSpec,
    ) -> Result<History, Error> {
        let query = Query {
            kind: Run::KIND.to_owned(),
            workspace: Some(workspace.clone()),
            parent: Some(spec.name.to_string()),
            order: Order::Newest,
            limit: RUNS,
            ..Query::default()
        };
        let page = self.store.list(&query).await?;
        let mut found = Vec::new();
        let mut looked_at = 0;
        for row in &page.rows {
            let Some(kept) = self.listed_run(row).await? else {
                continue;
            };
            for (path, state) in &kept.run.steps {
                let StepState::Succeeded {
                    job: Some(id),
                    cached: false,
                    ..
                } = state
                else {
                    continue;
                };
                if looked_at >= JOBS {
                    return Ok(History(found));
                }
                looked_at += 1;
                let name = history_name(spec, path.step.as_str());
                found.extend(self.observation(workspace, name, id).await?);
            }
        }
        Ok(History(found))
    }

    async fn observation(
        &self,
        workspace: &Workspace,
        name: String,
        id: &JobId,
    ) -> Result<Option<Observation>, Error> {
        let key = Key::new(Job::KIND, workspace, id);
        let Some((job, _)) = self.find::<Job>(&key).await? else {
            return Ok(None);
        };
        let ended = job.attempts.iter().rev();
        let mut ended = ended.filter(|it| it.exit.ending == Ending::Completed);
        Ok(ended
            .next()
            .filter(|attempt| attempt.exit.usage.wall.0 > 0)
            .map(|attempt| Observation {
                name,
                provider: attempt.placement.provider.clone(),
                machine: attempt.placement.machine_type.clone(),
                took: attempt.exit.usage.wall,
            }))
    }
}
