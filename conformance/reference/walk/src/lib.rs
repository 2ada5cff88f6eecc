//! The test oracle of the verifier: walks one random path through a code object without values, and
//! reports what would have harmed an interpreter.
//!
//! It uses neither the verifier nor the columns of the opcode table: what each instruction takes and
//! pushes, and how CPython unwinds its blocks, is written down here a second time.
//!
//! ```
//! use mmm_reference_walk::walk;
//! use vm_py_code::object::{Object, Pool};
//!
//! let mut pool = Pool::new();
//! let none = pool.add(Object::None);
//! assert_eq!(walk(&pool, none, 10, &mut || 0), Err("not a code object".into()));
//! ```

use vm_py_code::insn::Op;
use vm_py_code::object::{Code, Id, Pool, flags};

/// The contents of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slot {
    Object,
    /// No object, which only CALL_METHOD may take.
    Null,
    /// A part of the exception state, 0 to 2, which only the end of a handler may take.
    Saved(u8),
    /// A part of an exception, 0 to 2, which is an object.
    Exception(u8),
}

/// Where control goes after an instruction.
enum Next {
    On,
    To(u64),
    Raised,
    Left,
}

struct Walk<'a> {
    code: &'a Code,
    bytes: &'a [u8],
    cellvars: u32,
    counts: [usize; 4],
    stack: Vec<Slot>,
    /// The offset of the handler, or `None` for the block of a running handler, and the level.
    blocks: Vec<(Option<u64>, usize)>,
    /// Whether the instruction raises, if it can.
    raises: bool,
    /// Random bits for the instruction.
    bits: u32,
}

type Result<T> = std::result::Result<T, String>;

/// Walks at most `steps` instructions through a code object. `random` decides which branches are taken
/// and which instructions raise.
///
/// # Errors
///
/// Returns an error that says which instruction would have harmed an interpreter.
pub fn walk(
    pool: &Pool,
    id: Id,
    steps: usize,
    random: &mut dyn FnMut() -> u32,
) -> std::result::Result<(), String> {
    let Some(code) = pool.code(id) else {
        return Err("not a code object".to_owned());
    };
    let count = |id| pool.tuple(id).map_or(0, <[Id]>::len);
    let mut walk = Walk {
        code,
        bytes: pool.bytes(code.code).unwrap_or(&[]),
        cellvars: count(code.cellvars) as u32,
        counts: [
            count(code.consts),
            count(code.names),
            (code.nlocals as usize).min(count(code.varnames)),
            count(code.cellvars) + count(code.freevars),
        ],
        stack: Vec::new(),
        blocks: Vec::new(),
        raises: false,
        bits: 0,
    };
    let mut at = 0;
    for _ in 0..steps {
        walk.bits = random();
        walk.raises = walk.bits & 7 == 0;
        let here = at;
        let found = walk.step(&mut at);
        let Some(next) = found.map_err(|wrong| format!("at {here}: {wrong}"))? else {
            return Ok(());
        };
        at = next;
    }
    Ok(())
}

