//! The settings file, which names engines.
//!
//! ```
//! use conformance::engines::config::Config;
//! let text = r#"
//! [engine.theirs]
//! serve = "./their-vm --serve"
//! machine = "mmm"
//! limits = ["fuel"]
//! skip = ["limit/memory-*"]
//! expected_failures = ["ret/two"]
//! fault_map = { int-overflow = "overflow" }
//! "#;
//! let config = Config::parse("mmm.toml", text).unwrap();
//! let theirs = config.engine("theirs").unwrap();
//! assert!(theirs.serves);
//! assert!(Config::parse("mmm.toml", "[engine.x]\ncomand = 'y'").is_err());
//! ```

#![expect(
    clippy::result_large_err,
    reason = "such an error occurs once and ends the program"
)]

use super::capabilities::{Capabilities, Declared, LIMITS};
use super::external::ExternalVm;
use super::process::CommandLine;
use crate::engine::StartError;
use crate::machine::Machine;
use crate::spec::{self, Codes};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vm::base::{Diagnostic, Place, Span, closest};

/// The name of the settings file in the current folder.
pub const FILE: &str = "mmm.toml";

/// The keys of an engine's table.
const KEYS: [&str; 17] = [
    "command",
    "serve",
    "machine",
    "timeout",
    "memory",
    "output",
    "hello",
    "skip",
    "expected_failures",
    "extensions",
    "text_form",
    "limits",
    "faults",
    "at",
    "value",
    "faults_alike",
    "fault_map",
];

/// A part of the file, or a diagnostic about it.
type Checked<T> = Result<T, Diagnostic>;

/// The engines of a settings file.
#[derive(Clone, Debug)]
pub struct Config {
    file: String,
    engines: BTreeMap<String, Named>,
}

/// An engine of a settings file.
#[derive(Clone, Debug)]
pub struct Named {
    /// How it is started, what it may use, and what it can do.
    pub external: ExternalVm,
    /// True if it is started once and speaks the line protocol; otherwise it is started for each
    /// program.
    pub serves: bool,
    /// The capabilities that the file declares; they are already applied to `external`.
    pub declared: Declared,
    /// The only machine that it has, if the file says so.
    pub machine: Option<Machine>,
    /// The cases that are not run.
    pub skip: Vec<Pattern>,
    /// The cases that it is known to fail.
    pub expected_failures: Vec<Pattern>,
}

/// A pattern for names of cases, in which `*` matches any characters. The machine may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// Returns true if the pattern matches the name of a case.
    ///
    /// ```
    /// use conformance::engines::config::Pattern;
    /// let pattern = Pattern::from("ret/*".to_owned());
    /// assert!(pattern.matches("mmm/ret/empty"));
    /// assert!(!pattern.matches("mmm/call/ret/x"));
    /// assert!(Pattern::from("mmm/*".to_owned()).matches("mmm/ret/empty"));
    /// ```
    pub fn matches(&self, name: &str) -> bool {
        let without_machine = name.split_once('/').map(|(_, rest)| rest);
        fits(&self.0, name) || without_machine.is_some_and(|name| fits(&self.0, name))
    }
}

impl From<String> for Pattern {
    fn from(text: String) -> Pattern {
        Pattern(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns true if a text consists of the fixed parts of a pattern in their order, the first and the
/// last of them at the text's ends, with anything between them.
fn fits(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        match text.find(part) {
            Some(at) => text = &text[at + part.len()..],
            None => return false,
        }
    }
    text.ends_with(last)
}

impl Config {
    /// Reads a settings file.
    ///
    /// # Errors
    ///
    /// Returns a diagnostic if the file cannot be read or is not a settings file.
    pub fn read(path: &Path) -> Checked<Config> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Diagnostic::error(format!("cannot read '{file}': {error}")).help(
                "it names engines: [engine.theirs] and below that a line serve = './their-vm --serve'",
            )
        })?;
        Config::parse(&file, &text)
    }

    /// Parses the text of a settings file with that name.
    ///
    /// # Errors
    ///
    /// Returns a diagnostic if the text is not that of a settings file.
    pub fn parse(file: &str, text: &str) -> Checked<Config> {
        let source = Source { file, text };
        let document = DeTable::parse(text).map_err(|error| {
            let span = error.span().unwrap_or(0..0);
            source.error(span, error.message().to_owned(), "not TOML")
        })?;
        let mut engines = BTreeMap::new();
        for (key, value) in document.get_ref() {
            if key.get_ref() != "engine" {
                return Err(source.unknown(key, &["engine"]));
            }
            for (name, value) in source.table(value)? {
                let named = Reader { source, name }.engine(value)?;
                engines.insert(name.get_ref().to_string(), named);
            }
        }
        Ok(Config {
            file: file.to_owned(),
            engines,
        })
    }

    /// Returns the engine of that name.
    ///
    /// # Errors
    ///
    /// Returns a diagnostic if the file does not have it.
    pub fn engine(&self, name: &str) -> Checked<&Named> {
        self.engines.get(name).ok_or_else(|| {
            let names = || self.engines.keys().map(String::as_str);
            let error = Diagnostic::error(format!("'{}' has no engine '{name}'", self.file));
            match closest(name, names()) {
                Some(near) => error.help(format!("did you mean '{near}'?")),
                None if self.engines.is_empty() => error.help(format!(
                    "name it there: [engine.{name}] and below that a line command = './vm {{file}}'"
                )),
                None => {
                    let names: Vec<&str> = names().collect();
                    error.help(format!("it has: {}", names.join(", ")))
                }
            }
        })
    }

    /// Returns all names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.engines.keys().map(String::as_str)
    }
}

