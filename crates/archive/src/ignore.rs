//! Which files of a code folder are left out of an archive: a short built-in list and the
//! folder's `.tradewindignore`, in the pattern language of gitignore
//! (<https://git-scm.com/docs/gitignore#_pattern_format>). A matcher of our own, because the
//! whole language is a page of code and the crate for it brings a regular-expression engine.

use std::path::Path;

use crate::error::Error;

/// The name of the ignore file, looked for at the top of the folder.
pub const IGNORE_FILE: &str = ".tradewindignore";

/// Larger ignore files are refused; nobody writes them by hand.
const LONGEST_FILE: usize = 1 << 20;

/// What is never part of a job's code: version control, caches, environments, this file itself.
const BUILT_IN: &[&str] = &[
    ".git/",
    ".hg/",
    ".svn/",
    "__pycache__/",
    "*.pyc",
    ".venv/",
    ".ipynb_checkpoints/",
    ".mypy_cache/",
    ".pytest_cache/",
    ".ruff_cache/",
    ".DS_Store",
    IGNORE_FILE,
];

/// An ordered list of patterns; the last one that matches a name decides.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    patterns: Vec<Pattern>,
}

impl Rules {
    /// No patterns: everything is taken.
    pub fn none() -> Self {
        Self::default()
    }

    /// The built-in patterns only.
    pub fn built_in() -> Self {
        let patterns = BUILT_IN
            .iter()
            .filter_map(|line| Pattern::parse(line).ok().flatten());
        Self {
            patterns: patterns.collect(),
        }
    }

    /// The built-in patterns and then those of the folder's [`IGNORE_FILE`], if it has one.
    ///
    /// # Errors
    /// [`Error::BadPattern`] with its line; [`Error::File`] when the file cannot be read.
    pub fn of_folder(folder: &Path) -> Result<Self, Error> {
        Self::built_in().and_of(folder)
    }

    /// As [`Rules::of_folder`], and without the file `name` at the folder's top, unless a pattern
    /// `!name` takes it back: a file that says what is done with the code is no part of it.
    ///
    /// # Errors
    /// As [`Rules::of_folder`].
    pub fn of_folder_without(folder: &Path, name: &str) -> Result<Self, Error> {
        let mut rules = Self::built_in();
        let mut literal = String::from("/");
        for letter in name.chars() {
            if matches!(letter, '*' | '?' | '[' | ']' | '\\' | '!' | '#' | ' ') {
                literal.push('\\');
            }
            literal.push(letter);
        }
        rules.add(&literal)?;
        rules.and_of(folder)
    }

    fn and_of(self, folder: &Path) -> Result<Self, Error> {
        let path = folder.join(IGNORE_FILE);
        let mut rules = self;
        match std::fs::read(&path) {
            Ok(bytes) if bytes.len() > LONGEST_FILE => Err(bad(0, "it is larger than 1 MiB")),
            Ok(bytes) => match std::str::from_utf8(&bytes) {
                Ok(text) => rules.add(text).map(|()| rules),
                Err(error) => {
                    let before = &bytes[..error.valid_up_to()];
                    let line = before.split(|byte| *byte == b'\n').count();
                    Err(bad(line, "it is not UTF-8"))
                }
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(rules),
            Err(error) => Err(Error::file("read", path)(error)),
        }
    }

    /// Appends the patterns of a text in gitignore's form.
    ///
    /// # Errors
    /// [`Error::BadPattern`] with its line.
    pub fn add(&mut self, text: &str) -> Result<(), Error> {
        for (index, line) in text.lines().enumerate() {
            let pattern = Pattern::parse(line).map_err(|reason| bad(index + 1, reason))?;
            self.patterns.extend(pattern);
        }
        Ok(())
    }

    /// Whether `name` (relative, slashes) is left out. What is inside a left-out folder is never
    /// asked about, so as in git it cannot be taken back by a later pattern.
    pub fn ignores(&self, name: &str, is_folder: bool) -> bool {
        let decisive = self
            .patterns
            .iter()
            .rev()
            .find(|pattern| pattern.matches(name, is_folder));
        decisive.is_some_and(|pattern| !pattern.take_back)
    }
}

fn bad(line: usize, reason: &'static str) -> Error {
    Error::BadPattern {
        file: IGNORE_FILE.to_owned(),
        line,
        reason,
    }
}

#[derive(Debug, Clone)]
struct Pattern {
    /// `!pattern`: takes back what an earlier pattern left out.
    take_back: bool,
    /// `pattern/`: folders only.
    folders_only: bool,
    /// Each part between slashes; a part of `None` is `**`.
    parts: Vec<Option<Vec<Token>>>,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Exactly(char),
    AnyOne,
    AnyMany,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Pattern {
    fn parse(line: &str) -> Result<Option<Self>, &'static str> {
        let mut text = trim_unescaped_end(line);
        if text.is_empty() || text.starts_with('#') {
            return Ok(None);
        }
        let take_back = text.starts_with('!');
        text = text.strip_prefix('!').unwrap_or(text);
        let folders_only = text.ends_with('/');
        text = text.strip_suffix('/').unwrap_or(text);
        // A slash at the front or in the middle ties the pattern to the top of the folder.
        let anchored = text.contains('/');
        text = text.strip_prefix('/').unwrap_or(text);
        if text.is_empty() {
            return Err("it names nothing");
        }
        let mut parts = Vec::new();
        if !anchored {
            parts.push(None);
        }
        for part in text.split('/') {
            match part {
                "" => return Err("it holds two slashes in a row"),
                "**" => {
                    if parts.last() != Some(&None) {
                        parts.push(None);
                    }
                }
                _ => parts.push(Some(tokens(part)?)),
            }
        }
        Ok(Some(Self {
            take_back,
            folders_only,
            parts,
        }))
    }

