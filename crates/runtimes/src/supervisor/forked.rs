//! A supervisor that was forked from a template, with the interpreter of its job as its child.

use super::ahead::{Forked, Template};
use super::enter::Entry;
use super::namespace;
use super::spare::{self, Spare};
use super::started::Started;
use crate::launch::Launch;
use crate::{Error, Layout, Surroundings};
use nix::unistd::{Pid, close, getpid};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// The argument of such a supervisor. The number of its child follows, and the descriptors of what
/// that prints on standard output and standard error and of where it is told its job.
pub(super) const FORKED: &str = "--forked";

/// An interpreter that waits for its job and for its view.
pub(super) struct Fork {
    template: Template,
    link: File,
}

impl Fork {
    /// Gives the interpreter its view and its job; false when it cannot have them.
    pub(super) fn tell(mut self, launch: &Launch, layout: &Layout, entry: &Entry) -> bool {
        let view = format!("/proc/{}/ns/mnt", getpid());
        let message =
            self.template
                .ahead
                .message((&self.template.before, &view), launch, layout, entry);
        let Some(message) = message else { return false };
        if !namespace::enter_with_rights(layout) {
            return false;
        }
        if let Some(environment) = entry.python.parent().and_then(Path::parent) {
            namespace::protect(environment);
        }
        self.link.write_all(&message).is_ok()
    }
}

/// Waits for a ticket and supervises it; ends well without one when nobody will bring any. Its
/// child ends when it does.
pub(super) fn wait(numbers: &[&str], surroundings: &Surroundings) -> Result<(), Error> {
    let Some((started, link)) = taken(numbers) else {
        return Ok(());
    };
    // One that is started by a descriptor is named after that.
    let _ = nix::sys::prctl::set_name(c"tradewind");
    let Some(Forked {
        template,
        variables,
    }) = spare::introduced().ok().flatten()
    else {
        return Ok(());
    };
    let surroundings = Surroundings {
        variables,
        ..surroundings.clone()
    };
    let spare = Spare::forked(started, Fork { template, link });
    spare::wait_with(&surroundings, spare)
}

fn taken(numbers: &[&str]) -> Option<(Started, File)> {
    let [pid, output, error, link] = numbers else {
        return None;
    };
    let started = Started {
        pid: Pid::from_raw(pid.parse().ok()?),
        output: Some(own(output, File::options().read(true))?),
        error: Some(own(error, File::options().read(true))?),
    };
    Some((started, own(link, File::options().write(true))?))
}

/// Opens the end of a pipe that was inherited, and closes the inherited one, which children would
/// inherit too.
fn own(number: &str, options: &std::fs::OpenOptions) -> Option<File> {
    let number: i32 = number.parse().ok().filter(|number| *number > 2)?;
    let file = options.open(format!("/proc/self/fd/{number}")).ok();
    close(number).ok()?;
    file
}
