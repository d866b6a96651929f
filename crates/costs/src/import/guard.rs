//! No record may be longer than memory is granted for, whatever its quotes say.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// Most bytes of one record.
pub(super) const LONGEST_RECORD: u64 = 4 << 20;

/// A reader that refuses to go on when no record has ended for too long.
pub(super) struct Guard<R> {
    inner: R,
    since: Rc<Cell<u64>>,
}

/// Tells the guard that a record has ended.
#[derive(Clone)]
pub(super) struct Ended(Rc<Cell<u64>>);

impl Ended {
    pub(super) fn here(&self) {
        self.0.set(0);
    }
}

impl<R: BufRead> Guard<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            since: Rc::new(Cell::new(0)),
        }
    }

    pub(super) fn ended(&self) -> Ended {
        Ended(self.since.clone())
    }

    /// Reads a line without its end into `line`; `false` at the end of the file.
    pub(super) fn line(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        line.clear();
        let read = (&mut self.inner)
            .take(LONGEST_RECORD + 1)
            .read_until(b'\n', line)?;
        if read as u64 > LONGEST_RECORD {
            return Err(too_long());
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(read > 0)
    }
}

fn too_long() -> io::Error {
    let limit = domain::ByteSize(LONGEST_RECORD);
    io::Error::other(format!(
        "a record is longer than {limit}; a quote that is not closed looks the same"
    ))
}

impl<R: BufRead> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.since.get() > LONGEST_RECORD {
            return Err(too_long());
        }
        let read = self.inner.read(buffer)?;
        self.since.set(self.since.get() + read as u64);
        Ok(read)
    }
}
