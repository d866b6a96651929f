//! What the processes of running tickets have used so far, as the kernel counts it (proc(5)).

use contracts::backend::Used;
use domain::Span;
use runtimes::record::{Stage, Status};
use runtimes::{Error, Layout, files, process};

/// Each ticket's use; none where user code does not run.
pub(super) fn read(layouts: &[Layout], processors: u32) -> Result<Vec<Option<Used>>, Error> {
    layouts
        .iter()
        .map(|layout| one(layout, processors))
        .collect()
}

fn one(layout: &Layout, processors: u32) -> Result<Option<Used>, Error> {
    let Some(status) = files::read_record::<Status>(&layout.status())? else {
        return Ok(None);
    };
    if status.stage != Stage::Running || !status.supervisor.is_alive() {
        return Ok(None);
    }
    // All that the supervisor looks after is user code by now; what it used itself does not count.
    let supervisor = status.supervisor.pid;
    let family = process::family(supervisor).unwrap_or_else(|| process::descendants(supervisor));
    let ticks: u64 = family.iter().map(|(_, stat)| stat.cpu_ticks).sum();
    let pages: u64 = family.iter().map(|(_, stat)| stat.resident_pages).sum();
    let millis = ticks.saturating_mul(1_000) / process::ticks_per_second();
    Ok(Some(Used {
        cpu: Span(i64::try_from(millis).unwrap_or(i64::MAX)),
        memory: pages * process::page_size(),
        processors,
    }))
}
