//! The steps of a compilation, one after the other.

use crate::ast::{Ast, Block, ExprId};
use crate::constant::Consts;
use crate::error::{Error, Failure, Kind, Position, Result, Spot, Warning};
use crate::fold;
use crate::future::{self, Future};
use crate::generate::{self, Settings};
use crate::legacy;
use crate::names::Names;
use crate::parse::{self, Mode, Parser, Reading, Stop, Unit};
use crate::peg;
use crate::share;
use crate::source::{self, Source};
use crate::symtable::{self, Depth};
use crate::upstream::object::flags;
use crate::upstream::pyc::{Header, Pyc};
use crate::upstream::{Id, Pool};

/// How a source is compiled.
#[derive(Clone, Debug)]
pub struct Options {
    /// The file's name, as tracebacks show it.
    pub filename: String,
    /// What the source is.
    pub mode: Mode,
    /// What `-O` leaves out: 1 assertions, 2 docstrings as well.
    pub optimize: u8,
    /// Features of `__future__` that are on without an import, as flags of code objects.
    pub features: u32,
    /// Whether `await` may stand outside functions.
    pub top_level_await: bool,
    /// Whether the end of a text at Python's prompt ends its blocks.
    pub imply_dedent: bool,
    /// How many calls lie on Python's stack, that of `compile` included: they count as nesting.
    /// A module that calls `compile` has 2, `python3.9 -m py_compile` has 9.
    pub frames: u32,
    /// `sys.getrecursionlimit()`.
    pub recursion_limit: u32,
    /// Whether the source was text in Python, a `str`: it is UTF-8, whatever it declares.
    pub is_text: bool,
    /// Whether the file can be read by its name: errors show its lines then.
    pub readable: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            filename: "<string>".into(),
            mode: Mode::Exec,
            optimize: 0,
            features: 0,
            top_level_await: false,
            imply_dedent: true,
            frames: 2,
            recursion_limit: 1000,
            is_text: false,
            readable: false,
        }
    }
}

/// A source's code.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The objects.
    pub pool: Pool,
    /// The code object, among them.
    pub code: Id,
    /// What CPython warns of, in its order.
    pub warnings: Vec<Warning>,
    /// Features of `__future__` that the source turned on, as flags of code objects.
    pub features: u32,
}

impl Compiled {
    /// Makes a `.pyc` file of it.
    pub fn into_pyc(self, header: Header) -> Pyc {
        Pyc {
            header,
            pool: self.pool,
            code: self.code,
            offsets: Vec::new(),
        }
    }
}

/// Features that code objects inherit.
const FEATURES: u32 = flags::FUTURE_DIVISION
    | flags::FUTURE_ABSOLUTE_IMPORT
    | flags::FUTURE_WITH_STATEMENT
    | flags::FUTURE_PRINT_FUNCTION
    | flags::FUTURE_UNICODE_LITERALS
    | flags::FUTURE_BARRY_AS_BDFL
    | flags::FUTURE_GENERATOR_STOP
    | flags::FUTURE_ANNOTATIONS;

/// Frames of Python's that count three levels each.
const FRAME_SCALE: u32 = 3;
/// How deep trees may be on the stack at hand; deeper ones get a stack of their own.
const SHALLOW: u32 = 60;
/// How deep expressions may nest in the parser. CPython's own dies of its stack somewhere there.
const DEEP: u32 = 6000;
/// The size of that stack.
const STACK_BYTES: usize = 256 << 20;

/// Compiles a source.
pub fn compile(source: &[u8], options: &Options) -> std::result::Result<Compiled, Error> {
    let text = match source::decode(source, options.mode == Mode::Exec, options.is_text) {
        Ok(text) => text,
        Err(failure) => return Err(report(*failure, b"", options)),
    };
    let deep = || attempt(&text, options, false);
    let found = match attempt(&text, options, true) {
        Some(found) => Some(found),
        None => std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
            let handle = thread.spawn_scoped(scope, deep).ok()?;
            handle.join().ok()?
        }),
    };
    let failed = || {
        Err(Failure::plain(
            Kind::RecursionError,
            "maximum recursion depth exceeded during compilation",
        ))
    };
    found
        .unwrap_or_else(failed)
        .map_err(|failure| report(*failure, &text.raw, options))
}

/// Puts an error in its public form.
fn report(failure: Failure, raw: &[u8], options: &Options) -> Error {
    let line_of = |line: u32| match options.readable {
        true => source::line_of(raw, line),
        false => None,
    };
    let at = |line: u32, offset: i64| Position {
        line,
        offset,
        text: line_of(line),
    };
    // Attributes that are set after the exception was made do not change its message.
    let made_whole = !matches!(failure.spot, Spot::At(..));
    let position = match failure.spot {
        Spot::Nowhere | Spot::Token(_) | Spot::Bytes(..) => None,
        Spot::Exact(position) | Spot::Tokenizer(position) => Some(position),
        Spot::At(line, offset) | Spot::Generated(line, offset) => Some(at(line, offset)),
    };
    let mut message = failure.message;
    if failure.kind == Kind::SyntaxError
        && made_whole
        && let Some(text) = position
            .as_ref()
            .and_then(|position| position.text.as_deref())
        && let Some(other) = legacy::message(text)
    {
        message = other;
    }
    Error {
        kind: failure.kind,
        message,
        filename: options.filename.clone(),
        position,
    }
}

