//! Inputs that user code reads as streams: named pipes beside the folders of the other inputs, one
//! for each epoch, as on SageMaker
//! (<https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html>).
//! A thread for each input waits until somebody opens the pipe of an epoch and writes all of it.
//! Whoever stops reading early begins the next epoch.

mod records;

use crate::launch::{Input, Launch, Source, StagedFile};
use crate::scripts::Places;
use crate::{Error, files};
use domain::job::{Ending, Failure, FailureKind};
use domain::pipe::Pipe;
use nix::sys::stat::Mode;
use records::{Piece, framed};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Bytes that are read at once.
const PORTION: usize = 256 << 10;

/// What went wrong with a stream, if anything did: user code cannot tell it from the end.
#[derive(Clone, Default)]
pub(super) struct Broken(Arc<Mutex<Option<String>>>);

impl Broken {
    /// Keeps the first reason.
    fn tell(&self, reason: String) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert(reason);
    }

    /// The reason.
    pub(super) fn reason(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// The end of a job whose stream broke, whatever its code made of that.
pub(super) fn failure(message: String) -> Ending {
    Ending::Failed {
        failure: Failure {
            kind: FailureKind::Input,
            message,
            file: None,
            line: None,
            exit_code: None,
        },
    }
}

/// One streamed input.
struct Stream {
    channel: String,
    /// The path of a pipe without the number of its epoch.
    path: PathBuf,
    pieces: Vec<Piece>,
    pipe: Pipe,
}

/// Makes the first pipes and begins to wait for their readers, which are there before user code is.
pub(super) fn begin(launch: &Launch, places: &Places) -> Result<Broken, Error> {
    let broken = Broken::default();
    for input in &launch.inputs {
        let Some(pipe) = &input.pipe else { continue };
        let stream = Stream::new(input, pipe, places)?;
        stream.make(0)?;
        let (told, channel) = (broken.clone(), input.channel.clone());
        let work = move || {
            if let Err(error) = stream.serve() {
                told.tell(format!(
                    "the stream of the input `{channel}` broke: {error}"
                ));
            }
        };
        thread::Builder::new()
            .name("pipe".to_owned())
            .spawn(work)
            .map_err(|source| Error::Start {
                program: "a stream".to_owned(),
                source,
            })?;
    }
    Ok(broken)
}

impl Stream {
    fn new(input: &Input, pipe: &Pipe, places: &Places) -> Result<Self, Error> {
        let folder = places.input(input)?;
        if let Some(parent) = folder.parent() {
            files::create_folder(parent)?;
        }
        let Source::Files { files } = &input.source else {
            return Err(Error::Input {
                channel: input.channel.clone(),
                reason: "only files can be streamed".to_owned(),
            });
        };
        let mut sorted: Vec<&StagedFile> = files.iter().collect();
        sorted.sort_by(|one, other| one.path.cmp(&other.path));
        let pieces = if pipe.is_of_records() {
            let wrong = |reason| Error::Input {
                channel: input.channel.clone(),
                reason,
            };
            records::read(&sorted, &pipe.attributes).map_err(wrong)?
        } else {
            let whole = |file: &&StagedFile| Piece(vec![records::Value::File(file.source.clone())]);
            sorted.iter().map(whole).collect()
        };
        Ok(Self {
            channel: input.channel.clone(),
            path: folder,
            pieces,
            pipe: pipe.clone(),
        })
    }

    fn at(&self, epoch: u64) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(format!("_{epoch}"));
        path.into()
    }

    fn make(&self, epoch: u64) -> Result<(), Error> {
        let path = self.at(epoch);
        let made = nix::unistd::mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR);
        made.map_err(|error| Error::file("make the pipe", &path)(error.into()))
    }

    /// Epoch after epoch, for as long as the process lives.
    fn serve(mut self) -> Result<(), Error> {
        let mut epoch = 0;
        loop {
            let path = self.at(epoch);
            // Waits for a reader.
            let opened = File::options().write(true).open(&path);
            let file = opened.map_err(Error::file("open", &path))?;
            // Whoever comes to the end of this one may open the next at once.
            self.make(epoch + 1)?;
            self.shuffle(epoch);
            match self.write_all(file) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
                Err(error) => {
                    let channel = self.channel.clone();
                    let reason = error.to_string();
                    return Err(Error::Input { channel, reason });
                }
            }
            // Nobody finds an epoch that is over.
            let _ = fs::remove_file(&path);
            epoch += 1;
        }
    }

    fn write_all(&self, file: File) -> io::Result<()> {
        let mut out = BufWriter::with_capacity(PORTION, file);
        for value in self.pieces.iter().flat_map(|piece| &piece.0) {
            match value {
                records::Value::File(path) if self.pipe.framed => {
                    let (length, mut from) = open(path)?;
                    framed(&mut out, &mut from, length)?;
                }
                records::Value::File(path) => {
                    let (_, mut from) = open(path)?;
                    io::copy(&mut from, &mut out)?;
                }
                records::Value::Text(text) if self.pipe.framed => {
                    framed(&mut out, &mut text.as_bytes(), text.len() as u64)?;
                }
                records::Value::Text(text) => out.write_all(text.as_bytes())?,
            }
        }
        out.flush()
    }

    /// Another order for each epoch, the same for the same seed: Fisher and Yates' shuffle with the
    /// numbers of Vigna's `SplitMix64`.
    fn shuffle(&mut self, epoch: u64) {
        let Some(seed) = self.pipe.seed else { return };
        let mut state = seed.cast_unsigned() ^ epoch.wrapping_mul(0xD134_2543_DE82_EF95);
        for last in (1..self.pieces.len()).rev() {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^= mixed >> 31;
            self.pieces.swap(last, (mixed % (last as u64 + 1)) as usize);
        }
    }
}

