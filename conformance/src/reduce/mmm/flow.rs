//! Which instructions of a function made the items that others take. There are no jumps, so that
//! this is known without running anything.

use super::source::{Line, Source};
use std::collections::BTreeSet;
use std::rc::Rc;

/// A type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// `int`
    Int,
    /// `float`
    Float,
    /// `byte`
    Byte,
    /// `bool`
    Bool,
    /// `string`
    Str,
    /// `char`
    Char,
}

impl Type {
    /// All of them, the plainest first.
    pub(super) const ALL: [Type; 6] = [
        Type::Int,
        Type::Float,
        Type::Byte,
        Type::Bool,
        Type::Str,
        Type::Char,
    ];

    /// The instruction that pushes a literal of it.
    pub(super) fn mnemonic(self) -> &'static str {
        match self {
            Type::Int => "int",
            Type::Float => "float",
            Type::Byte => "byte",
            Type::Bool => "bool",
            Type::Str => "string",
            Type::Char => "char",
        }
    }

    /// The type of an instruction's literal.
    pub(super) fn of_literal(mnemonic: &str, operand: &str) -> Option<Type> {
        if mnemonic != "constexpr" {
            return Type::ALL
                .into_iter()
                .find(|known| known.mnemonic() == mnemonic);
        }
        Some(match operand {
            "true" | "false" => Type::Bool,
            _ if operand.starts_with('"') => Type::Str,
            _ if operand.starts_with('\'') => Type::Char,
            _ if operand.starts_with("0b") => Type::Byte,
            _ if operand.parse::<i32>().is_ok() => Type::Int,
            _ if operand.parse::<f64>().is_ok() => Type::Float,
            _ => return None,
        })
    }
}

/// So many items of a stack are looked at.
const MOST: usize = 64;

/// What an instruction does to its function's stack.
#[derive(Clone, Debug, Default)]
struct Effect {
    /// Who made the items that it takes or looks at.
    uses: Vec<usize>,
    /// What it leaves, if it leaves something: of a type that may be unknown.
    leaves: Option<Option<Type>>,
    /// The stack before it.
    before: Option<usize>,
}

/// What the instructions of a body do.
pub(super) struct Flow {
    effects: Vec<Effect>,
    /// The items that ever were on the stack: who made them, and what lies below.
    items: Vec<(usize, Option<usize>)>,
    /// The stack behind the last instruction.
    after: Option<usize>,
}

impl Flow {
    /// Follows the values through a function of a file.
    pub(super) fn of(source: &Source, file: usize, body: &[Rc<Line>]) -> Flow {
        let mut flow = Flow {
            effects: Vec::with_capacity(body.len()),
            items: Vec::new(),
            after: None,
        };
        for (at, line) in body.iter().enumerate() {
            let effect = flow.step(source, file, at, line);
            flow.effects.push(effect);
        }
        flow
    }

    fn step(&mut self, source: &Source, file: usize, at: usize, line: &Line) -> Effect {
        let top = self.after;
        let mut effect = Effect {
            before: top,
            ..Effect::default()
        };
        let (mnemonic, operand) = line.insn_parts().unwrap_or(("", ""));
        match mnemonic {
            "bin_op" | "ret" => {
                let whole: Vec<usize> = self.stack(top).collect();
                let types: Vec<Option<Type>> =
                    whole.iter().map(|&item| self.leaves(item)).collect();
                effect.uses = whole;
                if mnemonic == "bin_op" {
                    effect.leaves = Some(result(&types));
                    self.after = self.below(self.below(top));
                }
            }
            "pop" => {
                effect.uses = self.stack(top).take(1).collect();
                self.after = self.below(top);
            }
            "printn" => {
                let whole = self.stack(top);
                effect.uses = match operand.parse::<usize>() {
                    Ok(index) => {
                        let whole: Vec<usize> = whole.collect();
                        let from_top = whole.len().checked_sub(index.saturating_add(1));
                        from_top.map_or(whole.clone(), |at| vec![whole[at]])
                    }
                    Err(_) => whole.collect(),
                };
            }
            "void" => self.after = None,
            "call" => {
                let callee = source.callee(file, line);
                if callee.is_some_and(|callee| source.returns(callee)) {
                    effect.leaves = Some(None);
                }
            }
            "stack_size" => effect.leaves = Some(Some(Type::Int)),
            "constexpr" | "bool" | "string" | "int" | "float" | "char" | "byte" => {
                effect.leaves = Some(Type::of_literal(mnemonic, operand));
            }
            // Nothing is known of what else may stand there, nor needs to be.
            _ => {}
        }
        if effect.leaves.is_some() {
            self.items.push((at, self.after));
            self.after = Some(self.items.len() - 1);
        }
        effect
    }

    /// Who made the items of a stack, the topmost first, as far as anybody wants to know.
    fn stack(&self, top: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        let items = std::iter::successors(top, |&item| self.items[item].1);
        items.map(|item| self.items[item].0).take(MOST)
    }

    fn below(&self, item: Option<usize>) -> Option<usize> {
        self.items[item?].1
    }

    /// The type of what an instruction leaves, if it is known.
    pub(super) fn leaves(&self, at: usize) -> Option<Type> {
        self.effects[at].leaves.flatten()
    }

    /// Whether an instruction leaves a value.
    pub(super) fn leaves_any(&self, at: usize) -> bool {
        self.effects[at].leaves.is_some()
    }

    /// The types on the stack before an instruction, the oldest first.
    pub(super) fn types(&self, at: usize) -> Vec<Option<Type>> {
        let stack = self.stack(self.effects[at].before);
        let mut types: Vec<Option<Type>> = stack.map(|maker| self.leaves(maker)).collect();
        types.reverse();
        types
    }

    /// Who made what an instruction takes or looks at, the topmost first.
    pub(super) fn uses(&self, at: usize) -> &[usize] {
        &self.effects[at].uses
    }

    /// An instruction with all those that its operands come from.
    pub(super) fn tree(&self, at: usize) -> BTreeSet<usize> {
        let mut tree = BTreeSet::new();
        let mut open = vec![at];
        while let Some(next) = open.pop() {
            if tree.insert(next) {
                open.extend_from_slice(&self.effects[next].uses);
            }
        }
        tree
    }

    /// Where the stack is empty: the first instructions of statements.
    pub(super) fn statements(&self) -> Vec<usize> {
        let empty = |at: &usize| self.effects[*at].before.is_none();
        (0..self.effects.len()).filter(empty).collect()
    }
}

/// The type of a sum.
fn result(types: &[Option<Type>]) -> Option<Type> {
    match types {
        [Some(a), Some(b)] if a == b => Some(*a),
        [Some(Type::Float), Some(_)] | [Some(_), Some(Type::Float)] => Some(Type::Float),
        [Some(_), Some(_)] => Some(Type::Int),
        _ => None,
    }
}
