//! The page that tells of a finding.

use super::localize::Next;
use super::{Divergence, EngineRun, Finding, Groups, Options, REFERENCE};
use crate::machine::Machine;
use crate::spec;
use std::fmt::Write as _;
use std::path::Path;

/// A cell of a table is cut behind so many characters.
const WIDEST: usize = 72;
/// A program or an observation of more lines than this is cut.
const LONGEST: usize = 200;

/// The page; `folder` is where it will lie.
pub(super) fn page(options: &Options, finding: &Finding, folder: &Path) -> String {
    let identity = &finding.identity;
    let machine = options.machine;
    let mut page = format!("# {machine}: {}\n\n", finding.camps);
    let difference = &finding.difference;
    let _ = write!(
        page,
        "The {} differs first: {} says `{}`, {} says `{}`.\n\
         Program {} of seed {} disagreed, {}; {}.\n\n",
        difference.kind.name(),
        finding.norm(),
        difference.expected,
        finding.engine,
        difference.found,
        finding.number,
        options.seed,
        match finding.times - 1 {
            0 => "and no other of the campaign in the same way".to_owned(),
            1 => "and 1 more of the campaign in the same way".to_owned(),
            more => format!("and {more} more of the campaign in the same way"),
        },
        reduction(options, finding),
    );
    if finding.found.ending.is_odd() {
        let _ = write!(page, "In short, {} {}.\n\n", finding.engine, identity.kind);
    }
    if !finding.clause.is_empty() {
        let clauses = spec::clauses(machine).unwrap_or_default();
        let sentence = clauses.iter().find(|clause| clause.id == finding.clause);
        let sentence = sentence.map_or("", |clause| &clause.text);
        let at = match identity.instruction.is_empty() {
            true => String::new(),
            false => format!(", at `{}`", identity.instruction),
        };
        let _ = write!(
            page,
            "The clause that the reference applied there last{at}:\n\n> **[{}]** {sentence}\n\n",
            finding.clause
        );
    }
    for (name, bytes) in &finding.case.files {
        let (what, text) = readable(machine, name, bytes);
        let _ = write!(page, "`{name}`{what}:\n\n{}\n", indented(&text));
    }
    let _ = write!(
        page,
        "## What each saw\n\n{}\n",
        indented(&table(&finding.voices, &finding.camps))
    );
    for voice in &finding.voices {
        if let Some(detail) = &voice.seen.detail {
            let _ = write!(
                page,
                "In the words of {}:\n\n{}\n",
                voice.name,
                indented(detail)
            );
        }
    }
    if let Some(parting) = &finding.parting {
        page += &parted(parting, &finding.engine);
    }
    page += &again(options, finding, folder);
    let _ = write!(
        page,
        "## What to do\n\n\
         Say which one is right by the specification, mend the other, see that the header names the\n\
         clauses that this shows (`holds:`, `breaks:`, `boundary:`), and move the case to the corpus,\n\
         under `conformance/corpus/{machine}/`.\n"
    );
    page
}

/// How small the program is.
fn reduction(options: &Options, finding: &Finding) -> &'static str {
    match (finding.steady, finding.reduced) {
        (false, _) => {
            "it did not do so in the same way when it was run again, so that it stands here as it was \
             made"
        }
        (true, true) => "it is reduced here",
        (true, false) if options.reduce => {
            "the time was over before it was as small as it can be: the command under Again goes on"
        }
        (true, false) => "it is as it was made",
    }
}

/// Where the runs part.
fn parted(parting: &Divergence, engine: &str) -> String {
    let shown = |state: &[String]| match state.is_empty() {
        true => "nothing".to_owned(),
        false => cut(&state.join(", ").escape_debug().to_string()),
    };
    let next = |next: &Next| match next {
        Next::Step(at, state) => format!("at {at}, holding {}", shown(state)),
        Next::End(words) => format!("over: {}", cut(words)),
    };
    let mut text = format!(
        "## Where they part\n\nAt instruction {} of the run, `{}` at {}:\n\n",
        parting.number,
        cut(&parting.instruction),
        parting.at
    );
    let width = engine.chars().count().max("reference".len());
    for (who, what) in [
        ("before it", format!("holding {}", shown(&parting.before))),
        ("reference", next(&parting.expected)),
        (engine, next(&parting.found)),
    ] {
        let _ = writeln!(text, "    {who:<width$}  {what}");
    }
    text.push('\n');
    text
}

