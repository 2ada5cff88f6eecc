//! Tokens.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[rustfmt::skip]
pub(crate) enum Kind {
    EndMarker, Name, Number, String, Newline, Indent, Dedent,
    // An operator that Python does not have, such as `$`.
    Other,
    // The tokenizer failed here.
    Error,
    // Nothing: the grammar looks for one, and comments are none.
    TypeComment,
    LParen, RParen, LBracket, RBracket, LBrace, RBrace, Colon, Comma, Semi,
    Plus, Minus, Star, Slash, VBar, Amper, Less, Greater, Equal, Dot, Percent,
    EqEqual, NotEqual, LessEqual, GreaterEqual, Tilde, Circumflex, LeftShift, RightShift,
    DoubleStar, PlusEqual, MinusEqual, StarEqual, SlashEqual, PercentEqual, AmperEqual,
    VBarEqual, CircumflexEqual, LeftShiftEqual, RightShiftEqual, DoubleStarEqual,
    DoubleSlash, DoubleSlashEqual, At, AtEqual, RArrow, Ellipsis, ColonEqual,
    Async, Await,
    False, None, True, And, As, Assert, Break, Class, Continue, Def, Del, Elif, Else, Except,
    Finally, For, From, Global, If, Import, In, Is, Lambda, Nonlocal, Not, Or, Pass, PegParser,
    Raise, Return, Try, While, With, Yield,
}

/// A token; where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Offset of its first byte.
    pub(crate) start: u32,
    /// Offset after its last byte.
    pub(crate) end: u32,
    /// The line of its first byte, from 1.
    pub(crate) line: u32,
    /// Bytes before it in its line; -1 if it has no text.
    pub(crate) col: i32,
}

/// Returns the kind of a word.
pub(crate) fn keyword(text: &[u8]) -> Kind {
    if text.len() > 15 || text.len() < 2 {
        return Kind::Name;
    }
    match text {
        b"False" => Kind::False,
        b"None" => Kind::None,
        b"True" => Kind::True,
        b"__peg_parser__" => Kind::PegParser,
        b"and" => Kind::And,
        b"as" => Kind::As,
        b"assert" => Kind::Assert,
        b"async" => Kind::Async,
        b"await" => Kind::Await,
        b"break" => Kind::Break,
        b"class" => Kind::Class,
        b"continue" => Kind::Continue,
        b"def" => Kind::Def,
        b"del" => Kind::Del,
        b"elif" => Kind::Elif,
        b"else" => Kind::Else,
        b"except" => Kind::Except,
        b"finally" => Kind::Finally,
        b"for" => Kind::For,
        b"from" => Kind::From,
        b"global" => Kind::Global,
        b"if" => Kind::If,
        b"import" => Kind::Import,
        b"in" => Kind::In,
        b"is" => Kind::Is,
        b"lambda" => Kind::Lambda,
        b"nonlocal" => Kind::Nonlocal,
        b"not" => Kind::Not,
        b"or" => Kind::Or,
        b"pass" => Kind::Pass,
        b"raise" => Kind::Raise,
        b"return" => Kind::Return,
        b"try" => Kind::Try,
        b"while" => Kind::While,
        b"with" => Kind::With,
        b"yield" => Kind::Yield,
        _ => Kind::Name,
    }
}

/// Returns the longest operator at the start of `text`, and its length.
pub(crate) fn operator(text: &[u8]) -> (Kind, usize) {
    let at = |index: usize| text.get(index).copied().unwrap_or(0);
    let equal = |plain: Kind, with: Kind| match at(1) {
        b'=' => (with, 2),
        _ => (plain, 1),
    };
    let double = |plain, plain_equal, double: Kind, double_equal: Kind| {
        if at(1) != at(0) {
            return equal(plain, plain_equal);
        }
        match at(2) {
            b'=' => (double_equal, 3),
            _ => (double, 2),
        }
    };
    match at(0) {
        b'(' => (Kind::LParen, 1),
        b')' => (Kind::RParen, 1),
        b'[' => (Kind::LBracket, 1),
        b']' => (Kind::RBracket, 1),
        b'{' => (Kind::LBrace, 1),
        b'}' => (Kind::RBrace, 1),
        b',' => (Kind::Comma, 1),
        b';' => (Kind::Semi, 1),
        b'~' => (Kind::Tilde, 1),
        b':' => equal(Kind::Colon, Kind::ColonEqual),
        b'+' => equal(Kind::Plus, Kind::PlusEqual),
        b'-' if at(1) == b'>' => (Kind::RArrow, 2),
        b'-' => equal(Kind::Minus, Kind::MinusEqual),
        b'*' => double(
            Kind::Star,
            Kind::StarEqual,
            Kind::DoubleStar,
            Kind::DoubleStarEqual,
        ),
        b'/' => double(
            Kind::Slash,
            Kind::SlashEqual,
            Kind::DoubleSlash,
            Kind::DoubleSlashEqual,
        ),
        b'%' => equal(Kind::Percent, Kind::PercentEqual),
        b'&' => equal(Kind::Amper, Kind::AmperEqual),
        b'|' => equal(Kind::VBar, Kind::VBarEqual),
        b'^' => equal(Kind::Circumflex, Kind::CircumflexEqual),
        b'@' => equal(Kind::At, Kind::AtEqual),
        b'=' => equal(Kind::Equal, Kind::EqEqual),
        b'!' if at(1) == b'=' => (Kind::NotEqual, 2),
        b'<' if at(1) == b'>' => (Kind::NotEqual, 2),
        b'<' => double(
            Kind::Less,
            Kind::LessEqual,
            Kind::LeftShift,
            Kind::LeftShiftEqual,
        ),
        b'>' => double(
            Kind::Greater,
            Kind::GreaterEqual,
            Kind::RightShift,
            Kind::RightShiftEqual,
        ),
        b'.' if at(1) == b'.' && at(2) == b'.' => (Kind::Ellipsis, 3),
        b'.' => (Kind::Dot, 1),
        _ => (Kind::Other, 1),
    }
}
