//! A `.sc` file as its sections store it, with an encoder and a decoder of the suite's own. They do
//! not check what the file means: that is up to the machines.

/// A file, whether or not a machine loads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// The stored constants.
    pub constants: Vec<Constant>,
    /// The asts.
    pub asts: Vec<Ast>,
    /// The instructions.
    pub insns: Vec<Insn>,
}

/// A stored constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constant {
    /// An Int.
    Int(i64),
    /// The bits of a Float.
    Float(u64),
    /// A Str.
    Str(String),
}

/// An ast.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ast {
    /// The stack length that it declares.
    pub max_height: u64,
    /// Its instructions.
    pub ops: Vec<Op>,
}

/// An ast instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Pushes a variable, by the constant of its name.
    Var(u64),
    /// Pushes a constant.
    Const(u64),
    /// Calls a function: the constant of its name, and the number of arguments.
    Call(u64, u64),
    /// An operator, by its byte.
    Operator(u8),
}

/// An instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insn {
    /// PASS.
    Pass,
    /// FOR: name, start, end, END.
    For([u64; 4]),
    /// WHILE: condition, END.
    While([u64; 2]),
    /// END: its loop.
    End(u64),
    /// PROCEED or STOP.
    Jump(u64),
    /// GOTO.
    Goto(u64),
    /// EVAL.
    Eval(u64),
    /// SET: name, ast.
    Set(u64, u64),
    /// LABEL.
    Label(u64),
}

/// The first index of a stored constant.
pub const STORED: u64 = 4;
/// The byte of `not`, which takes one operand.
pub const NOT: u8 = 0x0e;
/// The byte of `neg`, which takes one operand.
pub const NEG: u8 = 0x11;

impl Op {
    /// Returns the number of items that it takes.
    pub fn takes(self) -> u64 {
        match self {
            Op::Var(_) | Op::Const(_) => 0,
            Op::Call(_, count) => count,
            Op::Operator(NOT | NEG) => 1,
            Op::Operator(_) => 2,
        }
    }

    /// Returns the index of the constant that it refers to.
    pub fn constant(&mut self) -> Option<&mut u64> {
        match self {
            Op::Var(index) | Op::Const(index) | Op::Call(index, _) => Some(index),
            Op::Operator(_) => None,
        }
    }
}

impl Ast {
    /// Returns an ast that declares the stack length that it needs.
    pub fn new(ops: Vec<Op>) -> Ast {
        let mut height: u64 = 0;
        let mut max_height = 0;
        for op in &ops {
            height = height.saturating_sub(op.takes()) + 1;
            max_height = max_height.max(height);
        }
        Ast { max_height, ops }
    }
}

impl Insn {
    /// Returns the indices of the asts that it refers to.
    pub fn asts(&mut self) -> impl Iterator<Item = &mut u64> {
        let (first, second) = match self {
            Insn::For([_, start, stop, _]) => (Some(start), Some(stop)),
            Insn::While([ast, _]) | Insn::Eval(ast) | Insn::Set(_, ast) => (Some(ast), None),
            Insn::Pass | Insn::End(_) | Insn::Jump(_) | Insn::Goto(_) | Insn::Label(_) => {
                (None, None)
            }
        };
        first.into_iter().chain(second)
    }

    /// Returns the index of the constant that it refers to.
    pub fn constant(&mut self) -> Option<&mut u64> {
        match self {
            Insn::For([name, ..]) | Insn::Goto(name) | Insn::Set(name, _) | Insn::Label(name) => {
                Some(name)
            }
            Insn::Pass | Insn::While(_) | Insn::End(_) | Insn::Jump(_) | Insn::Eval(_) => None,
        }
    }

    /// Returns the index of the instruction that it refers to.
    pub fn target(&mut self) -> Option<&mut u64> {
        match self {
            Insn::For([.., end]) | Insn::While([_, end]) => Some(end),
            Insn::End(index) | Insn::Jump(index) => Some(index),
            Insn::Pass | Insn::Goto(_) | Insn::Eval(_) | Insn::Set(..) | Insn::Label(_) => None,
        }
    }
}

impl File {
    /// Returns the number of constants, including the implied ones.
    pub fn constant_count(&self) -> u64 {
        STORED + self.constants.len() as u64
    }

    /// Returns the text of a Str constant.
    pub fn text(&self, index: u64) -> Option<&str> {
        match index.checked_sub(STORED) {
            None => (index == 1).then_some("$i"),
            Some(at) => match self.constants.get(usize::try_from(at).ok()?)? {
                Constant::Str(text) => Some(text),
                Constant::Int(_) | Constant::Float(_) => None,
            },
        }
    }

