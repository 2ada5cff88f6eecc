//! The line protocol: one JSON object a line, a request and its answer.
//!
//! ```text
//! → {"id": 1, "machine": "mmm", "entry": "main.mmm", "files": {"main.mmm": "function main\nend\n"}}
//! ← {"id":1,"output":"","ending":"returned","value":null,"fault":null,"at":null}
//! → {"id": 2, "machine": "abacus"}
//! ← {"id":2,"error":"unknown machine 'abacus'; there are: mmm, sc"}
//! ```
//!
//! A request may have `files` (text), `files_base64` (anything), `limits` with `fuel`,
//! `call_depth`, `output_bytes` and `heap_bytes`, and `trace` with a number of steps; other fields are
//! ignored. The entry's folder is the root. `{"id": 3, "hello": 1}` asks for the version and the
//! capabilities. The protocol is specified in `conformance/spec/protocol.md`.

use super::capabilities::Declared;
use crate::case::{Case, CaseLimits};
use crate::engine::{Ending, Observation, Step};
use crate::machine::Machine;
use data_encoding::BASE64;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use vm::base::resolve;

/// The version of the protocol.
pub const VERSION: u32 = 1;

/// A request of a client.
#[derive(Debug)]
pub enum Ask {
    /// For the version and the capabilities.
    Hello,
    /// To run a program, and to report that number of its first steps, if there is one.
    Run(Box<Case>, Option<usize>),
}

/// A request as it is written. Missing fields are reported by [`Wire::ask`].
#[derive(Debug, Default, Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    hello: Option<IgnoredAny>,
    machine: Option<String>,
    entry: Option<String>,
    files: Option<BTreeMap<String, String>>,
    files_base64: Option<BTreeMap<String, String>>,
    limits: Option<BTreeMap<String, serde_json::Value>>,
    trace: Option<usize>,
}

/// The id of a request that is not understood otherwise.
#[derive(Deserialize)]
struct Id<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
}

/// Limits as we write them.
#[derive(Clone, Copy, Debug, Default, Serialize)]
struct WireLimits {
    #[serde(skip_serializing_if = "Option::is_none")]
    fuel: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_depth: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heap_bytes: Option<u64>,
}

/// Parses a request; returns its id, for the answer, and what it asks for or what is wrong with it.
pub fn read_request(line: &[u8]) -> (Option<&RawValue>, Result<Ask, String>) {
    // Serde takes an array for a struct as well.
    if line.trim_ascii_start().first() != Some(&b'{') {
        let error =
            "a request is a JSON object, {\"id\", \"machine\", \"entry\", \"files\"}, on one line";
        return (None, Err(error.to_owned()));
    }
    match serde_json::from_slice::<Wire<'_>>(line) {
        Ok(mut wire) => (wire.id.take(), wire.ask()),
        Err(error) => {
            let id = serde_json::from_slice::<Id<'_>>(line).map_or(None, |line| line.id);
            (id, Err(explain_json(&error)))
        }
    }
}

/// Returns what is wrong with the JSON, and what to do. Its line is always 1.
fn explain_json(error: &serde_json::Error) -> String {
    let words = error
        .to_string()
        .replace(" at line 1 column ", " at column ");
    match error.classify() {
        serde_json::error::Category::Data => format!(
            "{words}; machine and entry are strings, files and files_base64 objects of strings, limits an object of whole numbers, trace a whole number"
        ),
        _ => format!("not JSON: {words}; a request is one JSON object on one line"),
    }
}

impl Wire<'_> {
    fn ask(self) -> Result<Ask, String> {
        if self.hello.is_some() {
            return Ok(Ask::Hello);
        }
        let machine = self
            .machine
            .ok_or("no \"machine\" is named; say \"machine\": \"mmm\" or another")?;
        let machine = Machine::from_name(&machine).ok_or_else(|| unknown_machine(&machine))?;
        let entry = self
            .entry
            .ok_or("no \"entry\" is named; say which of the files is run")?;
        let entry = file_name(&entry)?;
        let mut files = BTreeMap::new();
        for (name, text) in self.files.unwrap_or_default() {
            add_file(&mut files, name, text.into_bytes())?;
        }
        for (name, text) in self.files_base64.unwrap_or_default() {
            let bytes = BASE64.decode(text.as_bytes()).map_err(|error| {
                format!(
                    "file '{name}' is not base64: {error}; use the standard alphabet with padding"
                )
            })?;
            add_file(&mut files, name, bytes)?;
        }
        if !files.contains_key(&entry) {
            return Err(format!(
                "the entry '{entry}' is not among the files; put it into \"files\" or \"files_base64\""
            ));
        }
        let limits = self.limits.unwrap_or_default();
        let limit = |name: &str| match limits.get(name) {
            None | Some(serde_json::Value::Null) => Ok(None),
            Some(value) => value.as_u64().map(Some).ok_or_else(|| {
                format!(
                    "the limit \"{name}\" is {}; it is a whole number from 0 to {}",
                    excerpt(value.to_string().as_bytes()),
                    u64::MAX
                )
            }),
        };
        let case = Box::new(Case {
            files,
            limits: CaseLimits {
                fuel: limit("fuel")?,
                call_depth: limit("call_depth")?,
                output_bytes: limit("output_bytes")?,
                heap_bytes: limit("heap_bytes")?,
            },
            ..Case::single(machine, &entry, "")
        });
        Ok(Ask::Run(case, self.trace))
    }
}

