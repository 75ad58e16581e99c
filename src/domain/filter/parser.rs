//! Parses tokens to a tree. Groups are kept on an explicit stack, so that brackets may nest without limit. Functions
//! nest at most [`MAX_FUNCTION_DEPTH`] deep.

use super::FilterError;
use super::lexer::{Lexer, Token};
use super::tree::{Comparison, Filter, Function, Identifier, Operand, Operator, Position};
use std::collections::BTreeMap;

/// Maximum number of comparisons in one filter.
pub const MAX_COMPARISONS: usize = 200;
/// Maximum depth of functions as arguments of functions.
pub const MAX_FUNCTION_DEPTH: usize = 3;

/// The values of parameters, by name. Each is [`Operand::Text`], `Number`, `Bool` or `Null`.
pub type Parameters = BTreeMap<String, Operand>;

type Outcome<T> = Result<T, FilterError>;

/// Parses one filter. Blank text is an error: the caller decides whether it means "no filter".
pub fn parse(text: &str) -> Outcome<Filter> {
    parse_with(text, &Parameters::new())
}

/// [`parse`] for a text in which `{:name}` stands for a value of `parameters`. The values become constants of the tree, so
/// that nothing in them is read as a part of the expression.
pub fn parse_with(text: &str, parameters: &Parameters) -> Outcome<Filter> {
    let mut parser = Parser { lexer: Lexer::new(text), peeked: None, comparisons: 0, parameters };
    parser.filter().map_err(FilterError::as_syntax)
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    peeked: Option<(Token, Position)>,
    comparisons: usize,
    parameters: &'a Parameters,
}

/// A group that is being read: finished alternatives, and the conditions of the current one.
struct Group {
    alternatives: Vec<Filter>,
    conditions: Vec<Filter>,
    opened_at: Position,
}

impl Group {
    fn new(opened_at: Position) -> Self {
        Self { alternatives: Vec::new(), conditions: Vec::new(), opened_at }
    }

    /// Ends an alternative at `||` or at the end: the parts joined by `&&` so far become one alternative.
    fn finish_alternative(&mut self) {
        let conditions = std::mem::take(&mut self.conditions);
        let alternative = join(conditions, Filter::All, |part| match part {
            Filter::All(parts) => Ok(parts),
            other => Err(other),
        });
        self.alternatives.push(alternative);
    }

    fn finish(mut self) -> Filter {
        self.finish_alternative();
        join(self.alternatives, Filter::Any, |part| match part {
            Filter::Any(parts) => Ok(parts),
            other => Err(other),
        })
    }
}

/// Joins the parts. A single part is returned as it is. Parts that are joined by the same operator are flattened.
fn join(
    mut parts: Vec<Filter>,
    build: impl Fn(Vec<Filter>) -> Filter,
    open: impl Fn(Filter) -> Result<Vec<Filter>, Filter>,
) -> Filter {
    if parts.len() == 1 {
        return parts.swap_remove(0);
    }
    let mut flat = Vec::with_capacity(parts.len());
    for part in parts {
        match open(part) {
            Ok(inner) => flat.extend(inner),
            Err(part) => flat.push(part),
        }
    }
    build(flat)
}