impl Walk<'_> {
    /// Executes an instruction with its prefixes; returns the offset of the next one.
    fn step(&mut self, at: &mut usize) -> Result<Option<usize>> {
        let fetch = |at: usize| {
            let pair = self.bytes.get(at..at + 2);
            pair.ok_or_else(|| format!("{at} is outside the code"))
        };
        if !at.is_multiple_of(2) {
            return Err(format!("{at} is inside an instruction"));
        }
        if *at > 0 && fetch(*at - 2)?[0] == Op::ExtendedArg as u8 {
            return Err(format!("{at} is after a prefix"));
        }
        let mut pair = fetch(*at)?;
        let mut arg = u32::from(pair[1]);
        while pair[0] == Op::ExtendedArg as u8 {
            *at += 2;
            pair = fetch(*at)?;
            arg = arg << 8 | u32::from(pair[1]);
        }
        let op = Op::from_byte(pair[0]).ok_or("an undefined opcode")?;
        let on = *at as u64 + 2;
        let next = self.execute(op, arg, on)?;
        if self.stack.len() > self.code.stacksize as usize {
            return Err(format!("{op}: the stack is {} deep", self.stack.len()));
        }
        let next = match next {
            Next::On => on,
            Next::To(target) => target,
            Next::Left => return Ok(None),
            Next::Raised => match self.unwind()? {
                Some(target) => target,
                None => return Ok(None),
            },
        };
        Ok(Some(usize::try_from(next).unwrap_or(usize::MAX - 8)))
    }

    /// Unwinds as CPython does: leaves handlers up to the first block, and enters its handler.
    fn unwind(&mut self) -> Result<Option<u64>> {
        while let Some((handler, level)) = self.blocks.pop() {
            let Some(handler) = handler else {
                if self.stack.len() < level + 3 {
                    return Err("a handler's state is gone".to_owned());
                }
                self.stack.truncate(level + 3);
                self.restore()?;
                continue;
            };
            if self.stack.len() < level {
                return Err("items below a block are gone".to_owned());
            }
            self.stack.truncate(level);
            self.blocks.push((None, level));
            self.stack.extend([0, 1, 2].map(Slot::Saved));
            self.stack.extend([0, 1, 2].map(Slot::Exception));
            if self.stack.len() > self.code.stacksize as usize {
                return Err("there is no room for the handler's items".to_owned());
            }
            return Ok(Some(handler));
        }
        Ok(None)
    }

    fn take(&mut self) -> Result<Slot> {
        self.stack.pop().ok_or("the stack is empty".to_owned())
    }

    fn pop(&mut self, many: u64) -> Result<()> {
        for _ in 0..many {
            match self.take()? {
                Slot::Object | Slot::Exception(_) => {}
                other => return Err(format!("{other:?} is taken for an object")),
            }
        }
        Ok(())
    }

    fn push(&mut self, many: u64) -> Result<()> {
        if many > u64::from(self.code.stacksize) {
            return Err("more is pushed than the stack holds".to_owned());
        }
        for _ in 0..many {
            self.stack.push(Slot::Object);
        }
        Ok(())
    }

    /// Checks that there is an object at depth `down`, where 1 is the top.
    fn peek(&self, down: u64) -> Result<()> {
        let at = (self.stack.len() as u64).checked_sub(down);
        match at.and_then(|at| self.stack.get(at as usize)) {
            Some(Slot::Object | Slot::Exception(_)) => Ok(()),
            Some(other) => Err(format!("{other:?} is looked at")),
            None => Err(format!("nothing lies {down} down")),
        }
    }

    /// Takes the three items that POP_EXCEPT restores.
    fn restore(&mut self) -> Result<()> {
        for part in [2, 1, 0] {
            match self.take()? {
                Slot::Saved(found) if found == part => {}
                other => return Err(format!("{other:?} is restored as the exception state")),
            }
        }
        Ok(())
    }

    fn exception(&mut self) -> Result<()> {
        for part in [2, 1, 0] {
            match self.take()? {
                Slot::Exception(found) if found == part => {}
                other => return Err(format!("{other:?} is raised")),
            }
        }
        Ok(())
    }

    fn index(&self, arg: u32, table: usize) -> Result<()> {
        match (arg as usize) < self.counts[table] {
            true => Ok(()),
            false => Err(format!("index {arg} is out of range")),
        }
    }

    /// Takes and pushes objects, and may raise in between.
    fn plain(&mut self, pops: u64, pushes: u64) -> Result<Next> {
        self.pop(pops)?;
        if self.raises {
            return Ok(Next::Raised);
        }
        self.push(pushes)?;
        Ok(Next::On)
    }

    fn rotate(&mut self, many: usize) -> Result<Next> {
        let from = self.stack.len().checked_sub(many);
        let from = from.ok_or("the stack is too short to rotate")?;
        self.stack[from..].rotate_right(1);
        Ok(Next::On)
    }

    fn range(arg: u32, most: u32) -> Result<()> {
        match arg <= most {
            true => Ok(()),
            false => Err(format!("argument {arg} is out of range")),
        }
    }

    #[rustfmt::skip]
    fn execute(&mut self, op: Op, arg: u32, on: u64) -> Result<Next> {
        let a = u64::from(arg);
        match op {
            Op::Nop | Op::ExtendedArg => Ok(Next::On),
            Op::SetupAnnotations => self.plain(0, 0),
            Op::PopTop => { self.pop(1)?; Ok(Next::On) }
            Op::RotTwo => self.rotate(2),
            Op::RotThree => self.rotate(3),
            Op::RotFour => self.rotate(4),
            Op::DupTop => { self.peek(1)?; self.push(1)?; Ok(Next::On) }
            Op::DupTopTwo => { self.peek(1)?; self.peek(2)?; self.push(2)?; Ok(Next::On) }
            Op::UnaryPositive | Op::UnaryNegative | Op::UnaryNot | Op::UnaryInvert | Op::GetAiter
            | Op::GetIter | Op::GetYieldFromIter | Op::GetAwaitable | Op::ListToTuple => self.plain(1, 1),
            Op::BinaryMatrixMultiply | Op::InplaceMatrixMultiply | Op::BinaryPower | Op::BinaryMultiply
            | Op::BinaryModulo | Op::BinaryAdd | Op::BinarySubtract | Op::BinarySubscr
            | Op::BinaryFloorDivide | Op::BinaryTrueDivide | Op::InplaceFloorDivide
            | Op::InplaceTrueDivide | Op::InplaceAdd | Op::InplaceSubtract | Op::InplaceMultiply
            | Op::InplaceModulo | Op::BinaryLshift | Op::BinaryRshift | Op::BinaryAnd | Op::BinaryXor
            | Op::BinaryOr | Op::InplacePower | Op::InplaceLshift | Op::InplaceRshift | Op::InplaceAnd
            | Op::InplaceXor | Op::InplaceOr => self.plain(2, 1),
            Op::StoreSubscr => self.plain(3, 0),
            Op::DeleteSubscr => self.plain(2, 0),
            Op::PrintExpr | Op::ImportStar => self.plain(1, 0),
            Op::LoadBuildClass | Op::LoadAssertionError => self.plain(0, 1),
            Op::BeforeAsyncWith => self.plain(1, 2),
            Op::GetAnext => { self.peek(1)?; self.plain(0, 1) }
            Op::Reraise => { self.exception()?; Ok(Next::Raised) }
            Op::WithExceptStart => {
                for down in [1, 2, 3, 7] { self.peek(down)?; }
                self.plain(0, 1)
            }
            Op::EndAsyncFor => self.end_async_for(a, on),
            Op::YieldValue | Op::YieldFrom => {
                if self.code.flags & (flags::GENERATOR | flags::COROUTINE | flags::ASYNC_GENERATOR) == 0 {
                    return Err("a plain function yields".to_owned());
                }
                self.plain(if op == Op::YieldFrom { 2 } else { 1 }, 1)
            }
            Op::ReturnValue => { self.pop(1)?; Ok(Next::Left) }
            Op::PopBlock => match self.blocks.pop() {
                Some((Some(_), _)) => Ok(Next::On),
                other => Err(format!("POP_BLOCK removes {other:?}")),
            },
            Op::PopExcept => match self.blocks.pop() {
                Some((None, _)) => { self.restore()?; Ok(Next::On) }
                other => Err(format!("POP_EXCEPT removes {other:?}")),
            },
            Op::StoreName | Op::StoreGlobal => { self.index(arg, 1)?; self.plain(1, 0) }
            Op::DeleteName | Op::DeleteGlobal => { self.index(arg, 1)?; self.plain(0, 0) }
            Op::StoreAttr => { self.index(arg, 1)?; self.plain(2, 0) }
            Op::DeleteAttr => { self.index(arg, 1)?; self.plain(1, 0) }
            Op::LoadName | Op::LoadGlobal => { self.index(arg, 1)?; self.plain(0, 1) }
            Op::LoadAttr => { self.index(arg, 1)?; self.plain(1, 1) }
            Op::ImportName => { self.index(arg, 1)?; self.plain(2, 1) }
            Op::ImportFrom => { self.index(arg, 1)?; self.peek(1)?; self.plain(0, 1) }
            Op::LoadConst => { self.index(arg, 0)?; self.push(1)?; Ok(Next::On) }
            Op::LoadFast => { self.index(arg, 2)?; self.plain(0, 1) }
            Op::StoreFast => { self.index(arg, 2)?; self.plain(1, 0) }
            Op::DeleteFast => { self.index(arg, 2)?; self.plain(0, 0) }
            Op::LoadClosure | Op::LoadDeref => { self.index(arg, 3)?; self.plain(0, 1) }
            Op::LoadClassderef => { self.index(arg, 3)?; self.class_variable(arg) }
            Op::StoreDeref => { self.index(arg, 3)?; self.plain(1, 0) }
            Op::DeleteDeref => { self.index(arg, 3)?; self.plain(0, 0) }
            Op::UnpackSequence => self.plain(1, a),
            Op::UnpackEx => self.plain(1, (a & 0xff) + (a >> 8) + 1),
            Op::BuildTuple | Op::BuildList | Op::BuildSet | Op::BuildString => self.plain(a, 1),
            Op::BuildMap => self.plain(2 * a, 1),
            Op::BuildConstKeyMap | Op::CallFunction => self.plain(a + 1, 1),
            Op::CallFunctionKw => self.plain(a + 2, 1),
            Op::CallFunctionEx => { Self::range(arg, 1)?; self.plain(2 + a, 1) }
            Op::CompareOp => { Self::range(arg, 5)?; self.plain(2, 1) }
            Op::IsOp | Op::ContainsOp => { Self::range(arg, 1)?; self.plain(2, 1) }
            Op::RaiseVarargs => { Self::range(arg, 2)?; self.pop(a)?; Ok(Next::Raised) }
            Op::MakeFunction => {
                Self::range(arg, 15)?;
                self.plain(2 + (a & 1) + (a >> 1 & 1) + (a >> 2 & 1) + (a >> 3), 1)
            }
            Op::BuildSlice => match arg {
                2 | 3 => self.plain(a, 1),
                _ => Err("a slice of neither 2 nor 3".to_owned()),
            },
            Op::FormatValue => { Self::range(arg, 7)?; self.plain(1 + (a >> 2), 1) }
            Op::ListAppend | Op::SetAdd | Op::ListExtend | Op::SetUpdate | Op::DictUpdate
            | Op::DictMerge | Op::MapAdd => {
                self.pop(if op == Op::MapAdd { 2 } else { 1 })?;
                self.peek(a)?;
                if op == Op::DictMerge { self.peek(a + 2)?; }
                self.plain(0, 0)
            }
            Op::LoadMethod => { self.index(arg, 1)?; self.load_method() }
            Op::CallMethod => self.call_method(a),
            Op::JumpForward => Ok(Next::To(on + a)),
            Op::JumpAbsolute => Ok(Next::To(a)),
            Op::ForIter | Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop | Op::PopJumpIfFalse
            | Op::PopJumpIfTrue | Op::JumpIfNotExcMatch => self.branch(op, a, on),
            Op::SetupFinally | Op::SetupWith | Op::SetupAsyncWith => self.setup(op, on + a),
        }
    }

    fn class_variable(&mut self, arg: u32) -> Result<Next> {
        if arg < self.cellvars || self.code.flags & 3 == 3 {
            return Err("LOAD_CLASSDEREF finds no namespace or variable".to_owned());
        }
        self.plain(0, 1)
    }

    fn load_method(&mut self) -> Result<Next> {
        self.pop(1)?;
        if self.raises {
            return Ok(Next::Raised);
        }
        self.stack.push(match self.bits & 8 {
            0 => Slot::Null,
            _ => Slot::Object,
        });
        self.push(1)?;
        Ok(Next::On)
    }

    fn call_method(&mut self, arguments: u64) -> Result<Next> {
        self.pop(arguments + 1)?;
        match self.take()? {
            Slot::Saved(_) => return Err("the exception state is called".to_owned()),
            Slot::Object | Slot::Null | Slot::Exception(_) => {}
        }
        self.plain(0, 1)
    }

    fn branch(&mut self, op: Op, arg: u64, on: u64) -> Result<Next> {
        let jumps = self.bits & 8 == 0;
        if op == Op::ForIter {
            self.peek(1)?;
            if self.raises {
                return Ok(Next::Raised);
            }
            if !jumps {
                self.push(1)?;
                return Ok(Next::On);
            }
            self.pop(1)?;
            return Ok(Next::To(on + arg));
        }
        let keeps = matches!(op, Op::JumpIfFalseOrPop | Op::JumpIfTrueOrPop);
        self.pop(if op == Op::JumpIfNotExcMatch { 2 } else { 1 })?;
        match (self.raises, jumps) {
            (true, _) => Ok(Next::Raised),
            (false, false) => Ok(Next::On),
            (false, true) => {
                self.push(u64::from(keeps))?;
                Ok(Next::To(arg))
            }
        }
    }

    fn setup(&mut self, op: Op, handler: u64) -> Result<Next> {
        if op != Op::SetupFinally {
            self.pop(1)?;
        }
        if op == Op::SetupWith {
            if self.raises {
                return Ok(Next::Raised);
            }
            self.push(1)?;
        }
        self.blocks.push((Some(handler), self.stack.len()));
        if self.blocks.len() > 20 {
            return Err("the block stack is too deep".to_owned());
        }
        self.push(u64::from(op != Op::SetupFinally))?;
        Ok(Next::On)
    }

    fn end_async_for(&mut self, arg: u64, on: u64) -> Result<Next> {
        self.exception()?;
        if self.bits & 8 == 0 {
            return Ok(Next::Raised);
        }
        let Some((None, level)) = self.blocks.pop() else {
            return Err("END_ASYNC_FOR is in no handler".to_owned());
        };
        if self.stack.len() < level + 3 {
            return Err("a handler's state is gone".to_owned());
        }
        self.stack.truncate(level + 3);
        self.restore()?;
        self.pop(1)?;
        Ok(Next::To(on + arg))
    }
}
