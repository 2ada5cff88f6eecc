//! `FINDING.md`: what a finding is, how to reproduce it, and what to do about it.

use super::visible::{line, markdown, markdown_code, visible};
use crate::campaign::consensus::{EngineRun, Groups};
use crate::campaign::contender::REFERENCE;
use crate::campaign::divergence::{Divergence, Next};
use crate::campaign::finding::Finding;
use crate::campaign::options::Options;
use crate::machine::Machine;
use crate::spec;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The maximal width of a cell in the table of observations.
const MAX_WIDTH: usize = 72;
/// The maximal number of lines of a program, an observation or a message.
const MAX_LINES: usize = 200;
/// The maximal number of lines of output in the table of observations.
const MAX_OUTPUT_LINES: usize = 190;

/// Returns the page of a finding that is saved in `folder`.
pub(crate) fn page(options: &Options, finding: &Finding, folder: &Path) -> String {
    let machine = options.machine;
    let mut page = format!("# {machine}: {}\n\n", markdown(&finding.groups.to_string()));
    page += &summary(options, finding);
    page += &clause(machine, finding);
    for (name, bytes) in &finding.case.files {
        let (form, text) = readable(machine, name, bytes);
        let _ = write!(
            page,
            "{}{form}:\n\n{}\n",
            markdown_code(name),
            indented(&text)
        );
    }
    let table = table(&finding.runs, &finding.groups);
    let _ = write!(
        page,
        "## What each engine observed\n\n{}\n",
        indented(&table)
    );
    for run in &finding.runs {
        if let Some(detail) = run.seen.as_ref().and_then(|seen| seen.detail.as_ref()) {
            let name = markdown(&run.name);
            let _ = write!(page, "Message from {name}:\n\n{}\n", indented(detail));
        }
    }
    if let Some(divergence) = &finding.divergence {
        page += &divergence_section(divergence, &finding.engine);
    }
    page += &Commands::new(options, finding, folder).section();
    let _ = write!(
        page,
        "## What to do\n\n\
         1. Decide by the specification which engine is right, and fix the others.\n\
         2. Check that the header names the clauses that the program shows (`holds:`, `breaks:`,\n   \
         `boundary:`).\n\
         3. Move the case into the corpus, under `conformance/corpus/{machine}/`.\n"
    );
    page
}

/// Returns the first paragraphs: the first difference, and how often it occurs.
fn summary(options: &Options, finding: &Finding) -> String {
    let difference = &finding.difference;
    let others = match finding.occurrences.saturating_sub(1) {
        0 => "No other program of the campaign disagreed in the same way.".to_owned(),
        1 => "1 other program of the campaign disagreed in the same way.".to_owned(),
        more => format!("{more} other programs of the campaign disagreed in the same way."),
    };
    let mut text = format!(
        "The first difference is in the {}: {} has {}, {} has {}.\n\
         It was found in program {} of seed {}. {others}\n{}\n\n",
        difference.kind.name(),
        markdown(&finding.oracle()),
        markdown_code(&difference.expected),
        markdown(&finding.engine),
        markdown_code(&difference.found),
        finding.number,
        options.seed,
        reduction(options, finding),
    );
    if finding.found.ending.is_odd() {
        let engine = markdown(&finding.engine);
        let _ = write!(text, "{engine} {}.\n\n", markdown(&finding.identity.kind));
    }
    text
}

/// Returns a sentence on how small the program is.
fn reduction(options: &Options, finding: &Finding) -> &'static str {
    match (finding.reproducible, finding.reduced) {
        (false, _) => {
            "The program did not disagree in the same way when it was run again, so it was not reduced."
        }
        (true, true) => "The program is reduced.",
        (true, false) if options.reduce => {
            "The program is not fully reduced, because the time was over; a command below continues."
        }
        (true, false) => "The program is not reduced.",
    }
}