    fn matches(&self, name: &str, is_folder: bool) -> bool {
        if self.folders_only && !is_folder {
            return false;
        }
        let names: Vec<&str> = name.split('/').collect();
        // reached[i]: the parts so far match the first i names. One row per part, so the cost is
        // parts × names whatever the pattern.
        let mut reached = vec![false; names.len() + 1];
        reached[0] = true;
        for (index, part) in self.parts.iter().enumerate() {
            let mut next = vec![false; names.len() + 1];
            match part {
                None => {
                    // A last `**` needs something inside the folder before it.
                    let least = usize::from(index + 1 == self.parts.len());
                    if let Some(first) = reached.iter().position(|at| *at) {
                        next.iter_mut()
                            .skip(first + least)
                            .for_each(|at| *at = true);
                    }
                }
                Some(tokens) => {
                    for (at, part_name) in names.iter().enumerate() {
                        next[at + 1] = reached[at] && matches_part(tokens, part_name);
                    }
                }
            }
            reached = next;
        }
        reached[names.len()]
    }
}

/// Trailing spaces do not count unless escaped by a backslash; nor does a carriage return.
fn trim_unescaped_end(line: &str) -> &str {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let trimmed = line.trim_end_matches(' ');
    if trimmed.len() < line.len() && trimmed.ends_with('\\') {
        return &line[..=trimmed.len()];
    }
    trimmed
}

fn tokens(part: &str) -> Result<Vec<Token>, &'static str> {
    let mut found = Vec::new();
    let mut rest = part.chars();
    while let Some(character) = rest.next() {
        found.push(match character {
            '\\' => Token::Exactly(
                rest.next()
                    .ok_or("a backslash at the end escapes nothing")?,
            ),
            '?' => Token::AnyOne,
            '*' => {
                if found.last() == Some(&Token::AnyMany) {
                    continue;
                }
                Token::AnyMany
            }
            '[' => class(&mut rest)?,
            other => Token::Exactly(other),
        });
    }
    Ok(found)
}

fn class(rest: &mut std::str::Chars<'_>) -> Result<Token, &'static str> {
    const OPEN: &str = "`[` without `]`";
    let mut negated = false;
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut first = true;
    loop {
        let mut character = rest.next().ok_or(OPEN)?;
        if first && !negated && matches!(character, '!' | '^') {
            negated = true;
            continue;
        }
        if character == ']' && !first {
            return Ok(Token::Class { negated, ranges });
        }
        first = false;
        if character == '\\' {
            character = rest.next().ok_or(OPEN)?;
        }
        let mut ahead = rest.clone();
        let until = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(end)) if end != ']' => {
                *rest = ahead;
                end
            }
            _ => character,
        };
        ranges.push((character, until));
    }
}

