//! A gzip-compressed tar. The errors of the decompressor and those of the caller's reader come
//! out of the same `read`, so the reader's are put aside to be told apart.

use std::cell::RefCell;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use flate2::bufread::MultiGzDecoder;

use super::tarball;
use super::tree::Tree;
use crate::error::Error;

pub(super) fn read(input: impl Read, tree: &mut Tree) -> Result<(), Error> {
    let failure = Rc::new(RefCell::new(None));
    let input = Remembering {
        inner: input,
        failure: Rc::clone(&failure),
    };
    let result = tarball::read(MultiGzDecoder::new(BufReader::new(input)), tree);
    let Err(Error::Read(error)) = result else {
        return result;
    };
    if let Some(original) = failure.borrow_mut().take() {
        return Err(Error::Read(original));
    }
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return Err(Error::Truncated {
            place: "inside the compressed data".to_owned(),
        });
    }
    Err(Error::Corrupt {
        place: format!("byte {} of the compressed data", tree.budget.consumed.get()),
        detail: error.to_string(),
    })
}

struct Remembering<R> {
    inner: R,
    failure: Rc<RefCell<Option<io::Error>>>,
}

impl<R: Read> Read for Remembering<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).inspect_err(|error| {
            if error.kind() != io::ErrorKind::Interrupted {
                let copy = io::Error::new(error.kind(), error.to_string());
                *self.failure.borrow_mut() = Some(copy);
            }
        })
    }
}