/// The file that is read, for diagnostics about it.
#[derive(Clone, Copy)]
struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl<'a> Source<'a> {
    fn error(&self, at: Range<usize>, message: String, label: &str) -> Diagnostic {
        let span = Span::new(at.start, at.end);
        Diagnostic::error(message).at(Place::in_text(self.file, self.text, span, label))
    }

    fn unknown<T: AsRef<str>>(&self, key: &Spanned<T>, known: &[&str]) -> Diagnostic {
        let name = key.get_ref().as_ref();
        let error = self.error(
            key.span(),
            format!("unknown key '{name}'"),
            "not known here",
        );
        match closest(name, known.iter().copied()) {
            Some(near) => error.help(format!("did you mean '{near}'?")),
            None => error.help(format!("there are: {}", known.join(", "))),
        }
    }

    fn wanted(&self, value: &Spanned<DeValue<'_>>, what: &str) -> Diagnostic {
        let message = format!("{what} is expected here");
        let found = value.get_ref().type_str();
        self.error(value.span(), message, &format!("this is of type {found}"))
    }

    fn table<'v>(&self, value: &'v Spanned<DeValue<'a>>) -> Checked<&'v DeTable<'a>> {
        let table = value.get_ref().as_table();
        table.ok_or_else(|| self.wanted(value, "a table"))
    }

    fn string(&self, value: &Spanned<DeValue<'_>>) -> Checked<String> {
        match value.get_ref() {
            DeValue::String(text) => Ok(text.to_string()),
            _ => Err(self.wanted(value, "a text in quotes")),
        }
    }

    fn switch(&self, value: &Spanned<DeValue<'_>>) -> Checked<bool> {
        match value.get_ref() {
            DeValue::Boolean(on) => Ok(*on),
            _ => Err(self.wanted(value, "true or false")),
        }
    }

    /// Returns a number above 0 and at most `max`.
    fn number(&self, value: &Spanned<DeValue<'_>>, max: f64, what: &str) -> Checked<f64> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .ok()
                .map(|number| number as f64),
            DeValue::Float(number) => number.to_string().parse().ok(),
            _ => None,
        };
        number
            .filter(|&number: &f64| number > 0.0 && number <= max)
            .ok_or_else(|| self.wanted(value, what))
    }

    fn list<T>(
        &self,
        value: &Spanned<DeValue<'a>>,
        item: impl Fn(&Spanned<DeValue<'a>>) -> Checked<T>,
    ) -> Checked<Vec<T>> {
        let items = value.get_ref().as_array();
        let items = items.ok_or_else(|| self.wanted(value, "a list in brackets"))?;
        items.iter().map(item).collect()
    }
}

/// Reads the table of one engine.
struct Reader<'a, 'n> {
    source: Source<'a>,
    name: &'n Spanned<std::borrow::Cow<'a, str>>,
}

