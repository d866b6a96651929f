//! Reading a tar: ustar, GNU long names and pax extensions
//! (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html>,
//! <https://www.gnu.org/software/tar/manual/html_node/Standard.html>).
//!
//! The blocks are walked here and not by the tar crate's iterator, because that one reads a long
//! name of any size into memory and takes an archive without an end marker as complete. Its
//! header parser is used.

use std::io::Read;

use tar::{EntryType, Header};

use super::blocks::Blocks;
use super::tree::Tree;
use crate::error::Error;
use crate::name::printable;

/// Extension records before one entry; real archives have at most three.
const EXTENSIONS_IN_A_ROW: usize = 8;

pub(super) fn read(input: impl Read, tree: &mut Tree) -> Result<(), Error> {
    let mut blocks = Blocks::new(input, tree);
    let mut pending = Extensions::default();
    let mut global = Extensions::default();
    let mut in_a_row = 0;
    while let Some(block) = blocks.next_header()? {
        let header = Header::from_byte_slice(&block);
        let kind = header.entry_type();
        let declared = header
            .entry_size()
            .map_err(|_| blocks.corrupt("the size is no number"))?;
        if !is_extension(kind) {
            entry(
                &mut blocks,
                header,
                declared,
                std::mem::take(&mut pending).over(&global),
            )?;
            in_a_row = 0;
            continue;
        }
        in_a_row += 1;
        if in_a_row > EXTENSIONS_IN_A_ROW {
            return Err(blocks.corrupt("more extension records in a row than any writer makes"));
        }
        let data = blocks.extension(declared)?;
        match kind {
            EntryType::GNULongName => pending.name = Some(without_end(data)),
            EntryType::GNULongLink => pending.link = Some(without_end(data)),
            EntryType::XGlobalHeader => global.take_pax(&data, &blocks)?,
            _ => pending.take_pax(&data, &blocks)?,
        }
    }
    if pending.is_some() {
        return Err(blocks.corrupt("an extension record without its entry"));
    }
    blocks.drain()
}

/// What extension records say about the next entry.
#[derive(Default, Clone)]
struct Extensions {
    name: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

impl Extensions {
    fn is_some(&self) -> bool {
        self.name.is_some() || self.link.is_some() || self.size.is_some()
    }

    fn over(self, global: &Self) -> Self {
        Self {
            name: self.name.or_else(|| global.name.clone()),
            link: self.link.or_else(|| global.link.clone()),
            size: self.size.or(global.size),
            sparse: self.sparse || global.sparse,
        }
    }

    fn take_pax<R: Read>(&mut self, data: &[u8], blocks: &Blocks<'_, R>) -> Result<(), Error> {
        let mut rest = data;
        while !rest.is_empty() {
            let (key, value, after) =
                pax_record(rest).ok_or_else(|| blocks.corrupt("a pax record is malformed"))?;
            rest = after;
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"linkpath" => self.link = Some(value.to_vec()),
                b"size" => {
                    let number = std::str::from_utf8(value)
                        .ok()
                        .and_then(|text| text.parse().ok());
                    let number = number.ok_or_else(|| blocks.corrupt("a pax size is no number"))?;
                    self.size = Some(number);
                }
                key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                _ => {}
            }
        }
        Ok(())
    }
}

/// One `<length> <key>=<value>\n` and what follows it. The tar crate's parser splits at newlines,
/// but values (extended attributes) may hold them.
fn pax_record(data: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = data.iter().take(20).position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&data[..space]).ok()?.parse().ok()?;
    let body = data.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = body.iter().position(|byte| *byte == b'=')?;
    Some((&body[..equals], &body[equals + 1..], &data[length..]))
}

fn is_extension(kind: EntryType) -> bool {
    kind.is_gnu_longname()
        || kind.is_gnu_longlink()
        || kind.is_pax_global_extensions()
        || kind.is_pax_local_extensions()
}

fn entry<R: Read>(
    blocks: &mut Blocks<'_, R>,
    header: &Header,
    declared: u64,
    extensions: Extensions,
) -> Result<(), Error> {
    let raw = extensions
        .name
        .unwrap_or_else(|| header.path_bytes().into_owned());
    let mut kind = header.entry_type();
    // Archives older than POSIX mark a folder only by the slash at its name's end.
    if matches!(kind, EntryType::Regular | EntryType::Continuous) && raw.ends_with(b"/") {
        kind = EntryType::Directory;
    }
    if extensions.sparse || kind.is_gnu_sparse() {
        let feature = "a sparse file".to_owned();
        return Err(Error::Unsupported {
            name: printable(&raw),
            feature,
        });
    }
    let size = extensions.size.unwrap_or(declared);
    let link = extensions
        .link
        .or_else(|| header.link_name_bytes().map(std::borrow::Cow::into_owned));
    let name = blocks.tree.name(&raw)?;
    match kind {
        EntryType::Regular | EntryType::Continuous => {
            let mode = header
                .mode()
                .map_err(|_| blocks.corrupt("the mode is no number"))?;
            blocks.file(&name, size, mode & 0o100 != 0)?;
            return blocks.skip_padding(size);
        }
        EntryType::Directory => blocks.tree.add_folder(&name)?,
        EntryType::Symlink => blocks.tree.add_link(&name, &link.unwrap_or_default())?,
        EntryType::Link => blocks
            .tree
            .add_hard_link(&name, &link.unwrap_or_default())?,
        EntryType::Block | EntryType::Char => return special(name, "device"),
        EntryType::Fifo => return special(name, "fifo"),
        other => {
            let feature = format!("the entry type {:?}", char::from(other.as_byte()));
            return Err(Error::Unsupported { name, feature });
        }
    }
    if size != 0 {
        return Err(blocks.corrupt("a folder or link with content"));
    }
    Ok(())
}

fn special(name: String, kind: &'static str) -> Result<(), Error> {
    Err(Error::SpecialFile { name, kind })
}

/// GNU long names end with a zero byte.
fn without_end(mut data: Vec<u8>) -> Vec<u8> {
    if data.last() == Some(&0) {
        data.pop();
    }
    data
}
