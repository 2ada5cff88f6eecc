//! Explains why a run was stopped.

use super::file::Spot;
use super::insn::{Fault, Op};
use super::print::print_expression;
use super::program::{Outcome, Pc, Program};
use super::source::Source;
use vm_base::{Diagnostic, Ending, Limit};

impl Program {
    /// Returns a diagnostic that says why a run was stopped, and where; `None` if the program
    /// returned, or if it was the host that stopped it.
    pub fn explain(&self, outcome: &Outcome) -> Option<Diagnostic> {
        let message = match &outcome.ending {
            Ending::Returned(()) | Ending::Host(_) => return None,
            Ending::Faulted(fault) => format!("fault {}: {fault}", fault.code()),
            Ending::Limited(limit) => {
                format!("limit {}: {}", limit.code(), limit_reason(*limit))
            }
        };
        let Pc {
            instruction: insn,
            ast_op,
        } = *outcome.at()?;
        let row = self.file.row(self.file.instructions.get(insn)?);
        let field = None;
        let spot = match (&self.source, ast_op) {
            (Source::Text(..), Some((ast, op))) => Spot::Op { ast, op, field },
            _ => Spot::Insn { insn, field },
        };
        let label = match spot {
            Spot::Op { ast, op, .. } => self.file.asts.get(ast)?.ops.get(op)?.row().name,
            _ => row.name,
        };
        let place = self.source.place(&self.name, &self.file, spot, label);
        let mut found = Diagnostic::error(message).at(place);
        let Some((ast, op)) = ast_op else {
            return Some(found.note(format!("at instruction {insn} ({})", row.name)));
        };
        let item = self.file.asts.get(ast)?;
        let op_item = *item.ops.get(op)?;
        if let Some(about) = self.about(outcome.fault(), op_item) {
            found = found.note(about);
        }
        found = found.note(format!("at instruction {insn} ({})", row.name));
        if let Source::Binary(_) = self.source
            && item.ops.len() <= MAX_SHOWN_OPS
        {
            let mut text = String::new();
            print_expression(&self.file, item, None, &mut text);
            found = found.note(format!("in ast {ast}: {text}"));
        }
        Some(found.note(format!(
            "at its ast instruction {op} ({})",
            op_item.row().name
        )))
    }

    /// Returns which variable or function a fault is about.
    fn about(&self, fault: Option<&Fault>, op: Op) -> Option<String> {
        let shown = |name| {
            self.file
                .name(name)
                .map(|name| name.chars().take(60).collect::<String>())
        };
        match (fault?, op) {
            (Fault::UnsetVariable, Op::PushVar(name)) => {
                Some(format!("the variable is '{}'", shown(name)?))
            }
            (Fault::UnknownFunction, Op::Call { name, .. }) => {
                let name = shown(name)?;
                let near = vm_base::closest(&name, self.functions.names());
                let hint = near.map_or(String::new(), |near| format!("; did you mean '{near}'?"));
                Some(format!("the function is '{name}'{hint}"))
            }
            (Fault::Arity | Fault::TypeMismatch | Fault::BadValue, Op::Call { name, argc }) => {
                let arguments = if argc == 1 { "argument" } else { "arguments" };
                Some(format!(
                    "the function is '{}', called with {argc} {arguments}",
                    shown(name)?
                ))
            }
            _ => None,
        }
    }
}

/// An expression with more ast instructions is not shown in a diagnostic.
const MAX_SHOWN_OPS: usize = 60;

/// Returns what a limit means for the instruction that reached it.
fn limit_reason(limit: Limit) -> &'static str {
    match limit {
        Limit::OutOfFuel => "the fuel is used up",
        Limit::OutputLimit => "the output would exceed the limit",
        Limit::MemoryLimit => "the program would use more memory than the limit",
        Limit::CallDepth => "the calls would nest deeper than the limit",
    }
}
