//! The tables of instructions in the specifications are those of the code.

use super::{check_file, read};
use conformance::machine::Machine;
use conformance::spec;
use std::fmt::Write as _;

#[test]
fn the_instructions_of_mmm_are_in_its_specification() {
    let mut table = String::from(
        "| instruction | operand | needs | stack | faults | clauses |\n|---|---|---|---|---|---|\n",
    );
    for info in &vm::mmm::insn::TABLE {
        let faults: Vec<String> = info
            .faults
            .iter()
            .map(|fault| format!("`{}`", fault.code()))
            .collect();
        let operand = match info.operand_form() {
            "" => String::new(),
            form => format!("`{}`", form.replace('|', "\\|")),
        };
        let _ = writeln!(
            table,
            "| `{}` | {operand} | {} | {} | {} | `{}.…` |",
            info.mnemonic,
            info.needs,
            info.effect,
            faults.join(" "),
            info.clause,
        );
    }
    check_table(Machine::Mmm, "instructions", &table);
    for info in &vm::mmm::insn::TABLE {
        let prefix = format!("{}.", info.clause);
        let clauses = spec::clauses(Machine::Mmm).unwrap_or_default();
        assert!(
            clauses.iter().any(|clause| clause.id.starts_with(&prefix)),
            "no clause {prefix}…"
        );
    }
}

/// Returns a row of a table of the `.Sc.` machine; checks that its clauses are in the specification.
fn sc_cells(row: &vm::sc::insn::Row) -> String {
    let bytes: Vec<String> = row.bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let fields: Vec<&str> = row.fields.iter().map(|field| field.name).collect();
    let prefix = format!("{}.", row.clause);
    let clauses = spec::clauses(Machine::Sc).unwrap_or_default();
    assert!(
        clauses.iter().any(|clause| clause.id.starts_with(&prefix)),
        "no clause {prefix}…"
    );
    format!(
        "| {} | `{}` | {} | {} | {} | `{prefix}…` |\n",
        row.name,
        bytes.join(" "),
        fields.join(", "),
        if row.extension { "yes" } else { "" },
        row.doc,
    )
}

#[test]
fn the_instructions_of_sc_are_in_its_specification() {
    use vm::sc::insn::{CONSTANTS, INSNS, OPERATORS, PUSHES};
    let head = |first: &str| {
        let dashes = "|---|---|---|---|---|---|";
        format!("| {first} | bytes | fields | extension | what it does | clauses |\n{dashes}\n")
    };
    let table = |first: &str, rows: &mut dyn Iterator<Item = &vm::sc::insn::Row>| {
        head(first) + &rows.map(sc_cells).collect::<String>()
    };
    let instructions = table("instruction", &mut INSNS.iter());
    check_table(Machine::Sc, "instructions", &instructions);
    let operators = OPERATORS.iter().map(|entry| &entry.row);
    let ast = table("ast instruction", &mut PUSHES.iter().chain(operators));
    check_table(Machine::Sc, "ast", &ast);
    let mut constants =
        String::from("| constant | tag | what follows | clauses |\n|---|---|---|---|\n");
    for row in &CONSTANTS {
        let tag = row.bytes[0];
        let _ = writeln!(
            constants,
            "| {} | `{tag:02x}` | {} | `{}.…` |",
            row.name, row.doc, row.clause
        );
    }
    check_table(Machine::Sc, "constants", &constants);
}

/// Returns how many items an instruction takes or leaves, as a term of its argument `n`.
fn items(count: fn(u64) -> u64) -> String {
    let [none, one, two, three, four] = [0, 1, 2, 3, 4].map(count);
    let linear = three + one == 2 * two && none + two == 2 * one && four + two == 2 * three;
    match (linear, none, one.wrapping_sub(none)) {
        (false, ..) => "by n".to_owned(),
        (true, none, 0) => none.to_string(),
        (true, 0, 1) => "n".to_owned(),
        (true, 0, slope) => format!("{slope}n"),
        (true, none, 1) => format!("n + {none}"),
        (true, none, slope) => format!("{slope}n + {none}"),
    }
}

#[test]
fn the_opcodes_of_py_are_in_its_specification() {
    use vm::py::insn::{Arg, Block, Branch, TABLE};
    let mut table = String::from(
        "| number | instruction | argument | takes | leaves | if it jumps | blocks | clauses |\n|---|---|---|---|---|---|---|---|\n",
    );
    let clauses = spec::clauses(Machine::Py).unwrap_or_default();
    for row in &TABLE {
        let prefix = format!("{}.", row.op.clause());
        assert!(
            clauses.iter().any(|clause| clause.id.starts_with(&prefix)),
            "no clause {prefix}…"
        );
        let argument = match row.arg {
            Arg::None => String::new(),
            arg => format!("{arg:?}"),
        };
        let jumps = match row.branch {
            Branch::None => String::new(),
            Branch::Jumps => "always".to_owned(),
            Branch::Ends => "ends".to_owned(),
            Branch::MayJump { pops, pushes } => format!("{pops} → {pushes}"),
            Branch::Handler { pops, pushes } => format!("handler {pops} → {pushes}"),
        };
        let blocks = match row.block {
            Block::None => "",
            Block::Push => "opens one",
            Block::Pop => "closes one",
            Block::PopHandler => "closes a handler's",
        };
        let _ = writeln!(
            table,
            "| {} | `{}` | {argument} | {} | {} | {jumps} | {blocks} | `{prefix}…` |",
            row.op as u8,
            row.mnemonic,
            items(row.pops),
            items(row.pushes),
        );
    }
    check_table(Machine::Py, "instructions", &table);
}

/// Checks a table between its marks in a specification.
fn check_table(machine: Machine, mark: &str, table: &str) {
    let name = format!("conformance/spec/{machine}.md");
    let text = read(&name);
    let (open, close) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let (before, rest) = text.split_once(&open).expect("the table's mark is there");
    let (_, after) = rest.split_once(&close).expect("the table's end is there");
    check_file(&name, &format!("{before}{open}{table}{close}{after}"));
}