/// The commands that show it again.
fn again(options: &Options, finding: &Finding, folder: &Path) -> String {
    let Options { machine, seed, .. } = options;
    let quote = |text: &str| shell_words::quote(text).into_owned();
    let folder_name = quote(&folder.display().to_string());
    let mut entry = folder.to_owned();
    let one_file = finding.case.files.len() == 1 && folder.join(&finding.case.entry).is_file();
    if !one_file {
        entry.push(format!("{}.case", finding.case.name));
    }
    let entry = entry.join(&finding.case.entry).display().to_string();
    let mut run = "mmm run".to_owned();
    let root = folder.join(format!("{}.case", finding.case.name));
    if finding.case.root && finding.case.entry.contains('/') {
        run += &format!(" --root {}", quote(&root.display().to_string()));
    }
    for (flag, most) in [
        (" --strict", finding.case.strict.then_some(None)),
        (" --fuel", finding.case.limits.fuel.map(Some)),
        (" --max-depth", finding.case.limits.call_depth.map(Some)),
        (" --max-output", finding.case.limits.output_bytes.map(Some)),
        (" --max-memory", finding.case.limits.heap_bytes.map(Some)),
    ] {
        if let Some(most) = most {
            run += flag;
            run += &most.map_or(String::new(), |most: u64| format!(" {most}"));
        }
    }
    if !machine.has_reference() {
        return again_on_engines(options, finding, folder, &quote(&entry));
    }
    let mut text = format!("## Again\n\n    {run} {}\n", quote(&entry));
    for flag in options.commands.values() {
        let command = format!("mmm conform --corpus {folder_name} {flag}");
        let _ = writeln!(text, "    {}", command.trim_end());
    }
    let flag = options.commands.get(&finding.engine);
    if let (true, false, Some(flag)) = (finding.steady, finding.reduced, flag) {
        let root = match run.contains(" --root ") {
            true => format!(" --root {}", quote(&root.display().to_string())),
            false => String::new(),
        };
        let smaller = quote(&folder.join("smaller").display().to_string());
        let flag = format!(" {flag}");
        let _ = writeln!(
            text,
            "    mmm reduce {}{root}{} -o {smaller}",
            quote(&entry),
            flag.trim_end()
        );
    }
    if !options.mutated {
        let aim = match options.aim.name() {
            Some(name) => format!(" --aim {name}"),
            None => String::new(),
        };
        let number = finding.number;
        let _ = writeln!(
            text,
            "    mmm gen --machine {machine} --seed {seed} --number {number}{aim}    # before it was reduced"
        );
    }
    text.push('\n');
    text
}

/// The same where only engines know what a program does.
fn again_on_engines(options: &Options, finding: &Finding, folder: &Path, entry: &str) -> String {
    let Options { machine, seed, .. } = options;
    let number = finding.number;
    let inside =
        |name: &str| shell_words::quote(&folder.join(name).display().to_string()).into_owned();
    let aim = match options.aim.name() {
        Some(name) => format!(" --aim {name}"),
        None => String::new(),
    };
    let mut text = "## Again\n\n".to_owned();
    if let Some(flags) = pair(options, finding) {
        let _ = writeln!(
            text,
            "    mmm reduce {entry} {flags} -o {}",
            inside("smaller")
        );
    }
    let _ = writeln!(
        text,
        "    mmm gen --machine {machine} --seed {seed} --number {number}{aim}    # before it was reduced\n    \
         mmm asm {entry} -o {}    # for engines to be run by hand\n",
        inside("main.pyc")
    );
    text
}