impl Parser<'_> {
    fn next(&mut self) -> Outcome<Option<(Token, Position)>> {
        match self.peeked.take() {
            Some(token) => Ok(Some(token)),
            None => self.lexer.next(),
        }
    }

    fn filter(&mut self) -> Outcome<Filter> {
        let mut outer: Vec<Group> = Vec::new();
        let mut group = Group::new(Position(1));
        loop {
            while let Some(opened_at) = self.opening_bracket()? {
                outer.push(std::mem::replace(&mut group, Group::new(opened_at)));
            }
            let comparison = self.comparison(&group)?;
            group.conditions.push(Filter::Compare(comparison));
            loop {
                match self.next()? {
                    Some((Token::And, _)) => break,
                    Some((Token::Or, _)) => {
                        group.finish_alternative();
                        break;
                    }
                    Some((Token::Close, position)) => {
                        let Some(parent) = outer.pop() else {
                            return Err(FilterError::new(position, "this bracket was never opened"));
                        };
                        let inner = std::mem::replace(&mut group, parent).finish();
                        group.conditions.push(inner);
                    }
                    Some((token, position)) => {
                        return Err(FilterError::new(position, format!("expected && or || before {}", shown(&token))));
                    }
                    None if outer.is_empty() => return Ok(group.finish()),
                    None => {
                        return Err(FilterError::new(group.opened_at, "this bracket is never closed"));
                    }
                }
            }
        }
    }

    fn opening_bracket(&mut self) -> Outcome<Option<Position>> {
        match self.next()? {
            Some((Token::Open, position)) => Ok(Some(position)),
            other => {
                self.peeked = other;
                Ok(None)
            }
        }
    }

    fn comparison(&mut self, group: &Group) -> Outcome<Comparison> {
        let is_first = group.conditions.is_empty() && group.alternatives.is_empty();
        let Some((token, position)) = self.next()? else {
            let reason = if is_first { "there is no condition" } else { "expected another condition" };
            return Err(FilterError::new(self.lexer.position(), reason));
        };
        if token == Token::Close && is_first {
            return Err(FilterError::new(position, "there is no condition"));
        }
        let left = self.operand(token, position, 1)?;
        let operator = self.operator()?;
        let Some((token, position)) = self.next()? else {
            return Err(FilterError::new(self.lexer.position(), format!("expected a value after {operator}")));
        };
        let right = self.operand(token, position, 1)?;
        self.comparisons += 1;
        if self.comparisons > MAX_COMPARISONS {
            return Err(FilterError::new(position, format!("more than {MAX_COMPARISONS} comparisons")));
        }
        Ok(Comparison { left, operator, right })
    }

    fn operator(&mut self) -> Outcome<Operator> {
        match self.next()? {
            Some((Token::Operator(operator), _)) => Ok(operator),
            Some((token, position)) => {
                Err(FilterError::new(position, format!("expected an operator such as = before {}", shown(&token))))
            }
            None => Err(FilterError::new(self.lexer.position(), "expected an operator such as =")),
        }
    }

    fn operand(&mut self, token: Token, position: Position, depth: usize) -> Outcome<Operand> {
        Ok(match token {
            Token::Identifier(name) if name.eq_ignore_ascii_case("true") => Operand::Bool(true),
            Token::Identifier(name) if name.eq_ignore_ascii_case("false") => Operand::Bool(false),
            Token::Identifier(name) if name.eq_ignore_ascii_case("null") => Operand::Null,
            Token::Identifier(name) => Operand::Identifier(Identifier { name, position }),
            Token::Number(number) => Operand::Number(number),
            Token::Text(text) => Operand::Text(text),
            Token::Parameter(name) => match self.parameters.get(&name) {
                Some(value) => value.clone(),
                None => return Err(FilterError::new(position, format!("there is no value for {{:{name}}}"))),
            },
            Token::Function(name) => Operand::Function(self.function(name, position, depth)?),
            other => {
                return Err(FilterError::new(
                    position,
                    format!("expected a field or a value before {}", shown(&other)),
                ));
            }
        })
    }

    /// Parses the arguments up to the closing bracket. A trailing comma is allowed.
    fn function(&mut self, name: String, position: Position, depth: usize) -> Outcome<Function> {
        if depth > MAX_FUNCTION_DEPTH {
            let reason = format!("functions nest at most {MAX_FUNCTION_DEPTH} deep");
            return Err(FilterError::new(position, reason));
        }
        let mut arguments = Vec::new();
        loop {
            match self.next()? {
                Some((Token::Close, _)) => break,
                Some((token, at)) => arguments.push(self.operand(token, at, depth + 1)?),
                None => return Err(FilterError::new(position, format!("the arguments of {name:?} are never closed"))),
            }
            match self.next()? {
                Some((Token::Close, _)) => break,
                Some((Token::Comma, _)) => {}
                Some((_, at)) => {
                    return Err(FilterError::new(at, format!("expected a comma between the arguments of {name:?}")));
                }
                None => return Err(FilterError::new(position, format!("the arguments of {name:?} are never closed"))),
            }
        }
        Ok(Function { name, arguments, position })
    }
}

fn shown(token: &Token) -> String {
    match token {
        Token::Identifier(name) | Token::Function(name) => format!("{name:?}"),
        Token::Number(number) => format!("{number}"),
        Token::Text(text) => format!("the text {text:?}"),
        Token::Parameter(name) => format!("{{:{name}}}"),
        Token::Operator(operator) => operator.to_string(),
        Token::And => "&&".to_owned(),
        Token::Or => "||".to_owned(),
        Token::Open => "(".to_owned(),
        Token::Close => ")".to_owned(),
        Token::Comma => "a comma".to_owned(),
    }
}
