//! What the hosts of a gang print, as one log: each line says whose it is, so that it can be
//! taken apart again ([`domain::gang::read_line`]).

use super::super::context::Context;
use super::host::Host;
use crate::printed;
use domain::gang;
use std::fs::File;
use std::io::Write;

/// Bytes that are read at once.
const PORTION: usize = 256 << 10;

/// Takes what is new.
pub(super) fn hear(context: &Context<'_>, host: &mut Host) {
    hear_log(context, host);
    hear_metrics(context, host);
}

fn hear_log(context: &Context<'_>, host: &mut Host) {
    loop {
        let Ok(page) = printed::read_log(&host.layout, host.log, PORTION) else {
            return;
        };
        if page.records.is_empty() || page.next <= host.log {
            return;
        }
        let mut log = context.log();
        for record in page.records {
            let text = gang::line_of(&host.name, &record.text);
            log.write(record.at, record.stream, &text);
        }
        log.flush();
        host.log = page.next;
    }
}

fn hear_metrics(context: &Context<'_>, host: &mut Host) {
    loop {
        let Ok(page) = printed::read_metrics(&host.layout, host.metrics, PORTION) else {
            return;
        };
        if page.next <= host.metrics {
            return;
        }
        let mut lines = Vec::new();
        for metric in &page.metrics {
            if serde_json::to_writer(&mut lines, metric).is_ok() {
                lines.push(b'\n');
            }
        }
        let file = File::options()
            .create(true)
            .append(true)
            .open(context.layout.metrics());
        if let Ok(mut file) = file {
            // A full disk costs metrics, not the job.
            let _ = file.write_all(&lines);
        }
        host.metrics = page.next;
    }
}
