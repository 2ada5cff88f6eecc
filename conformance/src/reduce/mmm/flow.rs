//! The flow of values in a function: which instruction produced each item that another one uses.
//! There are no jumps, so this is known without running anything.

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
    /// All types, the plainest first.
    pub(super) const ALL: [Type; 6] = [
        Type::Int,
        Type::Float,
        Type::Byte,
        Type::Bool,
        Type::Str,
        Type::Char,
    ];

    /// Returns the mnemonic that pushes a literal of this type.
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

    /// Returns the type of an instruction's literal.
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

/// The number of items of a stack that are tracked, from the topmost.
const MAX_ITEMS: usize = 64;

/// What an instruction does to its function's stack.
#[derive(Clone, Debug, Default)]
struct Effect {
    /// The instructions that produced the items that it uses.
    uses: Vec<usize>,
    /// The type of the item that it pushes, if it pushes one and if the type is known.
    pushes: Option<Option<Type>>,
    /// The topmost item before it.
    before: Option<usize>,
}

/// The flow of values in a body.
pub(super) struct Flow {
    effects: Vec<Effect>,
    /// All items that are ever on the stack: the instruction that produced each, and the item below
    /// it.
    items: Vec<(usize, Option<usize>)>,
    /// The topmost item after the last instruction.
    after: Option<usize>,
}

impl Flow {
    /// Returns the flow of values in the body of a function of a file.
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
                    whole.iter().map(|&at| self.result_type(at)).collect();
                effect.uses = whole;
                if mnemonic == "bin_op" {
                    effect.pushes = Some(operator_type(&types));
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
                    effect.pushes = Some(None);
                }
            }
            "stack_size" => effect.pushes = Some(Some(Type::Int)),
            "constexpr" | "bool" | "string" | "int" | "float" | "char" | "byte" => {
                effect.pushes = Some(Type::of_literal(mnemonic, operand));
            }
            // Nothing is known about anything else.
            _ => {}
        }
        if effect.pushes.is_some() {
            self.items.push((at, self.after));
            self.after = Some(self.items.len() - 1);
        }
        effect
    }

    /// Returns the producers of the items of a stack, the topmost first.
    fn stack(&self, top: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        let items = std::iter::successors(top, |&item| self.items[item].1);
        items.map(|item| self.items[item].0).take(MAX_ITEMS)
    }

    fn below(&self, item: Option<usize>) -> Option<usize> {
        self.items[item?].1
    }

    /// Returns the type of the item that an instruction pushes, if it is known.
    pub(super) fn result_type(&self, at: usize) -> Option<Type> {
        self.effects[at].pushes.flatten()
    }

    /// Returns true if an instruction pushes an item.
    pub(super) fn has_result(&self, at: usize) -> bool {
        self.effects[at].pushes.is_some()
    }

    /// Returns the types on the stack before an instruction, the oldest first.
    pub(super) fn types(&self, at: usize) -> Vec<Option<Type>> {
        let stack = self.stack(self.effects[at].before);
        let mut types: Vec<Option<Type>> =
            stack.map(|producer| self.result_type(producer)).collect();
        types.reverse();
        types
    }

    /// Returns the producers of the items that an instruction uses, the topmost first.
    pub(super) fn uses(&self, at: usize) -> &[usize] {
        &self.effects[at].uses
    }

    /// Returns an instruction with all those that produce its operands, directly or not.
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

    /// Returns the first instructions of statements: those before which the stack is empty.
    pub(super) fn statements(&self) -> Vec<usize> {
        let empty = |at: &usize| self.effects[*at].before.is_none();
        (0..self.effects.len()).filter(empty).collect()
    }
}

/// Returns the type of an operator's result.
fn operator_type(types: &[Option<Type>]) -> Option<Type> {
    match types {
        [Some(a), Some(b)] if a == b => Some(*a),
        [Some(Type::Float), Some(_)] | [Some(_), Some(Type::Float)] => Some(Type::Float),
        [Some(_), Some(_)] => Some(Type::Int),
        _ => None,
    }
}
