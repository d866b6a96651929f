//! The reader: recursive descent over at most a few thousand characters and levels that cannot
//! exhaust the stack.
//!
//! ```text
//! or         = and ("or" and)*
//! and        = not ("and" not)*
//! not        = "not" not | comparison
//! comparison = primary (("==" | "!=" | "<" | "<=" | ">" | ">=") primary)?
//! primary    = literal | reference | "${" or "}" | "(" or ")"
//! reference  = word ("." word | "[" text "]")* ("(" word ("," ("max" | "min"))? ")")?
//! ```

use serde_json::Value;

use super::{Comparison, Expression, Order, Part, Piece, Reference, Template};
use crate::nearest::nearest_names;

/// Longer expressions are refused; a template may be longer.
const LONGEST: usize = 4096;

/// Nesting of parentheses, `${` and `not`.
const DEEPEST: usize = 32;

/// Why a text is not an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Byte offset in the text that was read.
    pub at: usize,
    /// What is wrong and what was expected.
    pub message: String,
}

/// Whether a name needs no brackets and quotes.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(in_word))
}

fn in_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-')
}

pub(super) fn expression(text: &str, alias: Option<&str>) -> Result<Expression, SyntaxError> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        alias,
    };
    if text.len() > LONGEST {
        return Err(reader.error(format!("an expression may have at most {LONGEST} bytes")));
    }
    let expression = reader.or()?;
    reader.spaces();
    if reader.rest().is_empty() {
        return Ok(expression);
    }
    let found = reader.found();
    Err(reader.error(format!(
        "expected `and`, `or`, a comparison or the end of the expression, found {found}"
    )))
}

