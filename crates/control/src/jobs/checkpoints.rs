//! A job's checkpoints: copied into their bucket while it runs and when it has ended, put back
//! when an attempt begins. What is in the bucket is never removed: a file that user code deleted
//! may be the one that the next attempt goes on from.

use super::deliver::{permanent, with_slash};
use crate::{Control, Error};
use contracts::backend::Remains;
use contracts::objects::{ListObjects, ObjectError, PutOptions};
use domain::job::{Checkpoints, Job, JobSpec, Placement};
use domain::{Location, TicketId, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A file's length and time when it was copied.
type Copied = BTreeMap<String, (u64, Timestamp)>;

/// What this server has copied of live tickets. Nothing is lost with it: files are copied once
/// more.
#[derive(Debug, Default)]
pub struct Copies {
    tickets: Mutex<BTreeMap<TicketId, Copied>>,
}

impl Copies {
    fn tickets(&self) -> MutexGuard<'_, BTreeMap<TicketId, Copied>> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, ticket: &TicketId, path: &str, seen: (u64, Timestamp)) -> bool {
        let tickets = self.tickets();
        tickets.get(ticket).and_then(|files| files.get(path)) == Some(&seen)
    }

    fn add(&self, ticket: &TicketId, path: &str, seen: (u64, Timestamp)) {
        let mut tickets = self.tickets();
        tickets
            .entry(ticket.clone())
            .or_default()
            .insert(path.to_owned(), seen);
    }

    /// Forgets a ticket that is over.
    pub(crate) fn forget(&self, ticket: &TicketId) {
        self.tickets().remove(ticket);
    }
}

impl Control {
    /// Copies what is new while the job runs. What cannot be copied now is tried at the next
    /// look; it does not keep the job from going on.
    pub(super) async fn keep_living_checkpoints(
        &self,
        job: &Job,
        ticket: &TicketId,
        placement: &Placement,
    ) -> Result<(), Error> {
        let provider = self.providers.get(&placement.provider);
        let Some(remains) = provider.and_then(|provider| provider.remains.as_deref()) else {
            return Ok(());
        };
        match self.keep_checkpoints(job, ticket, remains).await {
            Ok(None) => {}
            Ok(Some(reason)) => tracing::warn!(job = %job.id, reason, "checkpoints are not kept"),
            Err(error) => tracing::warn!(job = %job.id, %error, "checkpoints are not kept yet"),
        }
        Ok(())
    }

    /// Copies what is new; returns why that cannot be done when trying again would not help.
    pub(super) async fn keep_checkpoints(
        &self,
        job: &Job,
        ticket: &TicketId,
        remains: &dyn Remains,
    ) -> Result<Option<String>, Error> {
        let Some(checkpoints) = &job.spec.checkpoints else {
            return Ok(None);
        };
        let Some((bucket, prefix)) = place(checkpoints) else {
            return Ok(Some(format!(
                "`{}` is no place in a bucket",
                checkpoints.to
            )));
        };
        for checkpoint in remains.checkpoints(ticket).await? {
            let file = &checkpoint.file;
            let seen = (file.bytes, checkpoint.modified);
            if self.copies.has(ticket, &file.path, seen) {
                continue;
            }
            let key = format!("{prefix}{}", file.path);
            let options = PutOptions::default();
            let put = self
                .objects
                .put_file(&job.workspace, &bucket, &key, &file.source, options)
                .await;
            match put.map_err(Error::from) {
                Ok(_) => self.copies.add(ticket, &file.path, seen),
                Err(error) => match permanent(&error) {
                    Some(reason) => {
                        let to = &checkpoints.to;
                        return Ok(Some(format!(
                            "the checkpoints cannot be put to `{to}`: {reason}"
                        )));
                    }
                    None => return Err(error),
                },
            }
        }
        Ok(None)
    }

    /// The spec of the next attempt: with the checkpoints that there are as an input.
    pub(super) async fn with_checkpoints(&self, job: &Job) -> Result<JobSpec, Error> {
        let mut spec = job.spec.clone();
        let Some(checkpoints) = &job.spec.checkpoints else {
            return Ok(spec);
        };
        let Some((bucket, prefix)) = place(checkpoints) else {
            return Ok(spec);
        };
        let list = ListObjects {
            prefix,
            limit: 1,
            ..ListObjects::default()
        };
        let there = match self.objects.list(&job.workspace, &bucket, &list).await {
            Ok(listing) => !listing.objects.is_empty(),
            Err(ObjectError::NoSuchBucket(_)) => false,
            Err(error) => return Err(error.into()),
        };
        if there {
            let name = Checkpoints::NAME.to_owned();
            let (to, path) = (with_slash(&checkpoints.to), checkpoints.path().to_owned());
            spec.inputs.insert(name.clone(), vec![to]);
            spec.input_paths.insert(name, path);
        }
        Ok(spec)
    }
}

/// Bucket and prefix.
fn place(checkpoints: &Checkpoints) -> Option<(String, String)> {
    match Location::parse(&with_slash(&checkpoints.to)) {
        Ok(Location::Object { bucket, key }) => Some((bucket, key)),
        _ => None,
    }
}