fn unknown_machine(name: &str) -> String {
    let names: Vec<&str> = Machine::ALL.iter().map(|machine| machine.name()).collect();
    let name: String = name.chars().take(40).collect();
    format!("unknown machine '{name}'; there are: {}", names.join(", "))
}

/// Returns the name of a file without `.` and `..`.
fn file_name(name: &str) -> Result<String, String> {
    resolve("", name).ok_or_else(|| {
        format!("the file name '{name}' leads out of the program's folder; give a name inside it")
    })
}

fn add_file(
    files: &mut BTreeMap<String, Vec<u8>>,
    name: String,
    bytes: Vec<u8>,
) -> Result<(), String> {
    let name = file_name(&name)?;
    match files.insert(name, bytes) {
        None => Ok(()),
        Some(_) => Err("two files have the same name; give each file once".to_owned()),
    }
}

/// An answer, without its id.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Reply<'a> {
    /// The observation of a run.
    Seen(Seen<'a>),
    /// The observation of a run, with its first steps.
    Traced {
        /// The observation.
        #[serde(flatten)]
        seen: Seen<'a>,
        /// The steps.
        trace: &'a [Step],
    },
    /// Why the request was not carried out.
    Error {
        /// What is wrong, and what to do about it.
        error: &'a str,
    },
    /// The version and the capabilities.
    Hello(Hello<'a>),
}

/// An observation in the form of the protocol, which `mmm run --json` prints as well.
#[derive(Debug, Serialize)]
pub struct Seen<'a> {
    output: Cow<'a, str>,
    ending: &'static str,
    value: Option<&'a str>,
    fault: Option<&'a str>,
    at: Option<&'a str>,
}

impl<'a> From<&'a Observation> for Seen<'a> {
    fn from(seen: &'a Observation) -> Seen<'a> {
        Seen {
            output: String::from_utf8_lossy(&seen.output),
            ending: seen.ending.name(),
            value: seen.value.as_deref(),
            fault: seen.fault.as_deref(),
            at: seen.at.as_deref(),
        }
    }
}

/// The version and the capabilities of a server.
#[derive(Debug, Serialize)]
pub struct Hello<'a> {
    /// The version of the protocol.
    pub hello: u32,
    /// The server's name and version.
    pub server: &'a str,
    /// The machines that it has.
    pub machines: Vec<&'a str>,
    /// The limits that it enforces.
    pub limits: Vec<&'a str>,
    /// It knows the extensions of the machines' formats.
    pub extensions: bool,
    /// It reads the text form of binary formats.
    pub text_form: bool,
    /// It reports the steps of a run.
    pub trace: bool,
}

/// Writes the line of an answer.
///
/// # Errors
///
/// Returns an error if the answer has no form in JSON.
pub fn write_reply(
    out: &mut Vec<u8>,
    id: Option<&RawValue>,
    reply: &Reply<'_>,
) -> serde_json::Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        id: Option<&'a RawValue>,
        #[serde(flatten)]
        reply: &'a Reply<'a>,
    }
    serde_json::to_writer(&mut *out, &Line { id, reply })?;
    out.push(b'\n');
    Ok(())
}

/// A request to run a program.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The program.
    pub case: &'a Case,
    /// How many of the first steps the server should report, if any.
    pub trace: Option<usize>,
}