    /// Returns the bytes of the file.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + 24 * (self.asts.len() + self.insns.len()) * 2);
        out.extend_from_slice(b".Sc.");
        word(&mut out, self.constants.len() as u64);
        for constant in &self.constants {
            match constant {
                Constant::Int(value) => tagged(&mut out, &[0x49], &[*value as u64]),
                Constant::Float(bits) => tagged(&mut out, &[0x46], &[*bits]),
                Constant::Str(text) => {
                    out.push(0x53);
                    out.extend_from_slice(text.as_bytes());
                    out.push(0);
                }
            }
        }
        out.extend_from_slice(&[0; 6]);
        word(&mut out, self.asts.len() as u64);
        for ast in &self.asts {
            word(&mut out, ast.max_height);
            word(&mut out, ast.ops.len() as u64);
            for op in &ast.ops {
                match *op {
                    Op::Var(index) => tagged(&mut out, &[1, 1], &[index]),
                    Op::Const(index) => tagged(&mut out, &[1, 2], &[index]),
                    Op::Call(name, count) => tagged(&mut out, &[2], &[name, count]),
                    Op::Operator(byte) => out.push(byte),
                }
            }
        }
        out.extend_from_slice(&[0; 6]);
        word(&mut out, self.insns.len() as u64);
        for insn in &self.insns {
            match *insn {
                Insn::Pass => out.push(0),
                Insn::For(fields) => tagged(&mut out, &[1, 0], &fields),
                Insn::While(fields) => tagged(&mut out, &[1, 1], &fields),
                Insn::End(index) => tagged(&mut out, &[2], &[index]),
                Insn::Goto(name) => tagged(&mut out, &[3, 0], &[name]),
                Insn::Jump(index) => tagged(&mut out, &[3, 1], &[index]),
                Insn::Eval(ast) => tagged(&mut out, &[4], &[ast]),
                Insn::Set(name, ast) => tagged(&mut out, &[5], &[name, ast]),
                Insn::Label(name) => tagged(&mut out, &[6], &[name]),
            }
        }
        out.extend_from_slice(&[0; 6]);
        out
    }

    /// Decodes a file; `None` if the bytes are not one.
    ///
    /// ```
    /// use conformance::generate::sc::file::{File, Insn};
    ///
    /// let file = File {
    ///     insns: vec![Insn::Pass],
    ///     ..File::default()
    /// };
    /// assert_eq!(File::decode(&file.encode()), Some(file));
    /// assert_eq!(File::decode(b".Sc."), None);
    /// ```
    pub fn decode(bytes: &[u8]) -> Option<File> {
        let mut scan = Scan::of(bytes);
        scan.whole.then(|| std::mem::take(&mut scan.file))
    }
}

fn word(out: &mut Vec<u8>, word: u64) {
    out.extend_from_slice(&word.to_le_bytes());
}

fn tagged(out: &mut Vec<u8>, tag: &[u8], fields: &[u64]) {
    out.extend_from_slice(tag);
    for &field in fields {
        word(out, field);
    }
}

/// The meaning of a part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The magic number.
    Magic,
    /// The number of constants, asts or instructions.
    Count(Section),
    /// The bytes that select a constant, ast instruction or instruction.
    Tag(Section),
    /// An Int or the bits of a Float.
    Number,
    /// The text of a Str, without the zero after it.
    Text,
    /// An ast's stack length.
    Height,
    /// An ast's number of instructions.
    Length,
    /// A call's number of arguments.
    Arguments,
    /// The index of a constant, ast or instruction.
    Index(Section),
    /// The six zeros that end a section.
    End,
}

/// A section of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The constants.
    Constants,
    /// The asts.
    Asts,
    /// The instructions.
    Insns,
}

/// Bytes decoded as far as possible, with the offsets of all parts.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// The content.
    pub file: File,
    /// Every part with the offsets of its start and end.
    pub parts: Vec<(Part, u32, u32)>,
    /// The offsets of the start and end of each item of the three sections.
    pub items: [Vec<(u32, u32)>; 3],
    /// The offsets of the start and end of each ast instruction.
    pub ops: Vec<(u32, u32)>,
    /// Whether all bytes were decoded.
    pub whole: bool,
}

impl Scan {
    /// Decodes bytes as far as possible.
    pub fn of(bytes: &[u8]) -> Scan {
        let mut scanner = Scanner {
            bytes,
            at: 0,
            scan: Scan::default(),
        };
        scanner.scan.whole = scanner.file().is_some() && scanner.at == bytes.len();
        scanner.scan
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    scan: Scan,
}

impl Scanner<'_> {
    fn part(&mut self, part: Part, length: usize) -> Option<&[u8]> {
        let range = self.at..self.at.checked_add(length)?;
        let bytes = self.bytes.get(range.clone())?;
        self.at = range.end;
        self.scan
            .parts
            .push((part, range.start as u32, range.end as u32));
        Some(bytes)
    }

