//! The machine that runs an expression's code.
//!
//! Where an expression has a choice, the machine puts its state on a stack as a [`Frame`] and runs
//! the rest of the code as a new attempt. When the attempt has its result, the frame says how to go
//! on: that is what the functions of [`Machine`] whose names begin with `after_` do.

use crate::charset::{contains, is_category, is_line_break, is_word, lower_ascii, lower_unicode};
use crate::{Limits, MAX_REPEAT, Match, Mode, Program, Request, RunError, Text, op};

type Result<T> = std::result::Result<T, RunError>;

/// The captured groups, as far as they are known.
#[derive(Clone, Copy)]
struct Captured {
    /// How many marks are valid.
    marks: usize,
    last_index: Option<usize>,
}

/// A repetition that is being matched.
struct Repeat {
    /// Where its operands are in the code: skip, least and greatest count, body.
    pc: usize,
    /// How many times the body has matched; -1 before the first attempt.
    count: i64,
    /// Where the last body began, so that an empty one is not repeated for ever.
    last: Option<usize>,
    /// The repetition around this one.
    outer: Option<usize>,
}

/// What an attempt is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Jump {
    Assert,
    AssertNot,
    Branch,
    RepeatOne,
    MinRepeatOne,
    Repeat,
    UntilLeast,
    MaxUntilMore,
    MaxUntilTail,
    MinUntilTail,
    MinUntilMore,
}

/// A place in code and text.
#[derive(Clone, Copy)]
struct At {
    pc: usize,
    position: usize,
    /// True if the end of the code is the end of the expression, not of an assertion.
    top: bool,
}

/// A choice that waits for the result of an attempt.
struct Frame {
    jump: Jump,
    at: At,
    captured: Captured,
    /// Where the marks that it saved begin on the stack of marks, if it did.
    saved: Option<usize>,
    /// How many items the repetition has.
    count: usize,
    /// The repetition that it belongs to.
    repeat: Option<usize>,
    /// [`Repeat::last`] as it was.
    last: Option<usize>,
}

/// What comes next.
enum Next {
    /// Go on with the same attempt.
    Go(At),
    /// The attempt has its result.
    Done(bool),
}

struct Machine<'a, T: ?Sized> {
    code: &'a [u32],
    text: &'a T,
    end: usize,
    marks: Vec<Option<usize>>,
    captured: Captured,
    repeats: Vec<Repeat>,
    repeat: Option<usize>,
    frames: Vec<Frame>,
    saved: Vec<Option<usize>>,
    /// Where the last successful attempt ended.
    position: usize,
    must_end: bool,
    must_advance: Option<usize>,
    limits: &'a mut Limits,
}

pub(crate) fn run<T: Text + ?Sized>(
    program: &Program,
    text: &T,
    request: &Request,
    limits: &mut Limits,
) -> Result<Option<Match>> {
    let end = request.range.end.min(text.length());
    let mut start = request.range.start.min(text.length());
    if start > end && request.mode == Mode::Search {
        return Ok(None);
    }
    let mut machine = Machine {
        code: &program.code,
        text,
        end,
        marks: vec![None; 2 * program.groups.min(1 << 20) as usize],
        captured: Captured {
            marks: 0,
            last_index: None,
        },
        repeats: Vec::new(),
        repeat: None,
        frames: Vec::new(),
        saved: Vec::new(),
        position: 0,
        must_end: request.mode == Mode::Fullmatch,
        must_advance: request.must_advance.then_some(start),
        limits,
    };
    loop {
        if machine.attempt(start)? {
            machine.marks.truncate(machine.captured.marks);
            return Ok(Some(Match {
                start,
                end: machine.position,
                last_index: machine.captured.last_index,
                marks: machine.marks,
            }));
        }
        if request.mode != Mode::Search || start >= end {
            return Ok(None);
        }
        start += 1;
        machine.must_advance = None;
        start = machine.skip(start)?;
    }
}

