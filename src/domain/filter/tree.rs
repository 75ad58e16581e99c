//! A parsed filter, and its conversion back to text.

use std::fmt;

/// A condition as it was written. Groups are flat: an `All` contains no `All`, an `Any` no `Any`, and both have at
/// least two parts. So brackets without meaning are not kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Filter {
    Compare(Comparison),
    /// Joined by `&&`.
    All(Vec<Filter>),
    /// Joined by `||`.
    Any(Vec<Filter>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    pub left: Operand,
    pub operator: Operator,
    pub right: Operand,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    Identifier(Identifier),
    /// Always finite.
    Number(f64),
    Text(String),
    Bool(bool),
    Null,
    Function(Function),
}

/// A dotted name with its modifier: `author.name:lower`.
#[derive(Clone, Debug, PartialEq)]
pub struct Identifier {
    pub name: String,
    pub position: Position,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    pub name: String,
    pub arguments: Vec<Operand>,
    pub position: Position,
}

/// A position, in characters counted from 1. All positions compare as equal, so the same expression with different
/// blanks is the same tree.
#[derive(Clone, Copy, Debug)]
pub struct Position(pub usize);

impl PartialEq for Position {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// `=` or `?=`, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operator {
    pub relation: Relation,
    /// Written with `?`: one of several values is enough. Otherwise all must satisfy it.
    pub is_any: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Like,
    NotLike,
}

impl Relation {
    pub const ALL: [Self; 8] = [
        Self::Equal,
        Self::NotEqual,
        Self::Greater,
        Self::GreaterOrEqual,
        Self::Less,
        Self::LessOrEqual,
        Self::Like,
        Self::NotLike,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Like => "~",
            Self::NotLike => "!~",
        }
    }
}

impl Operator {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (is_any, sign) = text.strip_prefix('?').map_or((false, text), |sign| (true, sign));
        let relation = Relation::ALL.into_iter().find(|relation| relation.as_str() == sign)?;
        Some(Self { relation, is_any })
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any {
            f.write_str("?")?;
        }
        f.write_str(self.relation.as_str())
    }
}

impl Operand {
    fn collect<'f>(&'f self, found: &mut Vec<&'f Identifier>) {
        match self {
            Self::Identifier(identifier) => found.push(identifier),
            Self::Function(function) => function.arguments.iter().for_each(|argument| argument.collect(found)),
            Self::Number(_) | Self::Text(_) | Self::Bool(_) | Self::Null => {}
        }
    }

    #[must_use]
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Identifier(identifier) => Some(identifier.position),
            Self::Function(function) => Some(function.position),
            Self::Number(_) | Self::Text(_) | Self::Bool(_) | Self::Null => None,
        }
    }
}

impl Filter {
    /// Every identifier in it, in order of appearance.
    #[must_use]
    pub fn identifiers(&self) -> Vec<&Identifier> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'f>(&'f self, found: &mut Vec<&'f Identifier>) {
        match self {
            Self::Compare(comparison) => {
                comparison.left.collect(found);
                comparison.right.collect(found);
            }
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(found)),
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, join) = match self {
            Self::Compare(Comparison { left, operator, right }) => return write!(f, "{left} {operator} {right}"),
            Self::All(parts) => (parts, " && "),
            Self::Any(parts) => (parts, " || "),
        };
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                f.write_str(join)?;
            }
            match part {
                Self::Compare(_) => write!(f, "{part}")?,
                Self::All(_) | Self::Any(_) => write!(f, "({part})")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Identifier(identifier) => f.write_str(&identifier.name),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "'{}'", text.replace('\\', "\\\\").replace('\'', "\\'")),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Null => f.write_str("null"),
            Self::Function(function) => {
                write!(f, "{}(", function.name)?;
                for (index, argument) in function.arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if index > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
        }
    }
}
