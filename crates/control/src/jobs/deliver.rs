//! Puts copies of what a job left where its owner wants them. Done again it changes nothing: the
//! keys are the same.

use crate::{Control, Error};
use contracts::backend::OutputFolder;
use contracts::objects::{ObjectError, PutOptions};
use domain::Location;
use domain::job::{Artifacts, Delivery, Job};

/// Whether a folder holds nothing but an archive that was packed for a delivery.
pub(super) fn is_packed(folder: &OutputFolder) -> bool {
    folder.name.contains("//")
}

impl Control {
    /// Delivers everything; returns why it cannot be done when trying again would not help.
    pub(super) async fn deliver(
        &self,
        job: &Job,
        folders: &[OutputFolder],
        artifacts: &mut Artifacts,
    ) -> Result<Option<String>, Error> {
        for delivery in &job.spec.deliveries {
            let wanted = match &delivery.archive {
                Some(file) => format!("{}//{file}", delivery.output),
                None => delivery.output.clone(),
            };
            // What has no files was not reported; there is nothing to put anywhere.
            let Some(folder) = folders.iter().find(|folder| folder.name == wanted) else {
                continue;
            };
            if let Err(error) = self.deliver_folder(job, delivery, folder).await {
                match permanent(&error) {
                    Some(reason) => {
                        let (output, to) = (&delivery.output, &delivery.to);
                        return Ok(Some(format!(
                            "the output `{output}` cannot be put to `{to}`: {reason}"
                        )));
                    }
                    None => return Err(error),
                }
            }
            if delivery.archive.is_none() {
                let (name, to) = (delivery.output.clone(), with_slash(&delivery.to));
                artifacts.outputs.insert(name, to);
            }
        }
        Ok(None)
    }

    async fn deliver_folder(
        &self,
        job: &Job,
        delivery: &Delivery,
        folder: &OutputFolder,
    ) -> Result<(), Error> {
        let Ok(Location::Object { bucket, key }) = Location::parse(&with_slash(&delivery.to))
        else {
            let text = format!("`{}` is no place in a bucket", delivery.to);
            return Err(ObjectError::Invalid(text).into());
        };
        for file in &folder.files {
            let options = PutOptions {
                key: delivery.key.clone(),
                ..PutOptions::default()
            };
            let key = format!("{key}{}", file.path);
            self.objects
                .put_file(&job.workspace, &bucket, &key, &file.source, options)
                .await?;
        }
        Ok(())
    }
}

pub(super) fn with_slash(prefix: &str) -> String {
    if prefix.ends_with('/') {
        prefix.to_owned()
    } else {
        format!("{prefix}/")
    }
}

pub(super) fn permanent(error: &Error) -> Option<String> {
    match error {
        Error::Objects(
            error @ (ObjectError::NoSuchBucket(_)
            | ObjectError::NoSuchObject { .. }
            | ObjectError::PreconditionFailed(_)
            | ObjectError::Invalid(_)),
        ) => Some(error.to_string()),
        _ => None,
    }
}