impl<'a> Reader<'a, '_> {
    fn engine(&self, value: &Spanned<DeValue<'a>>) -> Checked<Named> {
        let source = &self.source;
        let table = source.table(value)?;
        let get = |key: &str| table.get(key);
        if let Some((key, _)) = table
            .iter()
            .find(|(key, _)| !KEYS.contains(&&**key.get_ref()))
        {
            return Err(source.unknown(key, &KEYS));
        }
        let (command, serves) = self.command(get("command"), get("serve"))?;
        let mut external = ExternalVm::new(command);
        external.name = self.name.get_ref().to_string();
        if let Some(value) = get("timeout") {
            let seconds = source.number(value, 86_400.0, "a time in seconds, at most a day,")?;
            external.timeout = Duration::from_secs_f64(seconds);
        }
        let mib = |value: &Spanned<DeValue<'a>>| -> Checked<u64> {
            let max = f64::from(1 << 24);
            let mib = source.number(value, max, "a size in MiB, at most 16777216,")?;
            Ok((mib * f64::from(1 << 20)) as u64)
        };
        if let Some(value) = get("memory") {
            external.memory = Some(mib(value)?);
        }
        if let Some(value) = get("output") {
            external.output = usize::try_from(mib(value)?).unwrap_or(usize::MAX);
        }
        if let Some(value) = get("hello") {
            external.hello = source.switch(value)?;
            if external.hello && !serves {
                let why = "only a server is asked for a hello".to_owned();
                return Err(source.error(value.span(), why, "but this is a 'command'"));
            }
        }
        let declared = self.declared(table)?;
        let machine = get("machine")
            .map(|value| self.machine(value))
            .transpose()?;
        external.capabilities = self.capabilities(table, &declared, machine)?;
        let patterns = |key| match get(key) {
            None => Ok(Vec::new()),
            Some(value) => source.list(value, |item| source.string(item).map(Pattern)),
        };
        Ok(Named {
            external,
            serves,
            declared,
            machine,
            skip: patterns("skip")?,
            expected_failures: patterns("expected_failures")?,
        })
    }

    /// Returns the command, and true if it serves.
    fn command(
        &self,
        command: Option<&Spanned<DeValue<'a>>>,
        serve: Option<&Spanned<DeValue<'a>>>,
    ) -> Checked<(CommandLine, bool)> {
        let source = &self.source;
        let (value, serves) = match (command, serve) {
            (Some(value), None) => (value, false),
            (None, Some(value)) => (value, true),
            (Some(_), Some(value)) => {
                let why = "an engine has a 'command' or a 'serve', not both".to_owned();
                return Err(source.error(value.span(), why, "the second of them"));
            }
            (None, None) => {
                let name = self.name.get_ref();
                let why = format!("the engine '{name}' has neither 'command' nor 'serve'");
                return Err(source.error(self.name.span(), why, "").help(
                    "say how it is started: command = './vm {file}' for each program, or \
                     serve = './vm --serve' once",
                ));
            }
        };
        let refuse = |error: StartError| {
            source
                .error(value.span(), error.message, "")
                .help(error.help)
        };
        let line = CommandLine::parse(&source.string(value)?).map_err(refuse)?;
        if !serves && !line.takes_file() {
            let why = "the command does not say where the program's file goes".to_owned();
            let help = format!("write {{file}} in its place: command = '{line} {{file}}'");
            return Err(source
                .error(value.span(), why, "no {file} in it")
                .help(help));
        }
        Ok((line, serves))
    }

    fn machine(&self, value: &Spanned<DeValue<'a>>) -> Checked<Machine> {
        let name = self.source.string(value)?;
        Machine::from_name(&name).ok_or_else(|| {
            let why = format!("there is no machine '{name}'");
            let names = Machine::ALL.map(Machine::name).join(", ");
            let error = self.source.error(value.span(), why, "");
            error.help(format!("there are: {names}"))
        })
    }

    /// Returns the code of a fault or limit; it must be one of the machine's specification.
    fn fault(&self, value: &Spanned<DeValue<'a>>, machine: Option<Machine>) -> Checked<String> {
        let code = self.source.string(value)?;
        let machines = machine.map_or(Machine::ALL.to_vec(), |machine| vec![machine]);
        let codes: Vec<Codes> = machines.into_iter().map(spec::codes).collect();
        let is_name = code.starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase());
        if is_name && codes.iter().any(|codes| codes.is_open) {
            return Ok(code);
        }
        let known: BTreeSet<String> = codes.into_iter().flat_map(|it| it.listed).collect();
        if known.contains(&code) {
            return Ok(code);
        }
        let why = format!("the specification has no fault '{code}'");
        let error = self.source.error(value.span(), why, "");
        let near = closest(&code, known.iter().map(String::as_str));
        Err(error.help(match near {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("there are: {}", Vec::from_iter(known).join(", ")),
        }))
    }

    fn declared(&self, table: &DeTable<'a>) -> Checked<Declared> {
        let source = &self.source;
        let switch = |key: &str| table.get(key).map(|value| source.switch(value)).transpose();
        let known = LIMITS.map(|(name, _)| name);
        let limit = |item: &Spanned<DeValue<'a>>| {
            let name = source.string(item)?;
            if known.contains(&&*name) {
                return Ok(name);
            }
            let error = source.error(item.span(), format!("there is no limit '{name}'"), "");
            Err(error.help(format!("there are: {}", known.join(", "))))
        };
        let limits = table.get("limits");
        Ok(Declared {
            machines: None,
            extensions: switch("extensions")?,
            text_form: switch("text_form")?,
            limits: limits.map(|value| source.list(value, limit)).transpose()?,
            faults: switch("faults")?,
            at: switch("at")?,
            value: switch("value")?,
        })
    }

    fn capabilities(
        &self,
        table: &DeTable<'a>,
        declared: &Declared,
        machine: Option<Machine>,
    ) -> Checked<Capabilities> {
        let source = &self.source;
        let mut capabilities = Capabilities::default();
        capabilities.apply(declared);
        if let Some(value) = table.get("faults_alike") {
            let group = |item: &Spanned<DeValue<'a>>| {
                let group = source.list(item, |code| self.fault(code, machine))?;
                match group.len() {
                    0 | 1 => Err(source.wanted(item, "a group of two faults or more")),
                    _ => Ok(group),
                }
            };
            capabilities.faults_alike = source.list(value, group)?;
        }
        if let Some(value) = table.get("fault_map") {
            for (theirs, ours) in source.table(value)? {
                let ours = self.fault(ours, machine)?;
                capabilities
                    .fault_map
                    .insert(theirs.get_ref().to_string(), ours);
            }
        }
        Ok(capabilities)
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, fits};
    use vm::base::ColorChoice;

    #[track_caller]
    fn refused(text: &str, parts: &[&str]) {
        let text = format!("[engine.it]\n{text}\n");
        let error = Config::parse("mmm.toml", &text).expect_err(&text);
        let shown = error.render(ColorChoice::Never);
        for part in parts {
            assert!(shown.contains(part), "{part:?} is not in:\n{shown}");
        }
    }

    #[test]
    fn what_is_wrong_is_shown_with_its_place() {
        refused("comand = 'x'", &["mmm.toml:2:1", "did you mean 'command'?"]);
        refused(
            "serve = 'x'\ncolour = 1",
            &["mmm.toml:3:1", "there are: command"],
        );
        refused(
            "command = 'x'",
            &["where the program's file goes", "'x {file}'"],
        );
        refused("command = 'x {file}'\nserve = 'y'", &["not both"]);
        refused(
            "machine = 'mmm'",
            &["neither 'command' nor 'serve'", "mmm.toml:1:9"],
        );
        refused("serve = ''", &["the command is empty"]);
        refused(
            "serve = 'x'\nmachine = 'abacus'",
            &["no machine 'abacus'", "mmm, sc"],
        );
        refused(
            "serve = 'x'\nlimits = ['coal']",
            &["no limit 'coal'", "fuel, call_depth"],
        );
        refused(
            "serve = 'x'\nlimits = 'fuel'",
            &["a list in brackets", "of type string"],
        );
        refused("serve = 'x'\nat = 'no'", &["true or false is expected"]);
        refused("serve = 'x'\ntimeout = 0", &["a time in seconds"]);
        refused("serve = 'x'\nmemory = -1", &["a size in MiB"]);
        refused("serve = 'x'\nfault_map = { a = 1 }", &["a text in quotes"]);
        refused(
            "serve = 'x'\nfault_map = { a = 'stack-sizes' }",
            &["no fault 'stack-sizes'", "did you mean 'stack-size'?"],
        );
        refused(
            "serve = 'x'\nmachine = 'mmm'\nfaults_alike = [['overflow', 'coal']]",
            &["no fault 'coal'", "there are: bad-file, ", "call-depth"],
        );
        refused(
            "serve = 'x'\nfaults_alike = [['overflow']]",
            &["two faults or more"],
        );
        refused("command = 'x {file}'\nhello = true", &["only a server"]);
        refused("serve = ", &["mmm.toml:2:9"]);
        refused("[engin.x]\nserve = 'x'", &["did you mean 'engine'?"]);
    }

    #[test]
    fn numbers_and_faults_are_taken_as_they_are_written() {
        let text = "[engine.a]\nserve = 'x'\nmachine = 'py'\nfault_map = { Oops = 'ValueError' }\n\
                    timeout = 0x10\nmemory = 1_000\n";
        let config = Config::parse("mmm.toml", text).unwrap();
        let external = &config.engine("a").unwrap().external;
        assert_eq!(external.timeout.as_secs(), 16);
        assert_eq!(external.memory, Some(1000 << 20));
        assert_eq!(external.capabilities.fault_map["Oops"], "ValueError");
    }

    #[test]
    fn names_fit_patterns() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*a", "a", false),
            ("*b*d*", "abcde", true),
            ("*d*b*", "abcde", false),
            ("a**e", "abcde", true),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}