/// The flags that name the engine that differs and the norm, if a command takes the norm: it takes
/// no server that has no name.
fn pair(options: &Options, finding: &Finding) -> Option<String> {
    let theirs = options.commands.get(&finding.engine)?;
    let norm = options.commands.get(&finding.norm())?;
    let words = shell_words::split(norm).ok()?;
    let against = match &words[..] {
        [flag, name, ..] if flag != "--vm-serve" => shell_words::quote(name),
        _ => return None,
    };
    // The file that names the norm; all that are named are in the same one.
    let file = words.iter().skip_while(|word| *word != "--engines").nth(1);
    let file = file.filter(|_| !theirs.contains(" --engines "));
    let file = file.map(|file| format!(" --engines {}", shell_words::quote(file)));
    let file = file.unwrap_or_default();
    Some(format!("{theirs} --against {against}{file}"))
}

/// A file as text, and a word on how it became so.
fn readable(machine: Machine, name: &str, bytes: &[u8]) -> (&'static str, String) {
    let is_text = |text: &&str| !text.contains(|c: char| c.is_control() && !"\n\r\t".contains(c));
    match std::str::from_utf8(bytes).ok().filter(is_text) {
        Some(text) => ("", text.to_owned()),
        None => match vm::sc::disassemble(name, bytes) {
            Ok(text) if machine == Machine::Sc => (", taken apart", text),
            _ => (", its bytes", hexadecimal(bytes)),
        },
    }
}

/// Bytes in lines of sixteen, with what is ASCII beside them.
fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (number, line) in bytes.chunks(16).enumerate() {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = |&byte: &u8| match byte {
            b' '..=b'~' => char::from(byte),
            _ => '.',
        };
        let plain: String = line.iter().map(shown).collect();
        let _ = writeln!(
            text,
            "{:06x}  {:<47}  {plain}",
            number * 16,
            digits.join(" ")
        );
    }
    text
}

fn indented(text: &str) -> String {
    let mut lines = text.lines();
    let shown = lines.by_ref().take(LONGEST);
    let mut out: String = shown.map(|line| format!("    {line}\n")).collect();
    let more = lines.count();
    if more > 0 {
        let _ = writeln!(out, "    … {more} more lines");
    }
    out
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Observations, each a column; a mark where one tells something else than the first.
fn table(voices: &[EngineRun], camps: &Groups) -> String {
    let mut columns: Vec<Vec<String>> = Vec::new();
    for EngineRun { name, seen } in voices {
        if name != REFERENCE && !camps.heard(name) && seen.is_nothing() {
            columns.push(vec![cut(name), "(not asked)".to_owned()]);
            continue;
        }
        let text = seen.to_text();
        let (fields, output) = match text.split_once("output:\n") {
            Some((fields, output)) => (fields, output),
            None => (text.as_str(), ""),
        };
        let field = |key: &str| {
            let mut lines = fields.lines();
            lines.find(|line| line.starts_with(key)).unwrap_or("")
        };
        let mut column = vec![name.as_str()];
        column.extend(FIELDS.map(field));
        column.extend(output.lines());
        columns.push(column.into_iter().map(cut).collect());
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mut out = String::new();
    for row in 0..rows {
        let cells: Vec<&str> = columns
            .iter()
            .map(|column| column.get(row).map_or("", String::as_str))
            .collect();
        if cells.iter().all(|cell| cell.is_empty()) {
            continue;
        }
        let mut line = String::new();
        for (nth, (cell, column)) in cells.iter().zip(&columns).enumerate() {
            let differs = nth > 0 && camps.differs(&voices[nth].name, &voices[0].name);
            // Who does not tell a field does not contradict.
            let told = row > FIELDS.len() || (row > 0 && !cell.is_empty());
            if nth > 0 {
                line += match differs && told && *cell != cells[0] {
                    true => " ≠ ",
                    false => "   ",
                };
            }
            let width = column.iter().map(|cell| cell.chars().count()).max();
            let _ = write!(line, "{cell:<width$}", width = width.unwrap_or(0));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

/// The fields of an observation's text, but for the output.
const FIELDS: [&str; 4] = ["ending:", "value:", "fault:", "at:"];
