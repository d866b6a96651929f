//! Expressions in the texts of a pipeline: `${parameters.trees}`, `${steps.train.model}`, and
//! conditions such as `${steps.evaluate.metrics.accuracy} >= 0.9 and not parameters.dry`.
//!
//! The language is small on purpose: references, literals, comparison, `and`, `or`, `not` and
//! parentheses. It has no loops, no functions and no arithmetic, so every expression ends and
//! what it depends on can be read off before anything runs.

mod evaluate;
mod parse;

pub use evaluate::{EvaluationError, Results, Scope, StepResults};
pub use parse::SyntaxError;

use std::fmt;

use serde_json::Value;

/// What `${…}` may refer to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// `parameters.<name>`: a parameter of the pipeline.
    Parameter(String),
    /// `item`, or `item.<field>…` when the items of the loop are maps.
    Item(Vec<String>),
    /// `run.id`: the id of the run.
    Run,
    /// `steps.<step>.<part>`: something that an earlier step gave.
    Step {
        /// The step.
        step: String,
        /// What of it.
        part: Part,
    },
}

/// What a step gave. For a step inside a `for-each` each part is the list over its items, in the
/// order of the items.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// `model`: the location of its model folder.
    Model,
    /// `outputs.<name>`: the location of a named output.
    Output(String),
    /// `metrics.<name>`: the final value of a metric.
    Metric(String),
    /// `best(<metric>)`, `best(<metric>, min)`: the model folder of the item of a loop whose
    /// metric is the highest, or the lowest. The first one wins a tie.
    Best {
        /// The metric.
        metric: String,
        /// Which end is best.
        order: Order,
    },
    /// `version`, `answer`, `value`, …: another value that the step has.
    Value(String),
}

/// Which end of a metric is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// Higher is better.
    Highest,
    /// Lower is better.
    Lowest,
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Comparison {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// As it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// An expression; a condition is one that gives true or false. Read by [`str::parse`], printed in
/// the form it is read in.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number, a quoted text, `true`, `false` or `null`.
    Literal(Value),
    /// A reference, with or without `${…}` around it.
    Reference(Reference),
    /// `not a`
    Not(Box<Expression>),
    /// `a and b`; `b` is not looked at when `a` is false.
    And(Box<Expression>, Box<Expression>),
    /// `a or b`; `b` is not looked at when `a` is true.
    Or(Box<Expression>, Box<Expression>),
    /// `a == b` and the like. Comparisons do not chain.
    Compare(Box<Expression>, Comparison, Box<Expression>),
}

/// A text with `${…}` in it. `$${` stands for a literal `${`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template {
    /// The pieces in order; two literal pieces never follow each other.
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Hole(Expression),
}

impl Expression {
    /// All references in it, in the order they are written.
    pub fn references(&self) -> Vec<&Reference> {
        let mut found = Vec::new();
        let mut pending = vec![self];
        while let Some(next) = pending.pop() {
            match next {
                Self::Literal(_) => {}
                Self::Reference(reference) => found.push(reference),
                Self::Not(inner) => pending.push(inner),
                Self::And(left, right) | Self::Or(left, right) | Self::Compare(left, _, right) => {
                    pending.push(right);
                    pending.push(left);
                }
            }
        }
        found
    }

    /// The names of the steps it reads, each once, in order.
    pub fn dependencies(&self) -> Vec<&str> {
        steps_of(self.references())
    }

    /// Reads an expression in which `alias` means `item` (a loop's `as: trees`).
    pub fn parse_with_alias(text: &str, alias: Option<&str>) -> Result<Self, SyntaxError> {
        parse::expression(text, alias)
    }

    fn binds_loosely(&self) -> bool {
        matches!(
            self,
            Self::Not(_) | Self::And(..) | Self::Or(..) | Self::Compare(..)
        )
    }
}

impl std::str::FromStr for Expression {
    type Err = SyntaxError;
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        parse::expression(text, None)
    }
}

impl Template {
    /// Reads a text in which `alias` means `item` (a loop's `as: trees`).
    pub fn parse_with_alias(text: &str, alias: Option<&str>) -> Result<Self, SyntaxError> {
        parse::template(text, alias)
    }

    /// Whether it has no `${…}`.
    pub fn is_literal(&self) -> bool {
        self.pieces
            .iter()
            .all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// All references in it, in the order they are written.
    pub fn references(&self) -> Vec<&Reference> {
        let holes = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Hole(expression) => Some(expression),
        });
        holes.flat_map(Expression::references).collect()
    }

    /// The names of the steps it reads, each once, in order.
    pub fn dependencies(&self) -> Vec<&str> {
        steps_of(self.references())
    }
}

impl std::str::FromStr for Template {
    type Err = SyntaxError;
    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        parse::template(text, None)
    }
}

fn steps_of(references: Vec<&Reference>) -> Vec<&str> {
    let mut steps: Vec<&str> = Vec::new();
    for reference in references {
        if let Reference::Step { step, .. } = reference
            && !steps.contains(&step.as_str())
        {
            steps.push(step);
        }
    }
    steps
}

/// Writes `.name`, or `['na me']` when the name could not be read back otherwise.
fn segment(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    if parse::is_plain(name) {
        write!(f, ".{name}")
    } else {
        write!(f, "[{}]", quoted(name))
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run => f.write_str("run.id"),
            Self::Parameter(name) => {
                f.write_str("parameters")?;
                segment(f, name)
            }
            Self::Item(fields) => {
                f.write_str("item")?;
                fields.iter().try_for_each(|field| segment(f, field))
            }
            Self::Step { step, part } => {
                f.write_str("steps")?;
                segment(f, step)?;
                match part {
                    Part::Model => f.write_str(".model"),
                    Part::Output(name) => {
                        f.write_str(".outputs")?;
                        segment(f, name)
                    }
                    Part::Metric(name) => {
                        f.write_str(".metrics")?;
                        segment(f, name)
                    }
                    Part::Best { metric, order } => {
                        let plain = parse::is_plain(metric);
                        let metric = if plain {
                            metric.clone()
                        } else {
                            quoted(metric)
                        };
                        let order = if *order == Order::Lowest { ", min" } else { "" };
                        write!(f, ".best({metric}{order})")
                    }
                    Part::Value(name) => segment(f, name),
                }
            }
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: &Self| {
            if side.binds_loosely() {
                format!("({side})")
            } else {
                side.to_string()
            }
        };
        match self {
            Self::Literal(Value::String(text)) => f.write_str(&quoted(text)),
            Self::Literal(value) => write!(f, "{value}"),
            Self::Reference(reference) => write!(f, "{reference}"),
            Self::Not(inner) => write!(f, "not {}", side(inner)),
            Self::And(left, right) => write!(f, "{} and {}", side(left), side(right)),
            Self::Or(left, right) => write!(f, "{} or {}", side(left), side(right)),
            Self::Compare(left, how, right) => {
                write!(f, "{} {} {}", side(left), how.symbol(), side(right))
            }
        }
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => f.write_str(&text.replace("${", "$${"))?,
                Piece::Hole(expression) => write!(f, "${{{expression}}}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
