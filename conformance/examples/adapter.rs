//! A sample adapter: the machines `mmm` and `sc` of the crate `vm`, as a process that serves.
//!
//! ```sh
//! cargo build --example adapter
//! mmm conform --vm-serve target/debug/examples/adapter
//! ```
//!
//! `mmm serve` does the same and more; this is what it takes for a machine of your own.

use data_encoding::BASE64;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, Write};
use vm::base::{FaultCode, Limits, MemoryHost, Outcome};
use vm::{mmm, sc};

fn main() -> Result<(), Box<dyn Error>> {
    let mut output = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?).unwrap_or_default();
        let mut answer = answer(&request).unwrap_or_else(|why| json!({ "error": why.to_string() }));
        answer["id"] = request["id"].clone();
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

/// The answer to a request, but for its id.
fn answer(request: &Value) -> Result<Value, Box<dyn Error>> {
    if request.get("hello").is_some() {
        let limits = ["fuel", "call_depth", "output_bytes", "heap_bytes"];
        return Ok(
            json!({ "hello": 1, "server": "adapter", "machines": ["mmm", "sc"],
            "limits": limits, "text_form": true }),
        );
    }
    let entry = request["entry"].as_str().ok_or("no entry is named")?;
    // The entry's folder is the root.
    let (folder, entry) = entry.split_at(entry.rfind('/').map_or(0, |at| at + 1));
    let mut host = MemoryHost::new(files(request, folder)?);
    let limits = limits(&request["limits"]);
    let answer = match request["machine"].as_str() {
        Some("mmm") => mmm::load(&mut host, entry, &limits).map(|program| {
            let outcome = mmm::run(&program, &mut host, &limits);
            let value = outcome.value().copied().flatten();
            let value = value.map(|value| program.printed(value));
            seen(&outcome, value, |&pc| program.location(pc).to_string())
        }),
        Some("sc") => sc::load(&mut host, entry, &limits).map(|program| {
            let outcome = sc::run(&program, &mut host, &limits);
            seen(&outcome, None, |&pc| program.location(pc).to_string())
        }),
        _ => return Err("there are only the machines mmm and sc here".into()),
    };
    let mut answer = answer.unwrap_or_else(|_| json!({ "ending": "refused" }));
    answer["output"] = String::from_utf8_lossy(&host.output).into();
    Ok(answer)
}

/// The files of a request under the root.
fn files(request: &Value, root: &str) -> Result<BTreeMap<String, Vec<u8>>, Box<dyn Error>> {
    let none = Map::new();
    let mut files = BTreeMap::new();
    let texts = request["files"].as_object().unwrap_or(&none);
    let binaries = request["files_base64"].as_object().unwrap_or(&none);
    for (name, text) in texts.iter().chain(binaries) {
        let text = text.as_str().ok_or("a file is a text")?.as_bytes();
        let bytes = match texts.contains_key(name) {
            true => text.to_vec(),
            false => BASE64.decode(text)?,
        };
        files.extend(name.strip_prefix(root).map(|name| (name.to_owned(), bytes)));
    }
    Ok(files)
}

fn limits(asked: &Value) -> Limits {
    let served = Limits::untrusted();
    let asked = |name: &str| asked[name].as_u64();
    Limits {
        fuel: asked("fuel").or(served.fuel),
        call_depth: asked("call_depth").unwrap_or(served.call_depth),
        output_bytes: asked("output_bytes").or(served.output_bytes),
        heap_bytes: asked("heap_bytes").unwrap_or(served.heap_bytes),
        ..served
    }
}

/// What was seen of a run, but for its output, in the words of the protocol.
fn seen<V, F: FaultCode, L>(
    outcome: &Outcome<V, F, L>,
    value: Option<String>,
    name: impl Fn(&L) -> String,
) -> Value {
    let ending = outcome.ending.name();
    json!({ "ending": ending, "value": value, "fault": outcome.code(), "at": outcome.at().map(name) })
}
