//! The parser of literals.

use super::LiteralError;
use super::lex::{Lexer, Token, Word, integer};
use num_bigint::BigInt;
use vm_base::{Span, closest};
use vm_py_code::object::{Id, Ids, Object, Pool, Str};
use vm_py_data::{float, int};

/// The greatest number of open brackets: each takes a hundred times its own length.
const MAX_OPEN: usize = 500_000;

/// A function that can be called in a literal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Function {
    Float,
    FromHex,
    Nan,
    Complex,
    Set,
    FrozenSet,
}

/// The kind of a container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The whole text.
    Top,
    Paren,
    Bracket,
    Brace,
    Call(Function),
}

/// A container that is not closed.
struct Open {
    kind: Kind,
    span: Span,
    items: Vec<Id>,
    /// An item in parentheses without a comma, which only group it.
    grouped: Option<Object>,
    /// The items of a dict.
    pairs: Vec<(Id, Id)>,
    key: Option<Id>,
    /// Whether the last token was a comma.
    comma: bool,
    /// The sign before the next item, and whether it is a minus.
    sign: Option<(bool, Span)>,
    /// The number that the next item is added to, or subtracted from if the flag is set.
    left: Option<(f64, bool, Span)>,
}

impl Open {
    fn new(kind: Kind, span: Span) -> Open {
        Open {
            kind,
            span,
            items: Vec::new(),
            grouped: None,
            pairs: Vec::new(),
            key: None,
            comma: false,
            sign: None,
            left: None,
        }
    }

    /// Returns the opening and the closing mark.
    fn marks(&self) -> (char, u8) {
        match self.kind {
            Kind::Top => (' ', 0),
            Kind::Paren | Kind::Call(_) => ('(', b')'),
            Kind::Bracket => ('[', b']'),
            Kind::Brace => ('{', b'}'),
        }
    }

    /// Returns true if the next token must begin an item.
    fn wants_item(&self) -> bool {
        let some = !self.items.is_empty() || !self.pairs.is_empty();
        self.key.is_some()
            || self.sign.is_some()
            || self.left.is_some()
            || some && !self.comma
            || !some && self.kind == Kind::Top
    }
}

fn error(span: Span, message: impl Into<String>) -> LiteralError {
    LiteralError::new(span, message)
}

pub(super) fn parse(pool: &mut Pool, text: &str) -> Result<Id, LiteralError> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        pool,
        opened: Vec::new(),
        open: Open::new(Kind::Top, Span::default()),
        ahead: None,
    };
    loop {
        let mut value = match parser.item()? {
            Item::Opened => None,
            Item::Value(object, span) => Some((object, span)),
            Item::End(object) => return Ok(parser.pool.add(object)),
        };
        // A value may close a container, which is a value itself.
        while let Some((object, span)) = value.take() {
            match parser.follow(object, span)? {
                Item::Opened => {}
                Item::Value(object, span) => value = Some((object, span)),
                Item::End(object) => return Ok(parser.pool.add(object)),
            }
        }
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    pool: &'a mut Pool,
    /// The containers around `open`.
    opened: Vec<Open>,
    open: Open,
    /// A token that was read ahead.
    ahead: Option<Word>,
}

/// The result of reading a token.
enum Item {
    /// A mark; a value is next.
    Opened,
    /// A value.
    Value(Object, Span),
    /// The end of the text, with its object.
    End(Object),
}