pub(super) fn template(text: &str, alias: Option<&str>) -> Result<Template, SyntaxError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        alias,
    };
    while let Some(dollar) = reader.rest().find('$') {
        literal.push_str(&reader.rest()[..dollar]);
        reader.at += dollar;
        if reader.take("$${") {
            literal.push_str("${");
        } else if reader.rest().starts_with("${") {
            let start = reader.at;
            if !literal.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Hole(reader.braced()?));
            if reader.at - start > LONGEST {
                return Err(reader.error(format!("`${{…}}` may have at most {LONGEST} bytes")));
            }
        } else {
            reader.at += 1;
            literal.push('$');
        }
    }
    literal.push_str(reader.rest());
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(Template { pieces })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    alias: Option<&'a str>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError {
            at: self.at,
            message: message.into(),
        }
    }

    /// The next token, for error texts.
    fn found(&self) -> String {
        let rest = self.rest();
        let word: String = rest.chars().take_while(|c| in_word(*c)).take(40).collect();
        match (word.is_empty(), rest.chars().next()) {
            (false, _) => format!("`{word}`"),
            (true, Some(character)) => format!("`{}`", character.escape_debug()),
            (true, None) => "the end".to_owned(),
        }
    }

    fn spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        let here = self.rest().starts_with(token);
        self.at += if here { token.len() } else { 0 };
        here
    }

    /// Takes a keyword that is not the beginning of a longer word.
    fn take_word(&mut self, word: &str) -> bool {
        self.spaces();
        let Some(after) = self.rest().strip_prefix(word) else {
            return false;
        };
        let whole = !after.starts_with(|c: char| in_word(c) || c == '.' || c == '[');
        self.at += if whole { word.len() } else { 0 };
        whole
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<T, SyntaxError> {
        if self.depth >= DEEPEST {
            return Err(self.error(format!("an expression may nest at most {DEEPEST} deep")));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Result<Expression, SyntaxError> {
        let mut left = self.and()?;
        let mut length = 0;
        while self.take_word("or") {
            self.bounded(&mut length)?;
            left = Expression::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expression, SyntaxError> {
        let mut left = self.not()?;
        let mut length = 0;
        while self.take_word("and") {
            self.bounded(&mut length)?;
            left = Expression::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    /// A long chain is a deep tree, which others walk recursively.
    fn bounded(&self, length: &mut usize) -> Result<(), SyntaxError> {
        *length += 1;
        if *length < 4 * DEEPEST {
            return Ok(());
        }
        Err(self.error(format!("at most {} terms may be joined", 4 * DEEPEST)))
    }

    fn not(&mut self) -> Result<Expression, SyntaxError> {
        if self.take_word("not") {
            let inner = self.deeper(Self::not)?;
            return Ok(Expression::Not(Box::new(inner)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expression, SyntaxError> {
        let left = self.primary()?;
        let Some(how) = self.comparison_sign()? else {
            return Ok(left);
        };
        let right = self.primary()?;
        if self.comparison_sign()?.is_some() {
            return Err(self.error("comparisons do not chain, join two of them with `and`"));
        }
        Ok(Expression::Compare(Box::new(left), how, Box::new(right)))
    }

    fn comparison_sign(&mut self) -> Result<Option<Comparison>, SyntaxError> {
        self.spaces();
        for (sign, how) in [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ] {
            if self.take(sign) {
                return Ok(Some(how));
            }
        }
        for (wrong, right) in [
            ("=>", ">="),
            ("=<", "<="),
            ("=", "=="),
            ("&&", "and"),
            ("||", "or"),
            ("!", "not"),
        ] {
            if self.rest().starts_with(wrong) {
                return Err(self.error(format!("`{wrong}` is written `{right}` here")));
            }
        }
        Ok(None)
    }

    fn braced(&mut self) -> Result<Expression, SyntaxError> {
        let start = self.at;
        self.take("${");
        let inner = self.deeper(Self::or)?;
        self.spaces();
        if self.take("}") {
            return Ok(inner);
        }
        if self.rest().is_empty() {
            let message = "`${` is not closed by `}`".to_owned();
            return Err(SyntaxError { at: start, message });
        }
        let found = self.found();
        Err(self.error(format!("expected `}}`, found {found}")))
    }

    fn primary(&mut self) -> Result<Expression, SyntaxError> {
        self.spaces();
        if self.rest().starts_with("${") {
            return self.braced();
        }
        if self.take("(") {
            let inner = self.deeper(Self::or)?;
            self.spaces();
            if self.take(")") {
                return Ok(inner);
            }
            let found = self.found();
            return Err(self.error(format!("expected `)`, found {found}")));
        }
        if self.rest().starts_with(['\'', '"']) {
            return Ok(Expression::Literal(Value::String(self.quoted()?)));
        }
        for (word, value) in [
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ] {
            if self.take_word(word) {
                return Ok(Expression::Literal(value));
            }
        }
        if self
            .rest()
            .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+'))
        {
            return self.number();
        }
        if self.rest().starts_with('!') {
            return Err(self.error("`!` is written `not` here"));
        }
        self.reference().map(Expression::Reference)
    }

    fn number(&mut self) -> Result<Expression, SyntaxError> {
        let rest = self.rest();
        let mut end = 0;
        for (at, character) in rest.char_indices() {
            let sign =
                matches!(character, '-' | '+') && (at == 0 || rest[..at].ends_with(['e', 'E']));
            if !(sign || character.is_ascii_alphanumeric() || character == '.') {
                break;
            }
            end = at + 1;
        }
        let text = &rest[..end];
        let plain = text.strip_prefix('+').unwrap_or(text);
        let number = match plain.parse::<i64>() {
            Ok(whole) => Some(Value::from(whole)),
            Err(_) => plain
                .parse::<f64>()
                .ok()
                .filter(|number| number.is_finite())
                .map(Value::from),
        };
        let number = number.filter(|_| !plain.starts_with('+'));
        let Some(number) = number else {
            return Err(self.error(format!("`{text}` is not a number")));
        };
        self.at += end;
        Ok(Expression::Literal(number))
    }

    fn quoted(&mut self) -> Result<String, SyntaxError> {
        let mut characters = self.rest().char_indices();
        let Some((_, quote)) = characters.next() else {
            return Err(self.error("expected a quoted text"));
        };
        let mut text = String::new();
        while let Some((at, character)) = characters.next() {
            if character == quote {
                self.at += at + 1;
                return Ok(text);
            }
            if character == '\\' {
                text.extend(characters.next().map(|(_, escaped)| escaped));
            } else {
                text.push(character);
            }
        }
        Err(self.error(format!("the text has no closing `{quote}`")))
    }

    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest.find(|c: char| !in_word(c)).unwrap_or(rest.len());
        self.at += end;
        (end > 0).then(|| &rest[..end])
    }

    fn reference(&mut self) -> Result<Reference, SyntaxError> {
        let start = self.at;
        let Some(root) = self.word() else {
            let found = self.found();
            return Err(self.error(format!(
                "expected a value such as `parameters.trees`, a number or a quoted text, found \
                 {found}"
            )));
        };
        let path = self.path()?;
        let fail = |message: String| Err(SyntaxError { at: start, message });
        if root == "item" || self.alias == Some(root) {
            return Ok(Reference::Item(path));
        }
        match (root, path.as_slice()) {
            ("parameters", []) => fail("which parameter? write `parameters.<name>`".to_owned()),
            ("parameters", names) => Ok(Reference::Parameter(names.join("."))),
            ("run", [id]) if id == "id" => Ok(Reference::Run),
            ("run", _) => fail("a run has only `run.id`".to_owned()),
            ("steps", [step, parts @ ..]) if !parts.is_empty() => {
                let part = self.part(start, step, parts)?;
                Ok(Reference::Step {
                    step: step.clone(),
                    part,
                })
            }
            ("steps", _) => fail(
                "what of which step? write `steps.<step>.outputs.<name>`, `.metrics.<name>` or \
                 `.model`"
                    .to_owned(),
            ),
            _ => {
                let known = ["parameters", "steps", "item", "run"].into_iter();
                let hint = match nearest_names(root, known.chain(self.alias)).first() {
                    Some(near) => format!(", did you mean `{near}`?"),
                    None => "; for a literal `${` write `$${`".to_owned(),
                };
                fail(format!(
                    "`{root}` is not known here, expected `parameters`, `steps`, `item` or `run`\
                     {hint}"
                ))
            }
        }
    }

    fn path(&mut self) -> Result<Vec<String>, SyntaxError> {
        let mut path = Vec::new();
        loop {
            if self.take(".") {
                let Some(word) = self.word() else {
                    let found = self.found();
                    return Err(self.error(format!("expected a name after `.`, found {found}")));
                };
                path.push(word.to_owned());
            } else if self.take("[") {
                if !self.rest().starts_with(['\'', '"']) {
                    return Err(self.error("expected a quoted name in `[…]`"));
                }
                path.push(self.quoted()?);
                if !self.take("]") {
                    return Err(self.error("expected `]`"));
                }
            } else {
                return Ok(path);
            }
        }
    }

    fn part(&mut self, start: usize, step: &str, parts: &[String]) -> Result<Part, SyntaxError> {
        let fail = |message: String| Err(SyntaxError { at: start, message });
        let name = || parts[1..].join(".");
        match (parts[0].as_str(), parts.len()) {
            ("best", 1) => self.best(),
            ("model", 1) => Ok(Part::Model),
            ("outputs", 2..) => Ok(Part::Output(name())),
            ("metrics", 2..) => Ok(Part::Metric(name())),
            ("outputs" | "metrics", _) => {
                let word = &parts[0];
                fail(format!("which one? write `steps.{step}.{word}.<name>`"))
            }
            ("model" | "best", _) => fail(format!(
                "`{}` has nothing called `{}` in it",
                parts[0],
                name()
            )),
            (word, 1) => Ok(Part::Value(word.to_owned())),
            (word, _) => {
                let known = ["outputs", "metrics", "model", "best"].into_iter();
                let near = nearest_names(word, known)
                    .first()
                    .map(|near| format!("`{near}`"));
                let meant = near.unwrap_or("`outputs`, `metrics` or `model`".to_owned());
                fail(format!("a step has no `{word}`, did you mean {meant}?"))
            }
        }
    }

    fn best(&mut self) -> Result<Part, SyntaxError> {
        const USE: &str = "write `best(<metric>)`, or `best(<metric>, min)` for the lowest";
        if !self.take("(") {
            return Err(self.error(USE));
        }
        self.spaces();
        let metric = if self.rest().starts_with(['\'', '"']) {
            self.quoted()?
        } else {
            let from = self.at;
            while self.word().is_some() || self.take(".") {}
            self.text[from..self.at].to_owned()
        };
        if metric.is_empty() {
            return Err(self.error(USE));
        }
        self.spaces();
        let mut order = Order::Highest;
        if self.take(",") {
            order = match (self.take_word("min"), self.take_word("max")) {
                (true, _) => Order::Lowest,
                (_, true) => Order::Highest,
                _ => return Err(self.error(USE)),
            };
        }
        self.spaces();
        if self.take(")") {
            Ok(Part::Best { metric, order })
        } else {
            Err(self.error(USE))
        }
    }
}
