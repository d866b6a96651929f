//! Small charts of answers, for terminals and as SVG.

use super::Answer;
use crate::amount::Amount;
use std::fmt::Write as _;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it is of.
    pub label: String,
    /// Its length; negative for credits.
    pub value: Amount,
}

/// The bars of an answer's first metric.
pub fn bars(answer: &Answer) -> Vec<Bar> {
    let several = answer.totals.len() > 1;
    let bar = |group: &super::Group| {
        let keys = group.keys.iter().map(|key| key.as_deref().unwrap_or("–"));
        let mut label = keys.collect::<Vec<_>>().join(" · ");
        if several {
            let _ = write!(label, " ({})", group.currency);
        }
        Bar {
            label,
            value: group.values.first().copied().unwrap_or_default(),
        }
    };
    answer.groups.iter().map(bar).collect()
}

/// Bars of block characters, at most `width` columns in all.
pub fn terminal(bars: &[Bar], width: usize) -> Vec<String> {
    let label = |bar: &Bar| bar.label.chars().count();
    let labels = bars.iter().map(label).max().unwrap_or(0).min(width / 3);
    let values: Vec<String> = bars.iter().map(|bar| bar.value.for_people()).collect();
    let digits = values.iter().map(String::len).max().unwrap_or(0);
    let room = width.saturating_sub(labels + digits + 4).max(1);
    let largest = bars
        .iter()
        .map(|bar| bar.value.abs().atoms())
        .max()
        .unwrap_or(0);
    let line = |(bar, value): (&Bar, &String)| {
        let eighths = bar
            .value
            .abs()
            .part(room as i128 * 8, largest.max(1))
            .atoms();
        let eighths = usize::try_from(eighths).unwrap_or(0);
        let mut block = "█".repeat(eighths / 8);
        if eighths % 8 > 0 {
            block.extend(char::from_u32(0x2590 - (eighths % 8) as u32));
        }
        let label: String = bar.label.chars().map(visible).take(labels).collect();
        format!("{label:<labels$}  {value:>digits$}  {block}")
    };
    bars.iter().zip(&values).map(line).collect()
}

/// What a bill calls its services shall not command a terminal.
fn visible(letter: char) -> char {
    if letter.is_control() {
        '\u{fffd}'
    } else {
        letter
    }
}

/// Bars as an SVG document that stands by itself.
pub fn svg(bars: &[Bar], title: &str) -> String {
    const ROW: usize = 24;
    let largest = bars
        .iter()
        .map(|bar| bar.value.abs().atoms())
        .max()
        .unwrap_or(0)
        .max(1);
    let height = bars.len() * ROW + 44;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 800 {height}\" \
         font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n\
         <title>{title}</title>\n<text x=\"8\" y=\"22\" font-size=\"16\">{title}</text>\n",
        title = escaped(title)
    );
    for (at, bar) in bars.iter().enumerate() {
        let y = 36 + at * ROW;
        let width = bar.value.abs().part(4_000, largest).atoms();
        let (whole, tenth) = (width / 10, width % 10);
        let colour = if bar.value < Amount::ZERO {
            "#b5543c"
        } else {
            "#2b6f8f"
        };
        let label: String = bar.label.chars().take(34).collect();
        let _ = writeln!(
            out,
            "<text x=\"8\" y=\"{text}\">{label}</text>\
             <rect x=\"250\" y=\"{y}\" width=\"{whole}.{tenth}\" height=\"18\" fill=\"{colour}\"/>\
             <text x=\"{end}\" y=\"{text}\">{value}</text>",
            text = y + 14,
            label = escaped(&label),
            end = 256 + whole,
            value = bar.value.for_people()
        );
    }
    out.push_str("</svg>\n");
    out
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: &str) -> Bar {
        Bar {
            label: label.to_owned(),
            value: value.parse().unwrap(),
        }
    }

    #[test]
    fn the_longest_bar_fills_the_room_and_texts_are_escaped() {
        let bars = [bar("<EC2>", "100"), bar("S3", "50"), bar("credit", "-25")];
        let lines = terminal(&bars, 60);
        let blocks = |line: &str| line.chars().filter(|c| *c == '█').count();
        assert_eq!(blocks(&lines[0]), blocks(&lines[1]) * 2);
        assert!(
            lines.iter().all(|line| line.chars().count() <= 60),
            "{lines:?}"
        );
        let svg = svg(&bars, "Costs & credits");
        assert!(svg.contains("&lt;EC2&gt;") && svg.contains("Costs &amp; credits"));
        assert!(svg.contains("width=\"400.0\"") && svg.contains("width=\"100.0\""));
    }

    #[test]
    fn labels_do_not_command_a_terminal() {
        let lines = terminal(&[bar("\u{1b}[2J\nS3\u{9b}", "1")], 80);
        assert!(!lines[0].chars().any(char::is_control), "{lines:?}");
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        assert!(terminal(&[], 80).is_empty());
        assert!(terminal(&[bar("a", "0")], 80)[0].ends_with("0.00  "));
    }
}