fn open(path: &Path) -> io::Result<(u64, BufReader<File>)> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    Ok((length, BufReader::with_capacity(PORTION, file)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::{Distribution, Program};
    use std::io::Read;

    fn places(folder: &Path) -> Places {
        Places {
            base: folder.join("base"),
            temporary: folder.join("tmp"),
            python: folder.join("python"),
        }
    }

    fn launch(folder: &Path, texts: &[(&str, &str)], pipe: Pipe) -> Launch {
        let program = Program::Shell {
            line: String::new(),
        };
        let mut launch = Launch::new("t", program, folder);
        let files = texts.iter().map(|(path, text)| {
            let source = folder.join(path.replace('/', "-"));
            fs::write(&source, text).unwrap();
            StagedFile {
                path: (*path).to_owned(),
                source,
            }
        });
        launch.inputs.push(Input {
            channel: "train".to_owned(),
            path: None,
            distribution: Distribution::default(),
            content_type: None,
            pipe: Some(pipe),
            source: Source::Files {
                files: files.collect(),
            },
        });
        launch
    }

    fn epoch(folder: &Path, number: u32) -> Vec<u8> {
        let path = folder.join(format!("base/input/data/train_{number}"));
        let mut bytes = Vec::new();
        File::open(path).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn an_epoch_is_all_files_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let texts = [("b", "two"), ("a", "one"), ("c", "three")];
        let broken = begin(&launch(here, &texts, Pipe::default()), &places(here)).unwrap();
        for number in 0..3 {
            assert_eq!(epoch(here, number), b"onetwothree");
        }
        // Who stops early gets the next epoch from its beginning.
        let path = here.join("base/input/data/train_3");
        let mut first = [0];
        File::open(path).unwrap().read_exact(&mut first).unwrap();
        assert_eq!(epoch(here, 4), b"onetwothree");
        assert_eq!(broken.reason(), None);
    }

    #[test]
    fn a_seed_draws_an_order_for_each_epoch() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let texts: Vec<(String, String)> = (b'a'..=b'z')
            .map(|letter| {
                (
                    char::from(letter).to_string(),
                    char::from(letter).to_string(),
                )
            })
            .collect();
        let texts: Vec<(&str, &str)> = texts
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        let pipe = Pipe {
            seed: Some(7),
            ..Pipe::default()
        };
        begin(&launch(here, &texts, pipe), &places(here)).unwrap();
        let (first, second) = (epoch(here, 0), epoch(here, 1));
        assert_ne!(first, second);
        for mut order in [first, second] {
            order.sort_unstable();
            assert_eq!(order, (b'a'..=b'z').collect::<Vec<_>>());
        }
    }

    #[test]
    fn records_are_streamed_value_by_value() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        let list = "{\"source-ref\": \"s3://b/one\", \"label\": 3}\n\
                    {\"source-ref\": \"s3://b/two\", \"label\": {\"x\": [1]}, \"more\": 1}\n";
        let texts = [("\u{1}list", list), ("b/one", "first"), ("b/two", "second")];
        let pipe = Pipe {
            attributes: vec!["source-ref".to_owned(), "label".to_owned()],
            ..Pipe::default()
        };
        begin(&launch(here, &texts, pipe), &places(here)).unwrap();
        assert_eq!(epoch(here, 0), b"first3second{\"x\":[1]}");
    }
}