/// Returns the clause that the reference applied last at the divergence.
fn clause(machine: Machine, finding: &Finding) -> String {
    if finding.clause.is_empty() {
        return String::new();
    }
    let clauses = spec::clauses(machine).unwrap_or_default();
    let clause = clauses.iter().find(|clause| clause.id == finding.clause);
    let text = clause.map_or("", |clause| &clause.text);
    let at = match finding.identity.instruction.is_empty() {
        true => String::new(),
        false => format!(", at {}", markdown_code(&finding.identity.instruction)),
    };
    format!(
        "The clause that the reference applied last{at}:\n\n> **[{}]** {text}\n\n",
        markdown(&finding.clause)
    )
}

/// Returns the section on the step after which the runs differ.
fn divergence_section(divergence: &Divergence, engine: &str) -> String {
    let state = |state: &[String]| match state.is_empty() {
        true => "nothing".to_owned(),
        false => cut(&line(&state.join(", "))),
    };
    let next = |next: &Next| match next {
        Next::Step { at, state: items } => format!("at {}, holding {}", line(at), state(items)),
        Next::End(end) => format!("ended: {}", cut(&line(end))),
    };
    let mut text = format!(
        "## Where the runs differ\n\nAfter instruction {} of the run, {} at {}:\n\n",
        divergence.step,
        markdown_code(&cut(&divergence.instruction)),
        markdown(&divergence.at)
    );
    let engine = cut(&line(engine));
    let width = engine.chars().count().max(REFERENCE.len());
    for (name, what) in [
        ("before", format!("holding {}", state(&divergence.before))),
        (REFERENCE, next(&divergence.expected)),
        (&engine, next(&divergence.found)),
    ] {
        let _ = writeln!(text, "    {name:<width$}  {what}");
    }
    text.push('\n');
    text
}

/// The commands that reproduce a finding.
struct Commands<'a> {
    options: &'a Options,
    finding: &'a Finding,
    folder: &'a Path,
    /// The path of the entry.
    entry: PathBuf,
    /// The root, if it is not the entry's folder.
    root: Option<PathBuf>,
}

