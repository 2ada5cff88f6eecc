//! The page that tells of a finding.

use super::blame::Next;
use super::{Finding, Options, Parting, Voice};
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
    let mut page = format!("# {machine}: {}\n\n", identity.camps);
    let difference = &finding.difference;
    let _ = write!(
        page,
        "The {} differs first: the reference says `{}`, {} says `{}`.\n\
         Program {} of seed {} disagreed, {}; {}.\n\n",
        difference.kind.name(),
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
        match finding.reduced {
            true => "it is reduced here",
            false => "it is not fully reduced",
        },
    );
    if !identity.clause.is_empty() {
        let clauses = spec::clauses(machine).unwrap_or_default();
        let sentence = clauses.iter().find(|clause| clause.id == identity.clause);
        let sentence = sentence.map_or("", |clause| &clause.text);
        let _ = write!(
            page,
            "The clause that the reference applied there last:\n\n> **[{}]** {sentence}\n\n",
            identity.clause
        );
    }
    for (name, bytes) in &finding.case.files {
        let text = String::from_utf8_lossy(bytes);
        let _ = write!(page, "`{name}`:\n\n{}\n", indented(&text));
    }
    let _ = write!(
        page,
        "## What each saw\n\n{}\n",
        indented(&table(&finding.voices))
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

/// Where the runs part.
fn parted(parting: &Parting, engine: &str) -> String {
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
    if finding.case.root && finding.case.entry.contains('/') {
        let root = folder.join(format!("{}.case", finding.case.name));
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
    let mut text = format!("## Again\n\n    {run} {}\n", quote(&entry));
    let is_engine = |flag: &&String| flag.starts_with("--vm") || flag.starts_with("--engine");
    let mut engines: Vec<&str> = options
        .flags
        .iter()
        .filter(is_engine)
        .map(String::as_str)
        .collect();
    if !options.flags.iter().any(|flag| flag == "--without-ours") {
        engines.insert(0, "");
    }
    for engine in engines {
        let command = format!("mmm conform --corpus {folder_name} {engine}");
        let _ = writeln!(text, "    {}", command.trim_end());
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
fn table(voices: &[Voice]) -> String {
    let mut columns: Vec<Vec<String>> = Vec::new();
    for Voice { name, seen } in voices {
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
            // Who does not tell a field does not contradict.
            let told = row > FIELDS.len() || (row > 0 && !cell.is_empty());
            if nth > 0 {
                line += match told && *cell != cells[0] {
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
