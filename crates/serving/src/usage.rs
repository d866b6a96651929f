//! What the processes of replicas have used, as the kernel counts it (proc(5)).

use std::time::Duration;

/// Clock ticks of a second; Linux tells user space 100 on every architecture that this runs on
/// (`USER_HZ`, time(7)).
const TICKS: u64 = 100;

/// CPU time that a process and the children that it has fetched took; none when it is gone.
pub fn processor_time(process: u32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The program's name may hold spaces and parentheses: fields are counted from the last one.
    let fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let times = fields.skip(11).take(4).map(str::parse::<u64>);
    let ticks: u64 = times
        .collect::<Result<Vec<u64>, _>>()
        .ok()?
        .into_iter()
        .sum();
    Some(Duration::from_millis(ticks.saturating_mul(1_000 / TICKS)))
}

/// How long a process has been there; none when it is gone.
pub fn age(process: u32) -> Option<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let started: u64 = text
        .rsplit_once(')')?
        .1
        .split_ascii_whitespace()
        .nth(19)?
        .parse()
        .ok()?;
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_ascii_whitespace().next()?.parse().ok()?;
    let started = Duration::from_millis(started.saturating_mul(1_000 / TICKS));
    Some(
        Duration::try_from_secs_f64(uptime)
            .ok()?
            .saturating_sub(started),
    )
}

/// Memory that a process holds in bytes, pages that it shares with others included; none when it
/// is gone.
pub fn resident_memory(process: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_of_a_process_grows_with_its_work_and_is_unknown_when_it_is_gone() {
        let own = std::process::id();
        let before = processor_time(own).unwrap();
        let mut sum = 0_u64;
        while processor_time(own).unwrap() < before + Duration::from_millis(50) {
            sum = (0..100_000_u64).fold(sum, |sum, n| sum.wrapping_mul(31).wrapping_add(n));
        }
        assert!(std::hint::black_box(sum) != 1);
        assert!(resident_memory(own).unwrap() > 1 << 20);
        assert!(age(own).unwrap() < Duration::from_hours(24));
        assert_eq!(processor_time(u32::MAX / 2), None);
        assert_eq!(age(u32::MAX / 2), None);
        assert_eq!(resident_memory(u32::MAX / 2), None);
    }
}