impl<'a> Commands<'a> {
    fn new(options: &'a Options, finding: &'a Finding, folder: &'a Path) -> Commands<'a> {
        let case = &finding.case;
        let is_one_file = case.files.len() == 1 && folder.join(&case.entry).is_file();
        let cases = folder.join(format!("{}.case", case.name));
        let place = if is_one_file { folder } else { &cases };
        Commands {
            options,
            finding,
            folder,
            entry: place.join(&case.entry),
            root: (case.root && case.entry.contains('/')).then_some(cases),
        }
    }

    /// Returns the section with the commands.
    fn section(&self) -> String {
        let commands = match self.options.machine.has_reference() {
            true => self.with_reference(),
            false => self.without_reference(),
        };
        let lines: String = commands
            .iter()
            .map(|command| format!("    {}\n", line(command.trim_end())))
            .collect();
        format!("## How to reproduce\n\n{lines}\n")
    }

    fn with_reference(&self) -> Vec<String> {
        let mut commands = vec![self.run()];
        let folder = quoted(self.folder);
        for flags in self.options.engine_flags.values() {
            commands.push(format!("mmm conform --corpus {folder} {flags}"));
        }
        let finding = self.finding;
        let flags = self.options.engine_flags.get(&finding.engine);
        if let (true, false, Some(flags)) = (finding.reproducible, finding.reduced, flags) {
            let flags = match flags.is_empty() {
                true => String::new(),
                false => format!(" {flags}"),
            };
            commands.push(format!(
                "mmm reduce {}{}{flags} -o {}",
                quoted(&self.entry),
                self.root_flag(),
                quoted(&self.folder.join("smaller"))
            ));
        }
        if !self.options.mutated {
            commands.push(self.generate());
        }
        commands
    }

    /// Returns the commands for a machine where only engines know what a program does.
    fn without_reference(&self) -> Vec<String> {
        let entry = quoted(&self.entry);
        let mut commands = Vec::new();
        if let Some(flags) = self.oracle_flags() {
            let smaller = quoted(&self.folder.join("smaller"));
            commands.push(format!("mmm reduce {entry} {flags} -o {smaller}"));
        }
        commands.push(self.generate());
        let assembled = quoted(&self.folder.join("main.pyc"));
        commands.push(format!(
            "mmm asm {entry} -o {assembled}    # to run engines by hand"
        ));
        commands
    }

    /// Returns the command that runs the program.
    fn run(&self) -> String {
        let case = &self.finding.case;
        let mut command = format!("mmm run{}", self.root_flag());
        if case.strict {
            command += " --strict";
        }
        for (flag, limit) in [
            ("--fuel", case.limits.fuel),
            ("--max-depth", case.limits.call_depth),
            ("--max-output", case.limits.output_bytes),
            ("--max-memory", case.limits.heap_bytes),
        ] {
            if let Some(limit) = limit {
                let _ = write!(command, " {flag} {limit}");
            }
        }
        format!("{command} {}", quoted(&self.entry))
    }

    /// Returns the command that generates the program as it was before reduction.
    fn generate(&self) -> String {
        let Options { machine, seed, .. } = self.options;
        let number = self.finding.number;
        let aim = match self.options.aim.name() {
            Some(name) => format!(" --aim {name}"),
            None => String::new(),
        };
        format!(
            "mmm gen --machine {machine} --seed {seed} --number {number}{aim}    # before reduction"
        )
    }

    fn root_flag(&self) -> String {
        match &self.root {
            Some(root) => format!(" --root {}", quoted(root)),
            None => String::new(),
        }
    }

    /// Returns the flags that name the engine that differs and the oracle, if a command can name
    /// the oracle: a serving VM without a name cannot be one.
    fn oracle_flags(&self) -> Option<String> {
        let flags = &self.options.engine_flags;
        let engine = flags.get(&self.finding.engine)?;
        let oracle = flags.get(&self.finding.oracle())?;
        let words = shell_words::split(oracle).ok()?;
        let against = match &words[..] {
            [flag, name, ..] if flag != "--vm-serve" => shell_words::quote(name),
            _ => return None,
        };
        // The file that names the oracle, unless the flags of the engine have it: all engines with
        // names are in the same file.
        let file = words.iter().skip_while(|word| *word != "--engines").nth(1);
        let file = file.filter(|_| !engine.contains(" --engines "));
        let file = file.map(|file| format!(" --engines {}", shell_words::quote(file)));
        let file = file.unwrap_or_default();
        Some(format!("{engine} --against {against}{file}"))
    }
}

/// Returns a path as a word of a shell.
fn quoted(path: &Path) -> String {
    shell_words::quote(&path.display().to_string()).into_owned()
}

/// Returns a file as text, and a note if it is not text itself.
fn readable(machine: Machine, name: &str, bytes: &[u8]) -> (&'static str, String) {
    let is_text = |text: &&str| !text.contains(|c: char| c.is_control() && !"\n\r\t".contains(c));
    match std::str::from_utf8(bytes).ok().filter(is_text) {
        Some(text) => ("", text.to_owned()),
        None => match vm::sc::disassemble(name, bytes) {
            Ok(text) if machine == Machine::Sc => (", disassembled", text),
            _ => (", in hexadecimal", hexadecimal(bytes)),
        },
    }
}

/// Returns bytes in lines of sixteen, with their ASCII characters beside them.
fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (number, line) in bytes.chunks(16).enumerate() {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown = |&byte: &u8| match byte {
            b' '..=b'~' => char::from(byte),
            _ => '.',
        };
        let ascii: String = line.iter().map(shown).collect();
        let _ = writeln!(
            text,
            "{:06x}  {:<47}  {ascii}",
            number * 16,
            digits.join(" ")
        );
    }
    text
}

/// Returns text as a block of code: visible, indented, and cut after [`MAX_LINES`] lines.
fn indented(text: &str) -> String {
    let mut lines = text.lines();
    let shown = lines.by_ref().take(MAX_LINES);
    let mut out: String = shown
        .map(|line| format!("    {}\n", visible(line.as_bytes())))
        .collect();
    let more = lines.count();
    if more > 0 {
        let _ = writeln!(out, "    … {more} more lines");
    }
    out
}

/// Cuts a text to the width of a cell.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The fields of an observation's text form, without the output.
const FIELDS: [&str; 4] = ["ending:", "value:", "fault:", "at:"];

