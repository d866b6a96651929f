//! Reads an expression.

use crate::fault::Fault;
use crate::monitoring::fault::value;

/// Longest expression, and how deep it may be nested.
const LONGEST: usize = 2_048;
const DEEPEST: usize = 64;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    Number(f64),
    Text(String),
    /// A query's id.
    Id(String),
    Call(String, Vec<Expression>),
    List(Vec<Expression>),
    Negative(Box<Expression>),
    Both(Operator, Box<Expression>, Box<Expression>),
}

/// An operator between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
    Power,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    Different,
    And,
    Or,
}

/// Operators by how tightly they bind, the loosest first; a longer one before its beginning.
const LEVELS: &[&[(&str, Operator)]] = &[
    &[("||", Operator::Or), ("OR", Operator::Or)],
    &[("&&", Operator::And), ("AND", Operator::And)],
    &[
        ("==", Operator::Equal),
        ("!=", Operator::Different),
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times), ("/", Operator::Over)],
];

/// Reads an expression.
pub(crate) fn parse(text: &str) -> Result<Expression, Fault> {
    if text.len() > LONGEST {
        return Err(value(format!(
            "an Expression has at most {LONGEST} characters"
        )));
    }
    if text
        .trim_start()
        .get(..6)
        .is_some_and(|word| word.eq_ignore_ascii_case("select"))
    {
        return Err(value(
            "Metrics Insights queries (SELECT) are not served; give a MetricStat",
        ));
    }
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    let expression = reader.level(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.wrong("an operator or the end"));
    }
    Ok(expression)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn wrong(&self, expected: &str) -> Fault {
        let near: String = self.rest().chars().take(20).collect();
        value(format!(
            "Error in expression: {expected} is expected at character {} near `{near}`",
            self.text[..self.at].chars().count() + 1
        ))
    }

    /// Takes a sign or a word if it comes next.
    fn takes(&mut self, sign: &str) -> bool {
        self.space();
        let rest = self.rest();
        let there = if sign.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let after = rest.get(sign.len()..).and_then(|rest| rest.chars().next());
            rest.get(..sign.len())
                .is_some_and(|word| word.eq_ignore_ascii_case(sign))
                && !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_' || c == '(')
        } else {
            rest.starts_with(sign)
        };
        if there {
            self.at += sign.len();
        }
        there
    }

    fn level(&mut self, level: usize) -> Result<Expression, Fault> {
        let Some(operators) = LEVELS.get(level) else {
            return self.power();
        };
        let mut left = self.level(level + 1)?;
        loop {
            let found = operators.iter().find(|(sign, _)| self.takes(sign));
            let Some((_, operator)) = found else {
                return Ok(left);
            };
            let right = self.level(level + 1)?;
            left = Expression::Both(*operator, Box::new(left), Box::new(right));
        }
    }

    /// Powers bind from the right, and tighter than a sign before them.
    fn power(&mut self) -> Result<Expression, Fault> {
        if self.takes("-") {
            self.deeper()?;
            let inner = self.power()?;
            self.depth -= 1;
            return Ok(Expression::Negative(Box::new(inner)));
        }
        let base = self.single()?;
        if !self.takes("^") {
            return Ok(base);
        }
        self.deeper()?;
        let exponent = self.power()?;
        self.depth -= 1;
        Ok(Expression::Both(
            Operator::Power,
            Box::new(base),
            Box::new(exponent),
        ))
    }

    fn deeper(&mut self) -> Result<(), Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(value("Error in expression: it is nested too deeply"));
        }
        Ok(())
    }

    fn single(&mut self) -> Result<Expression, Fault> {
        self.deeper()?;
        let found = self.undeepened();
        self.depth -= 1;
        found
    }

    fn undeepened(&mut self) -> Result<Expression, Fault> {
        if self.takes("(") {
            let inner = self.level(0)?;
            return if self.takes(")") {
                Ok(inner)
            } else {
                Err(self.wrong("`)`"))
            };
        }
        if self.takes("[") {
            return Ok(Expression::List(self.list("]")?));
        }
        self.space();
        let Some(first) = self.rest().chars().next() else {
            return Err(self.wrong("a value"));
        };
        match first {
            '"' | '\'' => self.quoted(first),
            '0'..='9' | '.' => self.number(),
            'a'..='z' | 'A'..='Z' => self.named(),
            _ => Err(self.wrong("a value")),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Expression, Fault> {
        let inside = &self.rest()[1..];
        let Some(end) = inside.find(quote) else {
            return Err(self.wrong("the end of a text"));
        };
        let text = inside[..end].to_owned();
        self.at += end + 2;
        Ok(Expression::Text(text))
    }

    fn number(&mut self) -> Result<Expression, Fault> {
        let rest = self.rest();
        let mut length = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(rest.len());
        // An exponent, when digits follow it.
        let tail = &rest[length..];
        if let Some(after) = tail.strip_prefix(['e', 'E']) {
            let unsigned = after.strip_prefix(['+', '-']).unwrap_or(after);
            let digits = unsigned
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(unsigned.len());
            if digits > 0 {
                length = rest.len() - unsigned.len() + digits;
            }
        }
        let number = rest[..length]
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite());
        let number = number.ok_or_else(|| self.wrong("a number"))?;
        self.at += length;
        Ok(Expression::Number(number))
    }

    fn named(&mut self) -> Result<Expression, Fault> {
        let rest = self.rest();
        let other = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let word = rest[..rest.find(other).unwrap_or(rest.len())].to_owned();
        self.at += word.len();
        if self.takes("(") {
            let arguments = self.list(")")?;
            return Ok(Expression::Call(word.to_ascii_uppercase(), arguments));
        }
        Ok(Expression::Id(word))
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expression>, Fault> {
        let mut items = Vec::new();
        if self.takes(end) {
            return Ok(items);
        }
        loop {
            items.push(self.level(0)?);
            if self.takes(end) {
                return Ok(items);
            }
            if !self.takes(",") {
                return Err(self.wrong("`,`"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(operator: Operator, left: Expression, right: Expression) -> Expression {
        Expression::Both(operator, Box::new(left), Box::new(right))
    }

    #[test]
    fn operators_bind_as_in_arithmetic() {
        let (one, two) = (Expression::Number(1.0), Expression::Number(2.0));
        let id = |name: &str| Expression::Id(name.to_owned());
        let product = both(Operator::Times, two.clone(), id("m1"));
        assert_eq!(
            parse("1+2*m1").unwrap(),
            both(Operator::Plus, one.clone(), product)
        );
        let power = both(Operator::Power, two.clone(), id("m1"));
        assert_eq!(
            parse("-2^m1").unwrap(),
            Expression::Negative(Box::new(power))
        );
        let less = both(Operator::Less, id("m1"), two);
        assert_eq!(
            parse("m1 < 2 AND m2").unwrap(),
            both(Operator::And, less, id("m2"))
        );
        assert_eq!(
            parse("sum([m1, 1e0])").unwrap(),
            Expression::Call(
                "SUM".to_owned(),
                vec![Expression::List(vec![id("m1"), one])]
            )
        );
        let text = Expression::Text("m".to_owned());
        assert_eq!(
            parse("METRICS('m')").unwrap(),
            Expression::Call("METRICS".to_owned(), vec![text])
        );
    }

    #[test]
    fn hostile_expressions_are_refused() {
        let deep = "(".repeat(1_000);
        let signs = "-".repeat(2_000);
        for bad in [
            "",
            "m1 +",
            "m1 m2",
            "(m1",
            "1..2",
            "m1 ; m2",
            "'open",
            "SELECT AVG(x) FROM y",
            "é",
            &deep,
            &signs,
            &"1+".repeat(2_000),
        ] {
            assert_eq!(
                parse(bad).unwrap_err().code,
                "InvalidParameterValueException",
                "{bad}"
            );
        }
    }
}
