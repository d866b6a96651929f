//! What all hosts left, as one: SageMaker packs the model folders of all hosts into one archive
//! and leaves it to the hosts that their names do not meet
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-output.html>).
//! Where they meet with different content, the first host's file counts and a warning says so.

use super::super::collect;
use super::super::context::Context;
use super::host::Host;
use crate::record::{Collected, CollectedFile};
use crate::{Error, files};
use std::fs;
use std::path::Path;

/// Moves the hosts' files into the gang's folders and writes down what there is.
pub(super) fn merge(
    context: &Context<'_>,
    hosts: &[Host],
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    for host in hosts {
        let left = files::read_record::<Vec<Collected>>(&host.layout.outputs())?;
        for output in left.unwrap_or_default() {
            // The same folder, seen from the gang's.
            let target = context.layout.folder().join(&output.folder);
            let source = host.layout.folder().join(&output.folder);
            for file in &output.files {
                if !take(&source, &target, file)? {
                    warnings.push(format!(
                        "`{}` of {} in the output `{}` is not kept: another host left something \
                         else by that name",
                        file.path, host.name, output.name
                    ));
                }
            }
        }
    }
    collect::collect(context.layout, context.launch, warnings)
}

/// Moves one file; false where another one is in its place.
fn take(source: &Path, target: &Path, file: &CollectedFile) -> Result<bool, Error> {
    let (from, to) = (source.join(&file.path), target.join(&file.path));
    if let Ok(there) = fs::symlink_metadata(&to) {
        let same = there.is_file()
            && there.len() == file.size
            && files::hash_file(&to)
                .is_ok_and(|(digest, _)| files::hexadecimal(&digest) == file.sha256);
        return Ok(same);
    }
    let Some(parent) = to.parent() else {
        return Ok(false);
    };
    if files::create_folder(parent).is_err() {
        // A file of another host is where this one has a folder.
        return Ok(false);
    }
    fs::rename(&from, &to).map_err(Error::file("move", &from))?;
    Ok(true)
}