impl Parser<'_> {
    fn next(&mut self) -> Result<Word, LiteralError> {
        match self.ahead.take() {
            Some(word) => Ok(word),
            None => self.lexer.next(),
        }
    }

    fn enter(&mut self, kind: Kind, span: Span) -> Result<(), LiteralError> {
        if self.opened.len() >= MAX_OPEN {
            let message = format!("more than {MAX_OPEN} brackets are open here");
            return Err(error(span, message));
        }
        let outer = std::mem::replace(&mut self.open, Open::new(kind, span));
        self.opened.push(outer);
        Ok(())
    }

    /// Reads a value, or the beginning of one.
    fn item(&mut self) -> Result<Item, LiteralError> {
        let Word { token, span } = self.next()?;
        let object = match token {
            Token::Number(number) => number,
            Token::Imaginary(value) => Object::Complex(0.0, value),
            Token::Ellipsis => Object::Ellipsis,
            Token::Str(text) => return self.strings(text, span, false),
            Token::Bytes(text) => return self.strings(text, span, true),
            Token::Name => return self.name(span),
            Token::Mark(b'(') => {
                self.enter(Kind::Paren, span)?;
                return Ok(Item::Opened);
            }
            Token::Mark(b'[') => {
                self.enter(Kind::Bracket, span)?;
                return Ok(Item::Opened);
            }
            Token::Mark(b'{') => {
                self.enter(Kind::Brace, span)?;
                return Ok(Item::Opened);
            }
            Token::Mark(sign @ (b'+' | b'-')) if self.open.sign.is_none() => {
                self.open.sign = Some((sign == b'-', span));
                return Ok(Item::Opened);
            }
            Token::Mark(mark) if mark == self.open.marks().1 && !self.open.wants_item() => {
                return self.close(span);
            }
            Token::Mark(mark) => {
                let message = format!("expected a literal before '{}'", char::from(mark));
                return Err(error(span, message));
            }
            Token::End if self.open.kind == Kind::Top && !self.open.wants_item() => {
                let items = std::mem::take(&mut self.open.items);
                return Ok(Item::End(Object::Tuple(items.into())));
            }
            Token::End => return Err(self.unfinished(span)),
        };
        Ok(Item::Value(object, span))
    }

    fn unfinished(&self, end: Span) -> LiteralError {
        match self.open.kind {
            Kind::Top => error(end, "expected a literal"),
            _ => {
                let message = format!("the '{}' is not closed", self.open.marks().0);
                error(self.open.span, message)
            }
        }
    }

    /// Joins adjacent strings.
    fn strings(
        &mut self,
        mut all: Vec<u8>,
        first: Span,
        bytes: bool,
    ) -> Result<Item, LiteralError> {
        let mut span = first;
        loop {
            let word = self.next()?;
            match word.token {
                Token::Str(more) if !bytes => all.extend(more),
                Token::Bytes(more) if bytes => all.extend(more),
                Token::Str(_) | Token::Bytes(_) => {
                    return Err(error(word.span, "strings and bytes cannot be joined"));
                }
                _ => {
                    self.ahead = Some(word);
                    break;
                }
            }
            span.end = word.span.end;
        }
        let object = if bytes {
            Object::Bytes(all.into())
        } else {
            Object::Str(Str {
                bytes: all.into(),
                interned: false,
            })
        };
        Ok(Item::Value(object, span))
    }

    fn name(&mut self, span: Span) -> Result<Item, LiteralError> {
        let name = span.of(self.lexer.text);
        let word = self.next()?;
        if matches!(word.token, Token::Mark(b'(')) {
            let function = match name {
                "float" => Function::Float,
                "float.fromhex" => Function::FromHex,
                "nan" => Function::Nan,
                "complex" => Function::Complex,
                "set" => Function::Set,
                "frozenset" => Function::FrozenSet,
                _ => {
                    let known = [
                        "float",
                        "float.fromhex",
                        "nan",
                        "complex",
                        "set",
                        "frozenset",
                    ];
                    let help = match closest(name, known) {
                        Some(guess) => format!("did you mean '{guess}'?"),
                        None => format!("these functions can: {}", known.join(", ")),
                    };
                    let message = format!("'{name}' cannot be called in a literal");
                    return Err(error(span, message).help(help));
                }
            };
            self.enter(
                Kind::Call(function),
                Span {
                    start: span.start,
                    end: word.span.end,
                },
            )?;
            return Ok(Item::Opened);
        }
        self.ahead = Some(word);
        let object = match name {
            "None" => Object::None,
            "True" => Object::Bool(true),
            "False" => Object::Bool(false),
            "Ellipsis" => Object::Ellipsis,
            "StopIteration" => Object::StopIteration,
            "inf" => Object::Float(f64::INFINITY),
            "nan" => Object::Float(f64::from_bits(0x7ff8 << 48)),
            _ => {
                let known = ["None", "True", "False", "Ellipsis", "StopIteration"];
                let found = error(span, format!("'{name}' is not a literal"));
                return Err(match closest(name, known) {
                    Some(guess) => found.help(format!("did you mean '{guess}'?")),
                    None => found,
                });
            }
        };
        Ok(Item::Value(object, span))
    }

    /// Adds a value to its container, depending on the token after it.
    fn follow(&mut self, object: Object, span: Span) -> Result<Item, LiteralError> {
        let object = self.signed(object)?;
        let object = self.sum(object, span)?;
        let word = self.next()?;
        if let Token::Mark(sign @ (b'+' | b'-')) = word.token {
            let Some(left) = real(&object) else {
                return Err(error(
                    word.span,
                    "only a real number can have a number added to it",
                ));
            };
            self.open.left = Some((left, sign == b'-', word.span));
            return Ok(Item::Opened);
        }
        if self.open.kind == Kind::Top
            && matches!(word.token, Token::End)
            && self.open.items.is_empty()
        {
            return Ok(Item::End(object));
        }
        self.place(object, span, &word)?;
        match word.token {
            Token::Mark(b':' | b',') => Ok(Item::Opened),
            Token::Mark(_) => self.close(word.span),
            _ => {
                let items = std::mem::take(&mut self.open.items);
                Ok(Item::End(Object::Tuple(items.into())))
            }
        }
    }

    fn signed(&mut self, object: Object) -> Result<Object, LiteralError> {
        let Some((minus, span)) = self.open.sign.take() else {
            return Ok(object);
        };
        let number = match object {
            Object::Int(value) if minus => integer(-BigInt::from(value)),
            Object::Long(value) if minus => integer(-*value),
            Object::Float(value) if minus => Object::Float(-value),
            Object::Complex(real, imaginary) if minus => Object::Complex(-real, -imaginary),
            Object::Int(_) | Object::Long(_) | Object::Float(_) | Object::Complex(..) => object,
            _ => return Err(error(span, "only a number can have a sign")),
        };
        Ok(number)
    }

    /// Adds a complex number to the real number before it.
    fn sum(&mut self, object: Object, span: Span) -> Result<Object, LiteralError> {
        let Some((left, minus, _)) = self.open.left.take() else {
            return Ok(object);
        };
        match object {
            Object::Complex(real, imaginary) if minus => {
                Ok(Object::Complex(left - real, 0.0 - imaginary))
            }
            Object::Complex(real, imaginary) => Ok(Object::Complex(left + real, 0.0 + imaginary)),
            _ => Err(error(span, "only an imaginary number can be added")
                .help("write a complex number as 1+2j")),
        }
    }

    /// Adds a value to the open container; `word` is the token after it.
    fn place(&mut self, object: Object, span: Span, word: &Word) -> Result<(), LiteralError> {
        let open = &mut self.open;
        open.comma = false;
        let brace = open.kind == Kind::Brace;
        match &word.token {
            Token::Mark(b':') if brace && open.key.is_none() && open.items.is_empty() => {
                open.key = Some(self.pool.add(object));
                return Ok(());
            }
            Token::Mark(b',') => open.comma = true,
            Token::Mark(b')') if open.kind == Kind::Paren && open.items.is_empty() => {
                open.grouped = Some(object);
                return Ok(());
            }
            Token::Mark(mark) if open.marks().1 == *mark => {}
            Token::End if open.kind == Kind::Top => {}
            Token::End => return Err(self.unfinished(word.span)),
            _ => {
                let text = word.span.of(self.lexer.text);
                return Err(error(
                    word.span,
                    format!("'{text}' cannot follow a literal"),
                ));
            }
        }
        let id = self.pool.add(object);
        match open.key.take() {
            Some(key) => open.pairs.push((key, id)),
            None if !open.pairs.is_empty() => {
                return Err(error(span, "expected ':' and a value after the key"));
            }
            None => open.items.push(id),
        }
        Ok(())
    }

    /// Closes the open container, whose closing mark is at `end`.
    fn close(&mut self, end: Span) -> Result<Item, LiteralError> {
        let outer = self.opened.pop();
        let outer = outer.ok_or_else(|| error(end, "there is no open bracket"))?;
        let mut open = std::mem::replace(&mut self.open, outer);
        let span = Span {
            start: open.span.start,
            end: end.end,
        };
        let items = std::mem::take(&mut open.items);
        let object = match open.kind {
            Kind::Paren | Kind::Top => match open.grouped {
                Some(object) => object,
                None => Object::Tuple(items.into()),
            },
            Kind::Bracket => Object::List(items.into()),
            Kind::Brace if items.is_empty() => Object::Dict(open.pairs.into()),
            Kind::Brace => Object::Set(items.into()),
            Kind::Call(function) => self.call(function, &items, span)?,
        };
        Ok(Item::Value(object, span))
    }

    fn call(
        &mut self,
        function: Function,
        arguments: &[Id],
        span: Span,
    ) -> Result<Object, LiteralError> {
        // There are no other references to the arguments.
        let take = |&id| std::mem::replace(&mut self.pool.node_mut(id).object, Object::None);
        let mut arguments: Vec<Object> = arguments.iter().map(take).collect();
        let wrong = |takes: &str| Err(error(span, format!("the function takes {takes}")));
        match (function, &mut arguments[..]) {
            (Function::Float, [Object::Str(text)]) => {
                let text = text.as_str().and_then(float_text);
                text.map(Object::Float)
                    .ok_or_else(|| error(span, "the string is not a number"))
            }
            (Function::Float, [number]) => match real(number) {
                Some(value) => Ok(Object::Float(value)),
                None => wrong("a number or a string"),
            },
            (Function::Float, _) => wrong("a number or a string"),
            (Function::FromHex, [Object::Str(text)]) => {
                let text = text.as_str().unwrap_or("");
                let value = float::from_hex(text);
                value
                    .map(Object::Float)
                    .map_err(|cause| error(span, cause.to_string()))
            }
            (Function::FromHex, _) => wrong("a string"),
            (Function::Nan, [number]) => match bits(number).map(f64::from_bits) {
                Some(value) if value.is_nan() => Ok(Object::Float(value)),
                _ => wrong("the 64 bits of a NaN, as in nan(0x7ff8000000000001)"),
            },
            (Function::Nan, _) => wrong("the 64 bits of a NaN"),
            (Function::Complex, [left, right]) => match (real(left), real(right)) {
                (Some(left), Some(right)) => Ok(Object::Complex(left, right)),
                _ => wrong("a real and an imaginary part"),
            },
            (Function::Complex, _) => wrong("a real and an imaginary part"),
            (Function::Set | Function::FrozenSet, [] | [_]) => {
                let items: Ids = match arguments.first_mut() {
                    None => [].into(),
                    Some(
                        Object::Set(items)
                        | Object::FrozenSet(items)
                        | Object::Tuple(items)
                        | Object::List(items),
                    ) => std::mem::take(items),
                    Some(Object::Dict(pairs)) if pairs.is_empty() => [].into(),
                    Some(_) => return wrong("a set, tuple or list"),
                };
                Ok(match function {
                    Function::Set => Object::Set(items),
                    _ => Object::FrozenSet(items),
                })
            }
            (Function::Set | Function::FrozenSet, _) => wrong("one set, tuple or list"),
        }
    }
}

/// Returns the float that Python's `float` makes from a string.
fn float_text(text: &str) -> Option<f64> {
    let text = text.trim_matches([' ', '\t', '\n', '\x0b', '\x0c', '\r']);
    let (minus, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let size = match float::special(digits) {
        Some(value) => value,
        None if digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
            digits.parse().ok()?
        }
        None => return None,
    };
    Some(if minus { -size } else { size })
}

/// Returns a real number as a float.
fn real(object: &Object) -> Option<f64> {
    match object {
        Object::Int(value) => Some(*value as f64),
        Object::Long(value) => int::to_float(value),
        Object::Float(value) => Some(*value),
        _ => None,
    }
}

fn bits(object: &Object) -> Option<u64> {
    match object {
        Object::Int(value) => u64::try_from(*value).ok(),
        Object::Long(value) => u64::try_from(&**value).ok(),
        _ => None,
    }
}
