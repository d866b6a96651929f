//! Reads a ticket's log and metrics, from an offset on, while they may still grow.

use super::Stream;
use super::log::{DROPPED, segment};
use crate::layout::Layout;
use crate::{Error, files};
use domain::Timestamp;
use domain::metric::Metric;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecord {
    /// When it was printed.
    pub at: Timestamp,
    /// Where.
    pub stream: Stream,
    /// Without its line ending.
    pub text: String,
    /// The offset to go on from after this line.
    pub next: u64,
}

/// Some lines of a log.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogPage {
    /// In the order of printing.
    pub records: Vec<LogRecord>,
    /// Where to go on; equal to what was asked when nothing new is there.
    pub next: u64,
}

/// Some metrics of a ticket.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MetricPage {
    /// In the order of printing.
    pub metrics: Vec<Metric>,
    /// Where to go on.
    pub next: u64,
}

/// Reads lines from `offset` (0 at first, then [`LogPage::next`]), at most about `most` bytes of
/// them. Where lines were dropped a record of Tradewind's own says how many. No log yet is an
/// empty page.
pub fn read_log(layout: &Layout, offset: u64, most: usize) -> Result<LogPage, Error> {
    let folder = layout.log();
    let segments = segments(&folder)?;
    let Some(mut current) = segments.iter().rposition(|begin| *begin <= offset) else {
        return Ok(LogPage {
            records: Vec::new(),
            next: offset,
        });
    };
    let mut page = LogPage {
        records: Vec::new(),
        next: offset,
    };
    let mut left = most.max(128 << 10);
    loop {
        let begin = segments[current];
        let path = segment(&folder, begin);
        let bytes = match read_from(&path, page.next - begin, left) {
            // Dropped since the folder was listed: list it again from here.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(page),
            other => other.map_err(Error::file("read", &path))?,
        };
        let used = take_records(&bytes, page.next, &mut page.records);
        page.next += used as u64;
        left = left.saturating_sub(used);
        let Some(following) = segments.get(current + 1).copied() else {
            return Ok(page);
        };
        let end = begin + fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let looked = page.next - used as u64 + bytes.len() as u64;
        if left == 0 || looked < end {
            return Ok(page);
        }
        // An unfinished line at the end of a finished segment was lost to a full disk.
        if end < following {
            page.records
                .push(gap(&folder, page.records.last(), end, following));
        }
        page.next = following;
        current += 1;
    }
}

fn gap(folder: &Path, before: Option<&LogRecord>, from: u64, to: u64) -> LogRecord {
    let lines = files::read_text(&folder.join(DROPPED), 32).unwrap_or_default();
    LogRecord {
        at: before.map_or(Timestamp(0), |record| record.at),
        stream: Stream::Tradewind,
        text: format!(
            "{} lines ({}) are not kept: a log keeps its beginning and its end",
            lines.trim(),
            domain::ByteSize(to - from)
        ),
        next: to,
    }
}

/// The offsets at which segments begin, the lowest first.
fn segments(folder: &Path) -> Result<Vec<u64>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::file("read", folder)(error)),
    };
    let mut found: Vec<u64> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect();
    found.sort_unstable();
    Ok(found)
}

fn read_from(path: &Path, offset: u64, most: usize) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Takes whole lines only; answers how many bytes they were.
fn take_records(bytes: &[u8], offset: u64, records: &mut Vec<LogRecord>) -> usize {
    let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
        return 0;
    };
    let mut next = offset;
    for line in bytes[..end].split(|byte| *byte == b'\n') {
        next += line.len() as u64 + 1;
        let text = String::from_utf8_lossy(line);
        let mut parts = text.splitn(3, '\t');
        let at = parts.next().and_then(|at| at.parse().ok());
        let stream = parts.next().and_then(Stream::of_letter);
        // A line that a crash of the machine left half written is passed over.
        let (Some(at), Some(stream), Some(text)) = (at, stream, parts.next()) else {
            continue;
        };
        records.push(LogRecord {
            at: Timestamp(at),
            stream,
            text: text.to_owned(),
            next,
        });
    }
    end + 1
}

/// Reads metrics from `offset` (0 at first, then [`MetricPage::next`]).
pub fn read_metrics(layout: &Layout, offset: u64, most: usize) -> Result<MetricPage, Error> {
    let path = layout.metrics();
    let bytes = match read_from(&path, offset, most.max(64 << 10)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(Error::file("read", &path))?,
    };
    let mut page = MetricPage {
        metrics: Vec::new(),
        next: offset,
    };
    let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
        return Ok(page);
    };
    page.next += end as u64 + 1;
    page.metrics = bytes[..end]
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::super::log::Log;
    use super::*;
    use crate::launch::LogLimits;
    use domain::ByteSize;

    fn everything(layout: &Layout) -> Vec<LogRecord> {
        let mut records = Vec::new();
        let mut offset = 0;
        loop {
            let page = read_log(layout, offset, 1000).unwrap();
            if page.next == offset {
                return records;
            }
            offset = page.next;
            records.extend(page.records);
        }
    }

    #[test]
    fn what_is_written_is_read_while_it_grows() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        assert_eq!(read_log(&layout, 0, 100).unwrap(), LogPage::default());
        let mut log = Log::create(&layout.log(), LogLimits::default()).unwrap();
        log.write(Timestamp(7), Stream::Output, "a\tb");
        log.flush();
        let first = read_log(&layout, 0, 100).unwrap();
        assert_eq!(first.records.len(), 1);
        assert_eq!(first.records[0].text, "a\tb");
        log.write(Timestamp(8), Stream::Error, "c");
        log.flush();
        let second = read_log(&layout, first.next, 100).unwrap();
        assert_eq!(second.records[0].stream, Stream::Error);
        assert_eq!(
            read_log(&layout, second.next, 100).unwrap().next,
            second.next
        );
    }

    #[test]
    fn the_middle_of_a_flood_is_dropped_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let limits = LogLimits {
            head: ByteSize(10_000),
            tail: ByteSize(80_000),
        };
        let mut log = Log::create(&layout.log(), limits).unwrap();
        for number in 0..20_000 {
            log.write(Timestamp(1), Stream::Output, &format!("line {number}"));
        }
        log.flush();
        let records = everything(&layout);
        let own = records
            .iter()
            .position(|record| record.stream == Stream::Tradewind)
            .unwrap();
        assert_eq!(records[0].text, "line 0");
        assert_eq!(records.last().unwrap().text, "line 19999");
        let kept = records.len() as u64 - 1;
        assert_eq!(kept + log.summary().dropped_lines, 20_000);
        let dropped: u64 = records[own]
            .text
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(dropped, log.summary().dropped_lines);
        assert!(files::disk_usage(&layout.log()) < 200_000);
    }
}
