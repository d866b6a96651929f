//! CPU time and memory of processes, by proc(5).

use super::gib_hours;
use costs::Amount;
use domain::Span;
use std::collections::BTreeMap;
use std::fs;

/// Ticks of a second in `/proc`: `USER_HZ` is 100 on every architecture that Linux runs on here
/// (proc_pid_stat(5), time(7)).
const TICKS: i128 = 100;
/// Bytes of a page.
const PAGE: u64 = 4_096;

/// Processes at the last look: their CPU time in ticks, by number and start.
#[derive(Default)]
pub(super) struct Processes {
    before: BTreeMap<(u32, u64), u64>,
    now: BTreeMap<(u32, u64), u64>,
}

/// What `/proc/PID/stat` says.
struct Stat {
    started: u64,
    ticks: u64,
    pages: u64,
}

impl Processes {
    /// A new look begins.
    pub(super) fn begin(&mut self) {
        self.now.clear();
    }

    /// Processes that were not seen in this look stay known: a busy one is not shown.
    pub(super) fn end(&mut self) {
        let ended = |number: u32, started: u64| stat(number).is_none_or(|s| s.started != started);
        self.before
            .retain(|key, _| self.now.contains_key(key) || !ended(key.0, key.1));
        self.before.append(&mut self.now);
    }

    /// CPU-hours since the last look and GiB-hours of memory since then.
    pub(super) fn used(
        &mut self,
        processes: impl Iterator<Item = u32>,
        elapsed: Span,
    ) -> (Amount, Amount) {
        let (mut ticks, mut bytes) = (0, 0_u64);
        for number in processes {
            let Some(stat) = stat(number) else {
                continue;
            };
            let key = (number, stat.started);
            let before = self.before.get(&key).copied().unwrap_or(0);
            ticks += stat.ticks.saturating_sub(before);
            bytes = bytes.saturating_add(stat.pages.saturating_mul(PAGE));
            self.now.insert(key, stat.ticks);
        }
        let cpu = Amount::ratio(i128::from(ticks), TICKS * 3_600);
        (cpu, gib_hours(bytes, elapsed))
    }
}

fn stat(number: u32) -> Option<Stat> {
    read(&fs::read_to_string(format!("/proc/{number}/stat")).ok()?)
}

/// The fields after the name, which is in brackets and may hold anything: `utime` to `cstime` are
/// 14 to 17, `starttime` is 22, `rss` is 24.
fn read(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
    let ticks = field(14)? + field(15)? + field(16)? + field(17)?;
    Some(Stat {
        started: field(22)?,
        ticks,
        pages: field(24)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_with_any_name_is_read_and_counted_once() {
        let line = "7 (a ) b) S 1 7 7 0 -1 0 0 0 0 0 100 50 20 10 20 0 1 0 555 9999 256 0 0";
        let stat = read(line).unwrap();
        assert_eq!((stat.started, stat.ticks, stat.pages), (555, 180, 256));
        assert!(read("7 (x").is_none());
        let mut processes = Processes::default();
        let own = std::process::id();
        processes.begin();
        let (_, memory) = processes.used([own].into_iter(), Span::hours(1));
        processes.end();
        assert!(memory > Amount::ZERO);
        processes.begin();
        let (cpu, nothing) = processes.used([own].into_iter(), Span::ZERO);
        // The second look counts what came after the first, which is less than a second of CPU.
        assert!(cpu < Amount::ratio(1, 360), "{cpu}");
        assert_eq!(nothing, Amount::ZERO);
    }
}