/// A column of the table of observations.
struct Column {
    cells: Vec<String>,
    width: usize,
    /// The number of lines of output that have no cell.
    more: usize,
    /// True if the engine differs from the oracle.
    differs: bool,
}

impl Column {
    fn new(run: &EngineRun, groups: &Groups, oracle: &str) -> Column {
        let EngineRun { name, seen } = run;
        let mut more = 0;
        let mut cells = vec![cut(&line(name))];
        match seen {
            None => cells.push("(not run)".to_owned()),
            Some(seen) => {
                let text = seen.to_text();
                let (fields, output) = text.split_once("output:\n").unwrap_or((&text, ""));
                let field = |key: &str| {
                    let mut lines = fields.lines();
                    let line = lines.find(|line| line.starts_with(key)).unwrap_or("");
                    cut(&visible(line.as_bytes()))
                };
                cells.extend(FIELDS.map(field));
                let mut lines = output.lines();
                let shown = lines.by_ref().take(MAX_OUTPUT_LINES);
                cells.extend(shown.map(|line| cut(&visible(line.as_bytes()))));
                more = lines.count();
            }
        }
        let widths = cells.iter().map(|cell| cell.chars().count());
        Column {
            width: widths.max().unwrap_or(0),
            cells,
            more,
            differs: groups.has_differing(name, oracle),
        }
    }

    fn cell(&self, row: usize) -> &str {
        self.cells.get(row).map_or("", String::as_str)
    }
}

/// Returns the observations side by side, with a mark where one differs from the first.
fn table(runs: &[EngineRun], groups: &Groups) -> String {
    let Some(oracle) = runs.first() else {
        return String::new();
    };
    let columns: Vec<Column> = runs
        .iter()
        .map(|run| Column::new(run, groups, &oracle.name))
        .collect();
    let rows = columns.iter().map(|column| column.cells.len()).max();
    let mut out = String::new();
    for row in 0..rows.unwrap_or(0) {
        if columns.iter().all(|column| column.cell(row).is_empty()) {
            continue;
        }
        let first = columns[0].cell(row);
        let mut text = String::new();
        for (nth, column) in columns.iter().enumerate() {
            let cell = column.cell(row);
            // An engine that does not report a field does not contradict it.
            let is_reported = row > FIELDS.len() || (row > 0 && !cell.is_empty());
            if nth > 0 {
                text += match column.differs && is_reported && cell != first {
                    true => " ≠ ",
                    false => "   ",
                };
            }
            let _ = write!(text, "{cell:<width$}", width = column.width);
        }
        let _ = writeln!(out, "{}", text.trim_end());
    }
    let more = columns.iter().map(|column| column.more).max().unwrap_or(0);
    if more > 0 {
        let _ = writeln!(out, "… {more} more lines");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Ending, Observation};
    use std::time::{Duration, Instant};

    fn run(name: &str, output: Vec<u8>) -> EngineRun {
        EngineRun {
            name: name.to_owned(),
            seen: Some(Observation {
                output,
                ..Observation::of(Ending::Returned)
            }),
        }
    }

    #[test]
    fn a_table_takes_time_in_proportion_to_its_output() {
        let runs = [
            run(REFERENCE, b"1\n".repeat(400_000)),
            run("theirs", b"2\n".repeat(400_000)),
        ];
        let started = Instant::now();
        let table = table(&runs, &Groups::of_two("theirs"));
        // Quadratic time would be hours.
        assert!(started.elapsed() < Duration::from_secs(20));
        assert!(table.ends_with("… 399810 more lines\n"), "{table}");
    }

    #[test]
    fn a_table_marks_what_differs() {
        let runs = [
            run(REFERENCE, b"1\n2\n".to_vec()),
            run("theirs", b"1\n3\n\x1b[2J".to_vec()),
        ];
        let expected = "reference          theirs\n\
                        ending: returned   ending: returned\n\
                        | 1                | 1\n\
                        | 2              ≠ | 3\n\
                        \x20                ≠ \\ \\u{1b}[2J\n";
        assert_eq!(table(&runs, &Groups::of_two("theirs")), expected);
    }
}