impl<T: Text + ?Sized> Machine<'_, T> {
    fn word(&self, pc: usize) -> Result<u32> {
        self.code.get(pc).copied().ok_or(RunError::InvalidCode)
    }

    /// Returns the place to which the skip at `pc` leads.
    fn target(&self, pc: usize) -> Result<usize> {
        Ok(pc + self.word(pc)? as usize)
    }

    fn character(&self, position: usize) -> Option<u32> {
        (position < self.end).then(|| self.text.at(position))
    }

    fn spend(&mut self, steps: u64) -> Result<()> {
        self.limits.steps = self
            .limits
            .steps
            .checked_sub(steps)
            .ok_or(RunError::OutOfSteps)?;
        Ok(())
    }

    /// Returns the next position, from `start` on, at which an expression that begins with a
    /// literal can match.
    fn skip(&mut self, start: usize) -> Result<usize> {
        let mut pc = 0;
        if self.word(0)? == op::INFO {
            pc = self.target(1)?;
        }
        if self.word(pc)? != op::LITERAL {
            return Ok(start);
        }
        let literal = self.word(pc + 1)?;
        let found = (start..self.end).find(|&at| self.text.at(at) == literal);
        let found = found.unwrap_or(self.end);
        self.spend((found - start) as u64 / 8)?;
        Ok(found)
    }

    /// Matches the whole expression at `start`.
    fn attempt(&mut self, start: usize) -> Result<bool> {
        self.spend(1)?;
        self.captured = Captured {
            marks: 0,
            last_index: None,
        };
        self.repeats.clear();
        self.repeat = None;
        self.frames.clear();
        self.saved.clear();
        let mut next = self.enter(At {
            pc: 0,
            position: start,
            top: true,
        })?;
        loop {
            next = match next {
                Next::Go(at) => self.step(at)?,
                Next::Done(found) => match self.frames.pop() {
                    Some(frame) => self.resume(frame, found)?,
                    None => return Ok(found),
                },
            };
        }
    }

    /// Begins an attempt, which fails at once if too little text is left.
    fn enter(&mut self, at: At) -> Result<Next> {
        if self.word(at.pc)? != op::INFO {
            return Ok(Next::Go(at));
        }
        let least = self.word(at.pc + 3)? as usize;
        if self.end.saturating_sub(at.position) < least {
            return Ok(Next::Done(false));
        }
        let pc = self.target(at.pc + 1)?;
        Ok(Next::Go(At { pc, ..at }))
    }

    /// Puts a choice on the stack and begins an attempt.
    fn call(&mut self, frame: Frame, at: At) -> Result<Next> {
        if self.frames.len() >= self.limits.frames {
            return Err(RunError::OutOfFrames);
        }
        self.frames.push(frame);
        self.enter(at)
    }

    fn frame(&self, jump: Jump, at: At) -> Frame {
        Frame {
            jump,
            at,
            captured: self.captured,
            saved: None,
            count: 0,
            repeat: self.repeat,
            last: None,
        }
    }

    /// Returns how many marks are saved with a choice. CPython saves none if only the first one is
    /// valid, which a program can see: the last recorded case does.
    fn saved_marks(&self, captured: Captured) -> usize {
        match captured.marks {
            0 | 1 => 0,
            marks => marks.min(self.marks.len()),
        }
    }

    /// Saves the marks that are valid, because an attempt may overwrite them.
    fn save(&mut self) -> Option<usize> {
        let start = self.saved.len();
        let valid = self.saved_marks(self.captured);
        self.saved.extend_from_slice(&self.marks[..valid]);
        Some(start)
    }

    /// Takes the groups back to what they were when the frame was made.
    fn restore(&mut self, frame: &Frame, keep: bool) {
        if let Some(start) = frame.saved {
            let valid = self.saved_marks(frame.captured);
            self.marks[..valid].copy_from_slice(&self.saved[start..start + valid]);
            if !keep {
                self.saved.truncate(start);
            }
        }
        self.captured = frame.captured;
    }

    fn forget(&mut self, frame: &Frame) {
        if let Some(start) = frame.saved {
            self.saved.truncate(start);
        }
    }

    /// Executes one instruction.
    fn step(&mut self, at: At) -> Result<Next> {
        self.spend(1)?;
        let At { pc, position, top } = at;
        let op = self.word(pc)?;
        if let Some((length, found)) = self.single(pc, position)? {
            return Ok(match found {
                true => Next::Go(At {
                    pc: pc + length,
                    position: position + 1,
                    top,
                }),
                false => Next::Done(false),
            });
        }
        let go = |pc| Ok(Next::Go(At { pc, position, top }));
        match op {
            op::SUCCESS => Ok(Next::Done(self.succeed(at))),
            op::FAILURE => Ok(Next::Done(false)),
            op::MARK => {
                self.mark(self.word(pc + 1)? as usize, position)?;
                go(pc + 2)
            }
            op::AT => match self.is_at(self.word(pc + 1)?, position)? {
                true => go(pc + 2),
                false => Ok(Next::Done(false)),
            },
            op::JUMP | op::INFO => go(self.target(pc + 1)?),
            op::GROUPREF
            | op::GROUPREF_IGNORE
            | op::GROUPREF_LOC_IGNORE
            | op::GROUPREF_UNI_IGNORE => self.group_reference(op, at),
            op::GROUPREF_EXISTS => match self.group(self.word(pc + 1)?) {
                Some(_) => go(pc + 3),
                // The skip counts from the group's number.
                None => go(pc + 1 + self.word(pc + 2)? as usize),
            },
            op::ASSERT | op::ASSERT_NOT => self.assert(op, at),
            op::BRANCH => {
                let mut frame = self.frame(Jump::Branch, At { pc: pc + 1, ..at });
                if self.repeat.is_some() {
                    frame.saved = self.save();
                }
                self.branch(frame)
            }
            op::REPEAT_ONE | op::MIN_REPEAT_ONE => self.repeat_one(op, at),
            op::REPEAT => {
                let outer = self.repeat;
                let frame = self.frame(Jump::Repeat, at);
                if self.repeats.len() >= self.limits.frames {
                    return Err(RunError::OutOfFrames);
                }
                self.repeats.push(Repeat {
                    pc: pc + 1,
                    count: -1,
                    last: None,
                    outer,
                });
                self.repeat = Some(self.repeats.len() - 1);
                let pc = self.target(pc + 1)?;
                self.call(frame, At { pc, ..at })
            }
            op::MAX_UNTIL => self.max_until(at),
            op::MIN_UNTIL => self.min_until(at),
            _ => Err(RunError::InvalidCode),
        }
    }

    /// Tries an instruction that matches one character; returns its length and whether it does.
    fn single(&self, pc: usize, position: usize) -> Result<Option<(usize, bool)>> {
        let op = self.word(pc)?;
        let length = match op {
            op::ANY | op::ANY_ALL => 1,
            op::LITERAL
            | op::NOT_LITERAL
            | op::CATEGORY
            | op::LITERAL_IGNORE
            | op::NOT_LITERAL_IGNORE
            | op::LITERAL_UNI_IGNORE
            | op::NOT_LITERAL_UNI_IGNORE
            | op::LITERAL_LOC_IGNORE
            | op::NOT_LITERAL_LOC_IGNORE => 2,
            op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE | op::IN_LOC_IGNORE => {
                1 + self.word(pc + 1)? as usize
            }
            _ => return Ok(None),
        };
        let Some(c) = self.character(position) else {
            return Ok(Some((length, false)));
        };
        let invalid = RunError::InvalidCode;
        let set = |c| contains(&self.code[(pc + 2).min(self.code.len())..], c).ok_or(invalid);
        let literal = || self.word(pc + 1);
        let found = match op {
            op::ANY => !is_line_break(c),
            op::ANY_ALL => true,
            op::LITERAL => c == literal()?,
            op::NOT_LITERAL => c != literal()?,
            op::CATEGORY => is_category(literal()?, c).ok_or(invalid)?,
            op::LITERAL_IGNORE => lower_ascii(c) == literal()?,
            op::NOT_LITERAL_IGNORE => lower_ascii(c) != literal()?,
            op::LITERAL_UNI_IGNORE => lower_unicode(c) == literal()?,
            op::NOT_LITERAL_UNI_IGNORE => lower_unicode(c) != literal()?,
            op::LITERAL_LOC_IGNORE => is_locale_equal(c, literal()?),
            op::NOT_LITERAL_LOC_IGNORE => !is_locale_equal(c, literal()?),
            op::IN => set(c)?,
            op::IN_IGNORE => set(lower_ascii(c))?,
            op::IN_UNI_IGNORE => set(lower_unicode(c))?,
            _ => set(lower_ascii(c))? || set(upper_locale(c))?,
        };
        Ok(Some((length, found)))
    }

    fn succeed(&mut self, at: At) -> bool {
        let refused = at.top
            && (self.must_end && at.position != self.end || self.must_advance == Some(at.position));
        if !refused {
            self.position = at.position;
        }
        !refused
    }

    fn mark(&mut self, number: usize, position: usize) -> Result<()> {
        if number >= self.marks.len() {
            return Err(RunError::InvalidCode);
        }
        if number % 2 == 1 {
            self.captured.last_index = Some(number / 2 + 1);
        }
        if number >= self.captured.marks {
            self.marks[self.captured.marks..number].fill(None);
            self.captured.marks = number + 1;
        }
        self.marks[number] = Some(position);
        Ok(())
    }

    fn is_at(&self, place: u32, position: usize) -> Result<bool> {
        let before = position.checked_sub(1).map(|at| self.text.at(at));
        let after = self.character(position);
        let is_end = position == self.end;
        let boundary = |in_unicode: bool| {
            let is_word = |c: Option<u32>| c.is_some_and(|c| is_word(c, in_unicode));
            is_word(before) != is_word(after)
        };
        // Where there is no text, there is neither a boundary nor the absence of one.
        let empty = self.end == 0;
        Ok(match place {
            0 | 2 => position == 0,
            1 => before.is_none_or(is_line_break),
            3 | 8 => !empty && boundary(false),
            4 | 9 => !empty && !boundary(false),
            5 => is_end || position + 1 == self.end && after.is_some_and(is_line_break),
            6 => is_end || after.is_some_and(is_line_break),
            7 => is_end,
            10 => !empty && boundary(true),
            11 => !empty && !boundary(true),
            _ => return Err(RunError::InvalidCode),
        })
    }

    /// Returns what a group has captured; groups are numbered from 0 here.
    fn group(&self, number: u32) -> Option<(usize, usize)> {
        let first = 2 * number as usize;
        if first + 1 >= self.captured.marks.min(self.marks.len()) {
            return None;
        }
        let (start, end) = (self.marks[first]?, self.marks[first + 1]?);
        (start <= end).then_some((start, end))
    }

    fn group_reference(&mut self, op: u32, at: At) -> Result<Next> {
        let Some((start, end)) = self.group(self.word(at.pc + 1)?) else {
            return Ok(Next::Done(false));
        };
        self.spend((end - start) as u64)?;
        let fold = match op {
            op::GROUPREF => |c| c,
            op::GROUPREF_UNI_IGNORE => lower_unicode,
            _ => lower_ascii,
        };
        let mut position = at.position;
        for from in start..end {
            let same = self.character(position).map(fold) == Some(fold(self.text.at(from)));
            if !same {
                return Ok(Next::Done(false));
            }
            position += 1;
        }
        let pc = at.pc + 2;
        Ok(Next::Go(At { pc, position, ..at }))
    }

    fn assert(&mut self, op: u32, at: At) -> Result<Next> {
        let back = self.word(at.pc + 2)? as usize;
        let Some(position) = at.position.checked_sub(back) else {
            return match op {
                op::ASSERT => Ok(Next::Done(false)),
                _ => Ok(Next::Go(At {
                    pc: self.target(at.pc + 1)?,
                    ..at
                })),
            };
        };
        let jump = match op {
            op::ASSERT => Jump::Assert,
            _ => Jump::AssertNot,
        };
        let frame = self.frame(jump, at);
        let inner = At {
            pc: at.pc + 3,
            position,
            top: false,
        };
        self.call(frame, inner)
    }

    /// Tries the alternatives of a branch from the one at the frame's place on.
    fn branch(&mut self, mut frame: Frame) -> Result<Next> {
        loop {
            let pc = frame.at.pc;
            if self.word(pc)? == 0 {
                self.forget(&frame);
                return Ok(Next::Done(false));
            }
            let next = self.target(pc)?;
            let op = self.word(pc + 1)?;
            // An alternative whose first character does not match is not worth an attempt.
            let hopeless = (op == op::LITERAL || op == op::IN)
                && self
                    .single(pc + 1, frame.at.position)?
                    .is_some_and(|(_, found)| !found);
            let at = frame.at;
            frame.at.pc = next;
            if !hopeless {
                return self.call(frame, At { pc: pc + 1, ..at });
            }
            self.spend(1)?;
        }
    }

    /// Counts how many characters from `position` on the instruction at `pc` matches, up to `most`.
    fn count(&mut self, pc: usize, position: usize, most: u32) -> Result<usize> {
        let left = self.end.saturating_sub(position);
        let most = match most {
            MAX_REPEAT => left,
            most => left.min(most as usize),
        };
        let mut count = 0;
        while count < most {
            match self.single(pc, position + count)? {
                Some((_, true)) => count += 1,
                Some((_, false)) => break,
                None => return Err(RunError::InvalidCode),
            }
        }
        self.spend(count as u64 / 8)?;
        Ok(count)
    }

    fn repeat_one(&mut self, op: u32, at: At) -> Result<Next> {
        let least = self.word(at.pc + 2)? as usize;
        // A position beyond the end is too far even for no character at all.
        if self.end < at.position + least {
            return Ok(Next::Done(false));
        }
        let most = match op {
            op::REPEAT_ONE => self.word(at.pc + 3)?,
            _ => self.word(at.pc + 2)?,
        };
        let count = self.count(at.pc + 4, at.position, most)?;
        if count < least {
            return Ok(Next::Done(false));
        }
        let jump = match op {
            op::REPEAT_ONE => Jump::RepeatOne,
            _ => Jump::MinRepeatOne,
        };
        let mut frame = self.frame(jump, at);
        frame.count = count;
        match op {
            op::REPEAT_ONE => self.give_back(frame),
            _ => self.take_tail(frame),
        }
    }

    /// Tries the tail after as many characters as the frame counts, then after fewer and fewer.
    fn give_back(&mut self, mut frame: Frame) -> Result<Next> {
        let least = self.word(frame.at.pc + 2)? as usize;
        let tail = self.target(frame.at.pc + 1)?;
        if self.word(tail)? == op::LITERAL {
            let literal = self.word(tail + 1)?;
            let start = frame.at.position;
            let found = (least..=frame.count)
                .rev()
                .find(|&count| self.character(start + count) == Some(literal));
            self.spend((frame.count - found.unwrap_or(least)) as u64 / 8)?;
            let Some(found) = found else {
                return Ok(Next::Done(false));
            };
            frame.count = found;
        }
        let at = At {
            pc: tail,
            position: frame.at.position + frame.count,
            ..frame.at
        };
        self.call(frame, at)
    }

    /// Tries the tail after as many characters as the frame counts.
    fn take_tail(&mut self, frame: Frame) -> Result<Next> {
        let pc = self.target(frame.at.pc + 1)?;
        let position = frame.at.position + frame.count;
        let at = At {
            pc,
            position,
            ..frame.at
        };
        self.call(frame, at)
    }

    /// Returns the innermost repetition, its number, and how many bodies it would have with one
    /// more.
    fn innermost(&self) -> Result<(usize, i64)> {
        let number = self.repeat.ok_or(RunError::InvalidCode)?;
        Ok((number, self.repeats[number].count + 1))
    }

    fn bounds(&self, number: usize) -> Result<(i64, Option<i64>)> {
        let pc = self.repeats[number].pc;
        let most = match self.word(pc + 2)? {
            MAX_REPEAT => None,
            most => Some(i64::from(most)),
        };
        Ok((i64::from(self.word(pc + 1)?), most))
    }

    /// Matches the body of a repetition once more.
    fn body(&mut self, mut frame: Frame, number: usize, count: i64) -> Result<Next> {
        frame.count = count as usize;
        let pc = self.repeats[number].pc + 3;
        self.repeats[number].count = count;
        let at = At { pc, ..frame.at };
        self.call(frame, at)
    }

    /// Matches what follows a repetition.
    fn tail(&mut self, frame: Frame, number: usize) -> Result<Next> {
        self.repeat = self.repeats[number].outer;
        let at = At {
            pc: frame.at.pc + 1,
            ..frame.at
        };
        self.call(frame, at)
    }

    fn max_until(&mut self, at: At) -> Result<Next> {
        let (number, count) = self.innermost()?;
        let (least, most) = self.bounds(number)?;
        if count < least {
            let frame = self.frame(Jump::UntilLeast, at);
            return self.body(frame, number, count);
        }
        let advances = self.repeats[number].last != Some(at.position);
        if most.is_none_or(|most| count < most) && advances {
            let mut frame = self.frame(Jump::MaxUntilMore, at);
            frame.saved = self.save();
            frame.last = self.repeats[number].last.replace(at.position);
            return self.body(frame, number, count);
        }
        let frame = self.frame(Jump::MaxUntilTail, at);
        self.tail(frame, number)
    }

    fn min_until(&mut self, at: At) -> Result<Next> {
        let (number, count) = self.innermost()?;
        let (least, _) = self.bounds(number)?;
        if count < least {
            let frame = self.frame(Jump::UntilLeast, at);
            return self.body(frame, number, count);
        }
        let frame = self.frame(Jump::MinUntilTail, at);
        self.tail(frame, number)
    }

    /// Goes on after the attempt for which `frame` was put on the stack.
    fn resume(&mut self, frame: Frame, found: bool) -> Result<Next> {
        match frame.jump {
            Jump::Assert | Jump::AssertNot => {
                if found != (frame.jump == Jump::Assert) {
                    return Ok(Next::Done(false));
                }
                let pc = self.target(frame.at.pc + 1)?;
                Ok(Next::Go(At { pc, ..frame.at }))
            }
            Jump::Branch if found => {
                self.forget(&frame);
                Ok(Next::Done(true))
            }
            Jump::Branch => {
                self.restore(&frame, true);
                self.branch(frame)
            }
            Jump::RepeatOne => self.after_repeat_one(frame, found),
            Jump::MinRepeatOne => self.after_min_repeat_one(frame, found),
            Jump::Repeat => {
                self.repeats.pop();
                self.repeat = frame.repeat;
                Ok(Next::Done(found))
            }
            Jump::UntilLeast => {
                if !found && let Some(number) = frame.repeat {
                    self.repeats[number].count = frame.count as i64 - 1;
                }
                Ok(Next::Done(found))
            }
            Jump::MaxUntilMore => self.after_max_until_more(frame, found),
            Jump::MaxUntilTail => {
                self.repeat = frame.repeat;
                Ok(Next::Done(found))
            }
            Jump::MinUntilTail => self.after_min_until_tail(frame, found),
            Jump::MinUntilMore => {
                if let Some(number) = frame.repeat {
                    self.repeats[number].last = frame.last;
                    if !found {
                        self.repeats[number].count = frame.count as i64 - 1;
                    }
                }
                Ok(Next::Done(found))
            }
        }
    }

    fn after_repeat_one(&mut self, mut frame: Frame, found: bool) -> Result<Next> {
        if found {
            return Ok(Next::Done(true));
        }
        self.restore(&frame, true);
        if frame.count <= self.word(frame.at.pc + 2)? as usize {
            return Ok(Next::Done(false));
        }
        frame.count -= 1;
        self.spend(1)?;
        self.give_back(frame)
    }

    fn after_min_repeat_one(&mut self, mut frame: Frame, found: bool) -> Result<Next> {
        if found {
            return Ok(Next::Done(true));
        }
        let most = self.word(frame.at.pc + 3)?;
        let position = frame.at.position + frame.count;
        let more = (most == MAX_REPEAT || frame.count < most as usize)
            && self.count(frame.at.pc + 4, position, 1)? == 1;
        if !more {
            return Ok(Next::Done(false));
        }
        frame.count += 1;
        self.restore(&frame, true);
        self.take_tail(frame)
    }

    fn after_max_until_more(&mut self, frame: Frame, found: bool) -> Result<Next> {
        let number = frame.repeat.ok_or(RunError::InvalidCode)?;
        self.repeats[number].last = frame.last;
        if found {
            self.forget(&frame);
            return Ok(Next::Done(true));
        }
        self.restore(&frame, false);
        self.repeats[number].count = frame.count as i64 - 1;
        let frame = self.frame(Jump::MaxUntilTail, frame.at);
        self.tail(frame, number)
    }

    fn after_min_until_tail(&mut self, frame: Frame, found: bool) -> Result<Next> {
        self.repeat = frame.repeat;
        if found {
            return Ok(Next::Done(true));
        }
        self.restore(&frame, true);
        let (number, count) = self.innermost()?;
        let (_, most) = self.bounds(number)?;
        let stuck = self.repeats[number].last == Some(frame.at.position);
        if most.is_some_and(|most| count >= most) || stuck {
            return Ok(Next::Done(false));
        }
        let mut frame = self.frame(Jump::MinUntilMore, frame.at);
        frame.last = self.repeats[number].last.replace(frame.at.position);
        self.body(frame, number, count)
    }
}

fn upper_locale(c: u32) -> u32 {
    match c {
        0x61..=0x7a => c - 32,
        _ => c,
    }
}

fn is_locale_equal(c: u32, literal: u32) -> bool {
    c == literal || lower_ascii(c) == literal || upper_locale(c) == literal
}
