//! `from __future__ import`: which features a source turns on.

use crate::ast::StmtKind;
use crate::error::{Failure, Result};
use crate::names::Sym;
use crate::parse::Unit;
use crate::upstream::object::flags;

/// What the features are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Future {
    /// Flags of code objects.
    pub(crate) features: u32,
    /// The line of the last import; later ones are errors.
    pub(crate) line: u32,
}

/// Finds the features of a module.
pub(crate) fn find(unit: &Unit, body: crate::ast::Block) -> Result<Future> {
    let mut future = Future {
        features: 0,
        line: 0,
    };
    let mut done = false;
    let mut line = 0;
    let documented = usize::from(crate::fold::doc(unit, body).is_some());
    for &id in &unit.ast.stmts_of(body)[documented..] {
        let stmt = unit.ast.at(id);
        if done && stmt.line > line {
            break;
        }
        line = stmt.line;
        match stmt.kind {
            StmtKind::ImportFrom {
                module: Some(Sym::FUTURE),
                names,
                ..
            } => {
                let col = i64::from(stmt.col) + 1;
                if done {
                    let message = "from __future__ imports must occur at the beginning of the file";
                    return Err(Failure::syntax(message, stmt.line, col - 1));
                }
                for alias in &unit.ast.aliases[names.range()] {
                    let name = unit.names.show(alias.name);
                    future.features |= feature(&name, stmt.line, col)?;
                }
                future.line = stmt.line;
            }
            _ => done = true,
        }
    }
    Ok(future)
}

fn feature(name: &str, line: u32, col: i64) -> Result<u32> {
    Ok(match name {
        "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement"
        | "print_function" | "unicode_literals" | "generator_stop" => 0,
        "barry_as_FLUFL" => flags::FUTURE_BARRY_AS_BDFL,
        "annotations" => flags::FUTURE_ANNOTATIONS,
        "braces" => return Err(Failure::syntax("not a chance", line, col)),
        _ => {
            let message = format!("future feature {name} is not defined");
            return Err(Failure::syntax(message, line, col));
        }
    })
}
