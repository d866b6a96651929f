//! Keeps printed lines as files, bounded, so that a program that prints a gigabyte costs what its
//! first and its last lines cost.
//!
//! The lines of a ticket are one long text; an offset in it means the same for ever. The text is
//! cut into segments, each a file named by the offset it begins at. The first segment is the
//! head; of the others the oldest goes when there are too many. A line is
//! `<milliseconds> TAB <o|e|t> TAB <text> LF`, so `tail -f` shows it as it is.

use super::Stream;
use crate::Error;
use crate::files;
use crate::launch::LogLimits;
use crate::record::LogSummary;
use domain::Timestamp;
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// Segments that the tail is kept in; one more may exist while the newest fills.
const SEGMENTS: u64 = 8;

/// Name of the file that counts what was dropped.
pub(super) const DROPPED: &str = "dropped";

/// The file of the segment that begins at `offset`.
pub(super) fn segment(folder: &Path, offset: u64) -> PathBuf {
    folder.join(format!("{offset:020}"))
}

/// The log while it is written.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    limits: LogLimits,
    file: Option<BufWriter<File>>,
    offset: u64,
    begin: u64,
    begin_line: u64,
    /// Older segments of the tail: offset and lines before it.
    tail: VecDeque<(u64, u64)>,
    lines: u64,
    dropped_lines: u64,
    /// Lines that could not be written because the disk was full.
    lost_lines: u64,
    /// Lines that wait in the buffer.
    pending_lines: u64,
}

impl Log {
    /// A new log in a folder that must not hold one.
    pub fn create(folder: &Path, limits: LogLimits) -> Result<Self, Error> {
        files::create_folder(folder)?;
        let mut log = Self {
            folder: folder.to_owned(),
            limits,
            file: None,
            offset: 0,
            begin: 0,
            begin_line: 0,
            tail: VecDeque::new(),
            lines: 0,
            dropped_lines: 0,
            lost_lines: 0,
            pending_lines: 0,
        };
        log.open()?;
        Ok(log)
    }

    /// Adds a line. A full disk does not stop user code: the line is counted as dropped.
    pub fn write(&mut self, at: Timestamp, stream: Stream, text: &str) {
        let line = format!("{}\t{}\t{text}\n", at.0, stream.letter());
        self.turn_if_full();
        self.lines += 1;
        let Some(file) = &mut self.file else {
            self.lost_lines += 1;
            return;
        };
        self.pending_lines += 1;
        if file.write_all(line.as_bytes()).is_ok() {
            self.offset += line.len() as u64;
        } else {
            self.lose();
        }
    }

    /// Makes what was written visible to readers.
    pub fn flush(&mut self) {
        if self.pending_lines == 0 {
            return;
        }
        match self.file.as_mut().map(Write::flush) {
            Some(Err(_)) => self.lose(),
            _ => self.pending_lines = 0,
        }
    }

    /// How much came and how much of it is kept.
    pub fn summary(&self) -> LogSummary {
        LogSummary {
            lines: self.lines,
            bytes: self.offset,
            dropped_lines: self.dropped_lines + self.lost_lines,
        }
    }

    /// The disk is full: what is buffered is lost, and the text goes on after what is on the disk.
    fn lose(&mut self) {
        self.lost_lines += std::mem::take(&mut self.pending_lines);
        let Some(file) = self.file.take() else { return };
        // Taken apart, so that dropping it does not write the buffer once more.
        let (file, _) = file.into_parts();
        self.offset = self.begin + file.metadata().map_or(0, |metadata| metadata.len());
    }

    fn turn_if_full(&mut self) {
        let is_head = self.begin == 0;
        let most = if is_head {
            self.limits.head.0
        } else {
            self.limits.tail.0 / SEGMENTS
        };
        if self.file.is_some() && self.offset - self.begin < most.max(4096) {
            return;
        }
        self.flush();
        if !is_head {
            self.tail.push_back((self.begin, self.begin_line));
        }
        self.drop_oldest();
        if let Some(file) = self.file.take() {
            drop(file);
        }
        let _ = self.open();
    }

    fn drop_oldest(&mut self) {
        while self.tail.len() as u64 > SEGMENTS {
            let Some((offset, line)) = self.tail.pop_front() else {
                return;
            };
            let next = self.tail.front().map_or(self.lines, |(_, line)| *line);
            self.dropped_lines += next - line;
            let counted = files::write_atomically(
                &self.folder.join(DROPPED),
                self.dropped_lines.to_string().as_bytes(),
            );
            if counted.is_ok() {
                let _ = fs::remove_file(segment(&self.folder, offset));
            }
        }
    }

    fn open(&mut self) -> Result<(), Error> {
        let path = segment(&self.folder, self.offset);
        let file = File::options().create(true).append(true).open(&path);
        let file = file.map_err(Error::file("create", &path))?;
        self.begin = self.offset;
        self.begin_line = self.lines;
        self.file = Some(BufWriter::with_capacity(64 << 10, file));
        Ok(())
    }
}
