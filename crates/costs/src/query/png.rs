//! Bars as a PNG image (W3C, "Portable Network Graphics", third edition): a palette of four colours
//! and letters of five by seven points, so that a report needs no font.

use super::Bar;
use crate::amount::Amount;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write;

const WIDTH: usize = 1_000;
/// Height of a bar with its gap, and of the title.
const ROW: usize = 28;
const HEAD: usize = 44;
/// Where bars begin, and how long the longest is.
const LEFT: usize = 352;
const LONGEST: i128 = 500;
/// Letters of a label.
const LABEL: usize = 28;
/// Points of the image for one of a letter.
const SCALE: usize = 2;
/// Bars of one image: it is eleven million points then, and nobody looks at more.
const MOST_BARS: usize = 400;

const WHITE: u8 = 0;
const INK: u8 = 1;
const COST: u8 = 2;
const CREDIT: u8 = 3;
const PALETTE: [u8; 12] = [
    0xff, 0xff, 0xff, 0x1c, 0x1c, 0x1c, 0x2b, 0x6f, 0x8f, 0xb5, 0x54, 0x3c,
];

/// Bars as a PNG image, at most 400 of them.
pub fn png(bars: &[Bar], title: &str) -> Vec<u8> {
    let bars = &bars[..bars.len().min(MOST_BARS)];
    let mut image = Image::new(HEAD + bars.len() * ROW + 8);
    image.text(8, 14, title, WIDTH / (6 * SCALE) - 2, INK);
    let largest = bars.iter().map(|bar| bar.value.abs().atoms()).max();
    let largest = largest.unwrap_or(0).max(1);
    for (at, bar) in bars.iter().enumerate() {
        let top = HEAD + at * ROW;
        image.text(8, top + 4, &bar.label, LABEL, INK);
        let length = bar.value.abs().part(LONGEST, largest).atoms();
        let length = usize::try_from(length).unwrap_or(0);
        let colour = if bar.value < Amount::ZERO {
            CREDIT
        } else {
            COST
        };
        image.fill(LEFT, top, length, ROW - 6, colour);
        let value = bar.value.for_people();
        image.text(LEFT + length + 8, top + 4, &value, 12, INK);
    }
    image.encode()
}

struct Image {
    height: usize,
    points: Vec<u8>,
}

impl Image {
    fn new(height: usize) -> Self {
        Self {
            height,
            points: vec![WHITE; WIDTH * height],
        }
    }

    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, colour: u8) {
        let right = (left + width).min(WIDTH);
        for row in top..(top + height).min(self.height) {
            let begin = row * WIDTH;
            self.points[begin + left.min(right)..begin + right].fill(colour);
        }
    }

    fn text(&mut self, left: usize, top: usize, text: &str, most: usize, colour: u8) {
        for (at, letter) in text.chars().take(most).enumerate() {
            for (row, bits) in glyph(letter).iter().enumerate() {
                for column in 0..5 {
                    if bits & (0x10 >> column) != 0 {
                        let x = left + (at * 6 + column) * SCALE;
                        self.fill(x, top + row * SCALE, SCALE, SCALE, colour);
                    }
                }
            }
        }
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
        let mut head = Vec::new();
        head.extend((WIDTH as u32).to_be_bytes());
        head.extend((self.height as u32).to_be_bytes());
        // Eight bits a point, of a palette, no filter but none, not interlaced.
        head.extend([8, 3, 0, 0, 0]);
        chunk(&mut out, *b"IHDR", &head);
        chunk(&mut out, *b"PLTE", &PALETTE);
        let mut packed = ZlibEncoder::new(Vec::new(), Compression::default());
        for row in self.points.chunks(WIDTH) {
            // Writing to memory cannot fail.
            let _ = packed.write_all(&[0]).and_then(|()| packed.write_all(row));
        }
        chunk(&mut out, *b"IDAT", &packed.finish().unwrap_or_default());
        chunk(&mut out, *b"IEND", &[]);
        out
    }
}

fn chunk(out: &mut Vec<u8>, kind: [u8; 4], bytes: &[u8]) {
    out.extend((bytes.len() as u32).to_be_bytes());
    let begin = out.len();
    out.extend(kind);
    out.extend(bytes);
    let sum = crc32fast::hash(&out[begin..]);
    out.extend(sum.to_be_bytes());
}