/// What the parser found.
#[derive(Clone, Copy)]
enum Root {
    Body(Block),
    Value(ExprId),
}

/// Compiles a text; `None` if the stack at hand is too small for it.
fn attempt(source: &Source, options: &Options, shallow: bool) -> Option<Result<Compiled>> {
    let text = &source.text[..];
    let limit = if shallow { SHALLOW } else { DEEP };
    let mut unit = Unit {
        ast: Ast::for_text(text.len()),
        names: Names::new(),
        consts: Consts::new(),
        warnings: Vec::new(),
        barry: options.features & flags::FUTURE_BARRY_AS_BDFL != 0,
        limit,
    };
    let how = match options.mode {
        Mode::Exec | Mode::Eval => Reading::Whole,
        Mode::Single if options.imply_dedent => Reading::Prompt,
        Mode::Single => Reading::PromptLeftOpen,
    };
    let (tokens, error) = parse::tokens(text, how);
    let barry = unit.barry;
    let mut parser = Parser::new(text, &tokens, &mut unit);
    let parsed = match options.mode {
        Mode::Exec => parser.module().map(Root::Body),
        Mode::Single => parser.single().map(Root::Body),
        Mode::Eval => parser.eval().map(Root::Value),
    };
    let (taken, from) = (parser.taken(), parser.refused_at());
    let wrong = peg::Source {
        text,
        raw: &source.raw,
        tokens: &tokens,
        from,
        error: error.as_ref(),
        mode: options.mode,
        barry,
        readable: options.readable,
        declared: source.declared,
    };
    match parsed {
        Ok(root) => {
            let more = match options.mode {
                Mode::Single => peg::check_single(&wrong, taken),
                _ => None,
            };
            match more {
                Some(failure) => Some(Err(failure)),
                None => finish(unit, root, options, shallow),
            }
        }
        Err(Stop::Deep) if shallow => None,
        Err(Stop::Deep) => Some(Err(Failure::plain(
            Kind::RecursionError,
            "maximum recursion depth exceeded during compilation",
        ))),
        // The grammar's own order needs a deep stack.
        Err(Stop::Reject) if shallow => None,
        Err(Stop::Reject) => Some(Err(peg::explain(&wrong))),
    }
}

/// Compiles what was parsed.
fn finish(
    mut unit: Unit,
    root: Root,
    options: &Options,
    shallow: bool,
) -> Option<Result<Compiled>> {
    let found = match root {
        Root::Body(body) => future::find(&unit, body),
        Root::Value(_) => Ok(Future::default()),
    };
    let mut future = match found {
        Ok(future) => future,
        Err(failure) => return Some(Err(failure)),
    };
    future.features |= options.features & FEATURES;
    let body = match (root, options.mode) {
        (Root::Body(body), Mode::Exec) => Some(body),
        _ => None,
    };
    let as_text = future.features & flags::FUTURE_ANNOTATIONS != 0;
    fold::fold(&mut unit, body, options.optimize, as_text);
    let depth = Depth {
        now: options.frames.saturating_mul(FRAME_SCALE),
        most: options
            .recursion_limit
            .saturating_mul(FRAME_SCALE)
            .min(1 << 16),
        shallow: match shallow {
            true => options.frames.saturating_mul(FRAME_SCALE) + SHALLOW,
            false => u32::MAX,
        },
    };
    let table_root = match root {
        Root::Body(body) => symtable::Root::Module(body),
        Root::Value(id) => symtable::Root::Expression(id),
    };
    let table = match symtable::build(&mut unit, table_root, depth) {
        Ok(table) => table?,
        Err(failure) => return Some(Err(failure)),
    };
    Some(emit(unit, table, root, options, future))
}

fn emit(
    mut unit: Unit,
    table: symtable::Table,
    root: Root,
    options: &Options,
    future: Future,
) -> Result<Compiled> {
    let settings = Settings {
        optimize: options.optimize,
        inherited: future.features,
        future,
        interactive: options.mode == Mode::Single,
        top_level_await: options.top_level_await,
    };
    let from = match (root, options.mode) {
        (Root::Value(id), _) => generate::Root::Expression(id),
        (Root::Body(body), Mode::Single) => generate::Root::Interactive(body),
        (Root::Body(body), _) => generate::Root::Module(body),
    };
    let generated = generate::generate(&mut unit, table, settings, from)?;
    let (pool, code) = share::pool(
        &unit.names,
        &unit.consts,
        &generated.codes,
        generated.main,
        &options.filename,
    );
    Ok(Compiled {
        pool,
        code,
        warnings: unit.warnings,
        features: future.features,
    })
}