impl<'a> Request<'a> {
    /// Returns the request to run a case.
    pub fn of(case: &'a Case) -> Request<'a> {
        Request { case, trace: None }
    }
}

/// Returns the line that asks for the capabilities.
pub fn hello_line(id: u64) -> Vec<u8> {
    format!("{{\"id\":{id},\"hello\":{VERSION}}}\n").into_bytes()
}

/// Returns the line that asks for a run.
pub fn request_line(id: u64, request: &Request<'_>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Line<'a> {
        id: u64,
        machine: &'a str,
        entry: &'a str,
        files: BTreeMap<&'a str, &'a str>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        files_base64: BTreeMap<&'a str, String>,
        limits: WireLimits,
        #[serde(skip_serializing_if = "Option::is_none")]
        trace: Option<usize>,
    }
    let case = request.case;
    let mut line = Line {
        id,
        machine: case.machine.name(),
        entry: &case.entry,
        files: BTreeMap::new(),
        files_base64: BTreeMap::new(),
        limits: WireLimits {
            fuel: case.limits.fuel,
            call_depth: case.limits.call_depth,
            output_bytes: case.limits.output_bytes,
            heap_bytes: case.limits.heap_bytes,
        },
        trace: request.trace,
    };
    for (name, bytes) in &case.files {
        let binary = Machine::ALL
            .iter()
            .any(|machine| machine.names_binary(name));
        match std::str::from_utf8(bytes) {
            Ok(text) if !binary => {
                line.files.insert(name, text);
            }
            _ => {
                line.files_base64.insert(name, BASE64.encode(bytes));
            }
        }
    }
    // Maps of strings and numbers always have a form in JSON.
    let mut line = serde_json::to_vec(&line).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Parses the answer to a hello.
///
/// # Errors
///
/// Returns what is wrong with the answer, as a phrase about the server.
pub fn read_hello(line: &[u8], id: u64) -> Result<Declared, String> {
    #[derive(Deserialize)]
    struct Greeting {
        hello: Option<u64>,
        #[serde(flatten)]
        declared: Declared,
    }
    let answer: Greeting = read_line(line, id)?;
    match answer.hello {
        Some(version) if version == u64::from(VERSION) => Ok(answer.declared),
        Some(version) => Err(format!(
            "it speaks version {version} of the protocol, but this program speaks version {VERSION}"
        )),
        None => Err(format!("answered without a \"hello\": {}", excerpt(line))),
    }
}

/// An answer to a request to run a program.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The observation of the run.
    pub seen: Observation,
    /// The first steps, if they were requested and the server reports them.
    pub trace: Option<Vec<Step>>,
}

/// Parses a line that answers request `id`, whatever else it contains.
fn read_line<T: for<'de> Deserialize<'de>>(line: &[u8], id: u64) -> Result<T, String> {
    #[derive(Deserialize)]
    struct Head {
        id: Option<serde_json::Value>,
        error: Option<String>,
    }
    if line.trim_ascii_start().first() != Some(&b'{') {
        return Err(format!(
            "wrote a line that is not a JSON object: {} (messages for people belong on the standard \
             error)",
            excerpt(line)
        ));
    }
    let not_json = |error: serde_json::Error| {
        format!(
            "wrote a line that is not an answer ({error}): {}",
            excerpt(line)
        )
    };
    let head: Head = serde_json::from_slice(line).map_err(not_json)?;
    let found = head.id.unwrap_or_default();
    if found != id {
        let earlier = found.as_u64().is_some_and(|earlier| earlier < id);
        return Err(format!(
            "answered request {id} with the id {found}{}: {}",
            match earlier {
                true =>
                    ", which is that of an earlier request (answer each request once, in order)",
                false => "",
            },
            excerpt(line)
        ));
    }
    if let Some(error) = head.error {
        return Err(format!("refused the request: {error}"));
    }
    serde_json::from_slice(line).map_err(not_json)
}

/// Parses the answer to request `id`.
///
/// # Errors
///
/// Returns what is wrong with the answer, as a phrase about the server.
pub fn read_answer(line: &[u8], id: u64) -> Result<Answer, String> {
    #[derive(Deserialize)]
    struct Wire {
        output: Option<String>,
        ending: Option<String>,
        value: Option<String>,
        fault: Option<String>,
        at: Option<String>,
        trace: Option<Vec<Step>>,
    }
    let answer: Wire = read_line(line, id)?;
    let ending = answer
        .ending
        .ok_or_else(|| format!("answered without an \"ending\": {}", excerpt(line)))?;
    let known = [
        Ending::Returned,
        Ending::Faulted,
        Ending::Limited,
        Ending::Refused,
    ];
    let ending = Ending::from_name(&ending)
        .filter(|ending| known.contains(ending))
        .ok_or_else(|| format!("answered with the unknown ending '{ending}'"))?;
    let output = answer
        .output
        .ok_or_else(|| format!("answered without an \"output\": {}", excerpt(line)))?;
    Ok(Answer {
        seen: Observation {
            output: output.into_bytes(),
            ending,
            value: answer.value,
            fault: answer.fault,
            at: answer.at,
            detail: None,
        },
        trace: answer.trace,
    })
}

/// Returns the beginning of a line, in quotes.
pub(super) fn excerpt(line: &[u8]) -> String {
    const SHOWN: usize = 120;
    let text = String::from_utf8_lossy(&line[..line.len().min(4 * SHOWN)]);
    let mut shown: String = text.trim_end().chars().take(SHOWN).collect();
    if shown.len() < text.trim_end().len() {
        shown.push('…');
    }
    format!("{shown:?}")
}