/// Seven rows of five points, the leftmost in bit 4. Small letters look like capitals; a letter that
/// is not here is a box.
fn glyph(letter: char) -> [u8; 7] {
    let rows: u64 = match letter.to_ascii_uppercase() {
        ' ' => 0,
        'A' => 0x0e_11_11_1f_11_11_11,
        'B' => 0x1e_11_11_1e_11_11_1e,
        'C' => 0x0e_11_10_10_10_11_0e,
        'D' => 0x1e_11_11_11_11_11_1e,
        'E' => 0x1f_10_10_1e_10_10_1f,
        'F' => 0x1f_10_10_1e_10_10_10,
        'G' => 0x0e_11_10_17_11_11_0f,
        'H' => 0x11_11_11_1f_11_11_11,
        'I' => 0x0e_04_04_04_04_04_0e,
        'J' => 0x07_02_02_02_02_12_0c,
        'K' => 0x11_12_14_18_14_12_11,
        'L' => 0x10_10_10_10_10_10_1f,
        'M' => 0x11_1b_15_15_11_11_11,
        'N' => 0x11_19_15_13_11_11_11,
        'O' => 0x0e_11_11_11_11_11_0e,
        'P' => 0x1e_11_11_1e_10_10_10,
        'Q' => 0x0e_11_11_11_15_12_0d,
        'R' => 0x1e_11_11_1e_14_12_11,
        'S' => 0x0f_10_10_0e_01_01_1e,
        'T' => 0x1f_04_04_04_04_04_04,
        'U' => 0x11_11_11_11_11_11_0e,
        'V' => 0x11_11_11_11_11_0a_04,
        'W' => 0x11_11_11_15_15_1b_11,
        'X' => 0x11_11_0a_04_0a_11_11,
        'Y' => 0x11_11_0a_04_04_04_04,
        'Z' => 0x1f_01_02_04_08_10_1f,
        '0' => 0x0e_11_13_15_19_11_0e,
        '1' => 0x04_0c_04_04_04_04_0e,
        '2' => 0x0e_11_01_06_08_10_1f,
        '3' => 0x1f_02_04_02_01_11_0e,
        '4' => 0x02_06_0a_12_1f_02_02,
        '5' => 0x1f_10_1e_01_01_11_0e,
        '6' => 0x06_08_10_1e_11_11_0e,
        '7' => 0x1f_01_02_04_08_08_08,
        '8' => 0x0e_11_11_0e_11_11_0e,
        '9' => 0x0e_11_11_0f_01_02_0c,
        '.' => 0x00_00_00_00_00_0c_0c,
        ',' => 0x00_00_00_00_0c_04_08,
        '·' => 0x00_00_00_0c_0c_00_00,
        '-' | '–' => 0x00_00_00_1f_00_00_00,
        '_' => 0x00_00_00_00_00_00_1f,
        '/' => 0x01_01_02_04_08_10_10,
        ':' => 0x00_0c_0c_00_0c_0c_00,
        '(' => 0x02_04_08_08_08_04_02,
        ')' => 0x08_04_02_02_02_04_08,
        '=' => 0x00_00_1f_00_1f_00_00,
        '+' => 0x00_04_04_1f_04_04_00,
        '%' => 0x18_19_02_04_08_13_03,
        _ => 0x1f_11_11_11_11_11_1f,
    };
    let bytes = rows.to_be_bytes();
    [
        bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::ZlibDecoder;
    use std::io::Read;

    fn bar(label: &str, value: &str) -> Bar {
        Bar {
            label: label.to_owned(),
            value: value.parse().unwrap(),
        }
    }

    #[test]
    fn an_image_has_its_chunks_and_bars_of_their_lengths() {
        let bars = [bar("EC2", "100"), bar("S3 · ü", "50"), bar("credit", "-25")];
        let image = png(&bars, "effective cost by service");
        assert!(image.starts_with(b"\x89PNG\r\n\x1a\n"));
        let mut at = 8;
        let mut kinds = Vec::new();
        let mut points = Vec::new();
        while at < image.len() {
            let length = u32::from_be_bytes(image[at..at + 4].try_into().unwrap()) as usize;
            let (kind, body) = (&image[at + 4..at + 8], &image[at + 8..at + 8 + length]);
            let sum =
                u32::from_be_bytes(image[at + 8 + length..at + 12 + length].try_into().unwrap());
            assert_eq!(sum, crc32fast::hash(&image[at + 4..at + 8 + length]));
            if kind == b"IDAT" {
                ZlibDecoder::new(body).read_to_end(&mut points).unwrap();
            }
            kinds.push(String::from_utf8(kind.to_vec()).unwrap());
            at += length + 12;
        }
        assert_eq!(kinds, ["IHDR", "PLTE", "IDAT", "IEND"]);
        let height = HEAD + 3 * ROW + 8;
        assert_eq!(points.len(), (WIDTH + 1) * height);
        let row = |bar: usize| {
            let begin = (HEAD + bar * ROW + 2) * (WIDTH + 1);
            points[begin..=begin + WIDTH]
                .iter()
                .filter(|p| **p == COST || **p == CREDIT)
                .count()
        };
        assert_eq!([row(0), row(1), row(2)], [500, 250, 125]);
        assert!(png(&[], "").len() > 50);
    }
}