    fn word(&mut self, part: Part) -> Option<u64> {
        let bytes = self.part(part, 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }

    fn index(&mut self, section: Section) -> Option<u64> {
        self.word(Part::Index(section))
    }

    fn next(&self, offset: usize) -> Option<u8> {
        self.bytes.get(self.at + offset).copied()
    }

    fn file(&mut self) -> Option<()> {
        let magic = self.part(Part::Magic, 4)? == b".Sc.";
        for _ in 0..self.word(Part::Count(Section::Constants))? {
            let from = self.at;
            let constant = self.constant()?;
            self.scan.file.constants.push(constant);
            self.scan.items[0].push((from as u32, self.at as u32));
        }
        let mut ends = self.part(Part::End, 6)? == [0; 6];
        for _ in 0..self.word(Part::Count(Section::Asts))? {
            let from = self.at;
            let max_height = self.word(Part::Height)?;
            let length = self.word(Part::Length)?;
            let mut ops = Vec::new();
            for _ in 0..length {
                let from = self.at;
                ops.push(self.op()?);
                self.scan.ops.push((from as u32, self.at as u32));
            }
            self.scan.file.asts.push(Ast { max_height, ops });
            self.scan.items[1].push((from as u32, self.at as u32));
        }
        ends &= self.part(Part::End, 6)? == [0; 6];
        for _ in 0..self.word(Part::Count(Section::Insns))? {
            let from = self.at;
            let insn = self.insn()?;
            self.scan.file.insns.push(insn);
            self.scan.items[2].push((from as u32, self.at as u32));
        }
        ends &= self.part(Part::End, 6)? == [0; 6];
        (magic && ends).then_some(())
    }

    fn constant(&mut self) -> Option<Constant> {
        let tag = Part::Tag(Section::Constants);
        match self.part(tag, 1)? {
            [0x49] => Some(Constant::Int(self.word(Part::Number)? as i64)),
            [0x46] => Some(Constant::Float(self.word(Part::Number)?)),
            [0x53] => {
                let length = self.bytes[self.at..].iter().position(|&byte| byte == 0)?;
                let text = std::str::from_utf8(self.part(Part::Text, length)?).ok()?;
                let text = text.to_owned();
                self.at += 1;
                Some(Constant::Str(text))
            }
            _ => None,
        }
    }

    fn op(&mut self) -> Option<Op> {
        let tag = Part::Tag(Section::Asts);
        match self.next(0)? {
            0x01 => {
                let kind = self.part(tag, 2)?[1];
                let index = self.index(Section::Constants)?;
                match kind {
                    1 => Some(Op::Var(index)),
                    2 => Some(Op::Const(index)),
                    _ => None,
                }
            }
            0x02 => {
                self.part(tag, 1)?;
                let name = self.index(Section::Constants)?;
                Some(Op::Call(name, self.word(Part::Arguments)?))
            }
            byte @ 0x03..=0x11 => {
                self.part(tag, 1)?;
                Some(Op::Operator(byte))
            }
            _ => None,
        }
    }

    fn insn(&mut self) -> Option<Insn> {
        use Section::{Asts, Constants, Insns};
        let length = match self.next(0)? {
            1 | 3 => 2,
            _ => 1,
        };
        let tag = match *self.part(Part::Tag(Insns), length)? {
            [tag] => (tag, 0),
            [tag, kind] => (tag, kind),
            _ => return None,
        };
        Some(match tag {
            (0, _) => Insn::Pass,
            (1, 0) => Insn::For([
                self.index(Constants)?,
                self.index(Asts)?,
                self.index(Asts)?,
                self.index(Insns)?,
            ]),
            (1, 1) => Insn::While([self.index(Asts)?, self.index(Insns)?]),
            (2, _) => Insn::End(self.index(Insns)?),
            (3, 0) => Insn::Goto(self.index(Constants)?),
            (3, 1) => Insn::Jump(self.index(Insns)?),
            (4, _) => Insn::Eval(self.index(Asts)?),
            (5, _) => Insn::Set(self.index(Constants)?, self.index(Asts)?),
            (6, _) => Insn::Label(self.index(Constants)?),
            _ => return None,
        })
    }
}

/// Returns the canonical form of a file: constants in the order of their first use and each once, asts
/// in the order of their use and one for each use, and nothing that is unused.
pub fn canonical(file: &File) -> File {
    let mut out = File::default();
    for insn in &file.insns {
        let mut insn = *insn;
        if let Some(name) = insn.constant() {
            *name = canonical_constant(file, *name, &mut out);
        }
        for index in insn.asts() {
            let Some(ast) = file.asts.get(*index as usize) else {
                continue;
            };
            let mut ops = ast.ops.clone();
            for op in &mut ops {
                if let Some(index) = op.constant() {
                    *index = canonical_constant(file, *index, &mut out);
                }
            }
            *index = out.asts.len() as u64;
            out.asts.push(Ast::new(ops));
        }
        out.insns.push(insn);
    }
    out
}

fn canonical_constant(file: &File, index: u64, out: &mut File) -> u64 {
    let Some(at) = index.checked_sub(STORED) else {
        return index;
    };
    let Some(constant) = file.constants.get(at as usize) else {
        return index;
    };
    if *constant == Constant::Str("$i".to_owned()) {
        return 1;
    }
    let there = out.constants.iter().position(|known| known == constant);
    let at = there.unwrap_or_else(|| {
        out.constants.push(constant.clone());
        out.constants.len() - 1
    });
    STORED + at as u64
}