/// Glob matching of one part by remembering only the last `*`, which is enough and linear enough:
/// at most tokens × characters.
fn matches_part(tokens: &[Token], name: &str) -> bool {
    let characters: Vec<char> = name.chars().collect();
    let (mut token, mut at) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at < characters.len() {
        let fits = match tokens.get(token) {
            Some(Token::AnyMany) => {
                star = Some((token, at));
                token += 1;
                continue;
            }
            Some(Token::AnyOne) => true,
            Some(Token::Exactly(wanted)) => *wanted == characters[at],
            Some(Token::Class { negated, ranges }) => {
                let inside = ranges
                    .iter()
                    .any(|(from, to)| (*from..=*to).contains(&characters[at]));
                inside != *negated
            }
            None => false,
        };
        if fits {
            token += 1;
            at += 1;
        } else if let Some((star_token, star_at)) = star {
            star = Some((star_token, star_at + 1));
            token = star_token + 1;
            at = star_at + 1;
        } else {
            return false;
        }
    }
    tokens[token..].iter().all(|left| *left == Token::AnyMany)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores(text: &str, name: &str, is_folder: bool) -> bool {
        let mut rules = Rules::none();
        rules.add(text).unwrap();
        rules.ignores(name, is_folder)
    }

    #[test]
    fn a_file_beside_the_code_is_left_out_by_its_very_name_and_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let without = |name| Rules::of_folder_without(folder.path(), name).unwrap();
        for name in [
            "tradewind.yaml",
            "a*b.yaml",
            "[x].yml",
            "!odd #1.yaml",
            "back\\slash",
        ] {
            let rules = without(name);
            assert!(rules.ignores(name, false), "{name}");
            assert!(!rules.ignores(&format!("below/{name}"), false), "{name}");
            assert!(!rules.ignores("aXb.yaml", false) && !rules.ignores("x.yml", false));
        }
        std::fs::write(folder.path().join(IGNORE_FILE), "!/tradewind.yaml\n").unwrap();
        assert!(!without("tradewind.yaml").ignores("tradewind.yaml", false));
    }

    #[test]
    fn the_language_of_gitignore() {
        // The examples of git's own page, and the corners around them.
        for (text, name, is_folder, expected) in [
            ("*.log", "a/b.log", false, true),
            ("/*.log", "a/b.log", false, false),
            ("hello.*", "hello.txt", false, true),
            ("foo/", "foo", true, true),
            ("foo/", "foo", false, false),
            ("foo/", "a/foo", true, true),
            ("doc/frotz", "a/doc/frotz", false, false),
            ("doc/frotz", "doc/frotz", false, true),
            ("**/foo", "a/b/foo", false, true),
            ("**/foo", "foo", false, true),
            ("abc/**", "abc/x/y", false, true),
            ("abc/**", "abc", true, false),
            ("a/**/b", "a/b", false, true),
            ("a/**/b", "a/x/y/b", false, true),
            ("a/**/b", "ax/b", false, false),
            ("foo/*", "foo/bar/hello.c", false, false),
            ("*.csv\n!keep.csv", "keep.csv", false, false),
            ("*.csv\n!keep.csv", "other.csv", false, true),
            ("# a comment", "# a comment", false, false),
            ("\\#x", "#x", false, true),
            ("\\!x", "!x", false, true),
            ("x   ", "x", false, true),
            ("x\\ ", "x ", false, true),
            ("[a-c]?.txt", "b1.txt", false, true),
            ("[!a-c]?.txt", "b1.txt", false, false),
            ("[]-]", "]", false, true),
            ("a*b*c", "aXbYbc", false, true),
            ("a*b*c", "aXbYb", false, false),
        ] {
            assert_eq!(
                ignores(text, name, is_folder),
                expected,
                "{text:?} on {name:?}"
            );
        }
    }

    #[test]
    fn bad_lines_are_named() {
        let error = Rules::none().add("ok\n[a").unwrap_err();
        assert!(
            matches!(error, Error::BadPattern { line: 2, .. }),
            "{error}"
        );
    }

    #[test]
    fn every_built_in_pattern_is_one() {
        assert_eq!(Rules::built_in().patterns.len(), BUILT_IN.len());
    }

    #[test]
    fn a_hostile_pattern_is_quick() {
        assert!(!ignores(&"*a".repeat(2000), &"a".repeat(1999), false));
        assert!(!ignores(
            &"**/a/".repeat(300),
            &vec!["a"; 290].join("/"),
            true
        ));
    }
}
