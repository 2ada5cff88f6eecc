//! `mmm serve` as its client sees it.

use crate::common::Folder;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

/// The answers to lines of requests.
fn serve(requests: &[u8]) -> Vec<Value> {
    let seen = Folder::of(&[]).run_with("serve", requests);
    assert_eq!(seen.status, Some(0), "{seen:#?}");
    assert_eq!(seen.err, "");
    let answers = seen.out.lines();
    answers
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn request(main: &str) -> Value {
    json!({"id": 1, "machine": "mmm", "entry": "main.mmm", "files": {"main.mmm": main}})
}

#[track_caller]
fn check_answer(request: &Value, answer: &Value) {
    let line = format!("{request}\n");
    assert_eq!(serve(line.as_bytes()), std::slice::from_ref(answer));
}

#[test]
fn a_program_is_run() {
    check_answer(
        &request("function main\nint 4\nprintn *\nret\nend"),
        &json!({"id": 1, "output": "4\n", "ending": "returned", "value": "4", "fault": null, "at": null}),
    );
    check_answer(
        &request("function main\npop\nend"),
        &json!({"id": 1, "output": "", "ending": "faulted", "value": null, "fault": "stack-size", "at": "main.mmm#main:2"}),
    );
    check_answer(
        &request("function main"),
        &json!({"id": 1, "output": "", "ending": "refused", "value": null, "fault": null, "at": null}),
    );
    check_answer(
        &request("function main\nbreakpoint\nend"),
        &json!({"id": 1, "output": "", "ending": "returned", "value": null, "fault": null, "at": null}),
    );
}

#[test]
fn limits_are_as_asked_or_generous() {
    let text = "function main\nint 1\nprintn *\nend";
    let limited = |code: &str, line: u32| {
        let at = format!("main.mmm#main:{line}");
        json!({"id": 1, "output": "", "ending": "limited", "value": null, "fault": code, "at": at})
    };
    let mut asked = request(text);
    asked["limits"] = json!({"fuel": 1});
    check_answer(&asked, &limited("out-of-fuel", 3));
    asked["limits"] = json!({"output_bytes": 1, "fuel": null, "colour": "red"});
    check_answer(&asked, &limited("output-limit", 3));
    asked["limits"] = json!({"heap_bytes": 0});
    assert_eq!(
        serve(format!("{asked}\n").as_bytes())[0]["fault"],
        "memory-limit"
    );
    let mut deep = request("function main\ncall main.mmm#main\nend");
    deep["limits"] = json!({"call_depth": 2});
    check_answer(&deep, &limited("call-depth", 2));
    // 2^24 calls of a function of one instruction, and a MiB of output.
    let mut text = String::from("function main\ncall main.mmm#f24\nend\nfunction f0\nend\n");
    for n in 1..=23 {
        let m = n - 1;
        text += &format!("function f{n}\ncall main.mmm#f{m}\ncall main.mmm#f{m}\nend\n");
    }
    text += "function f24\ncall main.mmm#f22\nend\n";
    assert_eq!(
        serve(format!("{}\n", request(&text)).as_bytes())[0]["ending"],
        "returned"
    );
    let text = format!(
        "function main\nstring \"{}\"\nprintn *\nend",
        "x".repeat(1 << 20)
    );
    assert_eq!(
        serve(format!("{}\n", request(&text)).as_bytes())[0]["ending"],
        "returned"
    );
}

#[test]
fn the_entry_s_folder_is_the_root() {
    let call = |path: &str| {
        let main = format!("function main\ncall {path}#f\nend");
        let library = "function f\nint 1\nprintn *\nend";
        json!({
            "id": 1, "machine": "mmm", "entry": "app/main.mmm",
            "files": {"app/main.mmm": main, "app/sub/a.mmm": library, "a.mmm": library},
        })
    };
    let inside = json!({"id": 1, "output": "1\n", "ending": "returned", "value": null, "fault": null, "at": null});
    let outside = json!({"id": 1, "output": "", "ending": "faulted", "value": null, "fault": "file-access", "at": "main.mmm#main:2"});
    check_answer(&call("sub/a.mmm"), &inside);
    check_answer(&call("/sub/a.mmm"), &inside);
    check_answer(&call("../a.mmm"), &outside);
    check_answer(&call("/a.mmm"), &outside);
    check_answer(&call("../app/sub/a.mmm"), &outside);
}

#[test]
fn files_may_come_in_base64() {
    let mut asked = json!({
        "id": 1, "machine": "mmm", "entry": "./main.mmm",
        "files_base64": {"main.mmm": "ZnVuY3Rpb24gbWFpbgppbnQgMQpyZXQKZW5kCg=="},
    });
    assert_eq!(serve(format!("{asked}\n").as_bytes())[0]["value"], "1");
    asked["files_base64"]["main.mmm"] = json!("/w==");
    assert_eq!(
        serve(format!("{asked}\n").as_bytes())[0]["ending"],
        "refused"
    );
}

#[test]
fn sc_files_come_in_base64_and_as_text() {
    let asked = |field: &str, name: &str, content: &str| {
        format!(
            "{}\n",
            json!({"id": 1, "machine": "sc", "entry": name, field: {name: content}})
        )
    };
    let empty = data_encoding::BASE64.encode(&[&b".Sc."[..], &[0; 42]].concat());
    let seen = |line: String| serve(line.as_bytes()).remove(0);
    let answer = seen(asked("files_base64", "a.sc", &empty));
    assert_eq!(
        (&answer["ending"], &answer["value"]),
        (&json!("returned"), &Value::Null)
    );
    assert_eq!(
        seen(asked("files_base64", "a.sc", "LlNjLg=="))["ending"],
        "refused"
    );
    assert_eq!(
        seen(asked("files", "a.sca", "print(1.5)\n"))["output"],
        "1.5\n"
    );
    let fault = seen(asked("files", "a.sca", "print(1)\nx = y\n"));
    assert_eq!(
        (&fault["fault"], &fault["at"]),
        (&json!("unset-variable"), &json!("a.sca:1"))
    );
}

#[test]
fn an_id_comes_back_as_it_was() {
    for id in [
        "null",
        "\"a\\u00e9\\n\"",
        "1e400",
        "[1, {\"a\": null}]",
        "123456789012345678901",
    ] {
        let line = format!("{{\"hello\":1,\"id\":{id}}}\n");
        let seen = Folder::of(&[]).run_with("serve", line);
        assert!(
            seen.out.starts_with(&format!("{{\"id\":{id},")),
            "{}",
            seen.out
        );
    }
    let hello = &serve(b"{\"hello\": 1}")[0];
    assert_eq!(hello["id"], Value::Null);
    assert_eq!(hello["hello"], 1);
    assert_eq!(hello["machines"][0], "mmm");
}

#[track_caller]
fn check_error(line: impl AsRef<[u8]>, id: Value, error: &str) {
    let mut lines = line.as_ref().to_vec();
    lines.extend_from_slice(b"\n{\"id\": \"next\", \"hello\": 1}");
    let answers = serve(&lines);
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert_eq!(answers[1]["id"], "next");
    let found = &answers[0];
    assert_eq!(found["id"], id, "{found}");
    assert!(found["error"].as_str().unwrap().contains(error), "{found}");
    assert_eq!(found.as_object().unwrap().len(), 2, "{found}");
}

#[test]
fn nonsense_is_answered_and_service_goes_on() {
    let with = |key: &str, value: Value| {
        let mut request = request("function main\nend");
        request[key] = value;
        request.to_string()
    };
    let without = |key: &str| {
        let mut request = request("function main\nend");
        request.as_object_mut().unwrap().remove(key);
        request.to_string()
    };
    check_error("nonsense", Value::Null, "JSON object");
    check_error("[]", Value::Null, "JSON object");
    check_error("[1, 2]", Value::Null, "JSON object");
    check_error("{\"id\": 1", Value::Null, "not JSON");
    check_error("{\"id\": 1} {\"id\": 2}", Value::Null, "not JSON");
    check_error(b"{\"id\": 1, \"entry\": \"\xff\"}", json!(1), "");
    check_error("{}", Value::Null, "\"machine\"");
    check_error(without("machine"), json!(1), "\"machine\"");
    check_error(without("entry"), json!(1), "\"entry\"");
    check_error(without("files"), json!(1), "not among the files");
    check_error(
        with("machine", json!("abacus")),
        json!(1),
        "unknown machine 'abacus'",
    );
    check_error(with("machine", json!(3)), json!(1), "expected a string");
    check_error(
        with("machine", json!("py")),
        json!(1),
        "does not run programs of 'py'",
    );
    check_error(
        with("entry", json!("other.mmm")),
        json!(1),
        "not among the files",
    );
    check_error(with("entry", json!("../main.mmm")), json!(1), "leads out");
    check_error(with("entry", json!("")), json!(1), "leads out");
    check_error(
        with("files", json!(["main.mmm"])),
        json!(1),
        "expected a map",
    );
    check_error(
        with("files", json!({"main.mmm": 1})),
        json!(1),
        "expected a string",
    );
    check_error(
        with("files", json!({"main.mmm": "", "../a": ""})),
        json!(1),
        "leads out",
    );
    check_error(
        with("files", json!({"main.mmm": "", "./main.mmm": ""})),
        json!(1),
        "same name",
    );
    check_error(
        with("files_base64", json!({"main.mmm": ""})),
        json!(1),
        "same name",
    );
    check_error(
        with("files_base64", json!({"a": "*"})),
        json!(1),
        "not base64",
    );
    check_error(
        with("files_base64", json!({"a": "AA"})),
        json!(1),
        "not base64",
    );
    check_error(
        with("limits", json!({"fuel": -1})),
        json!(1),
        "whole number",
    );
    check_error(
        with("limits", json!({"fuel": 1.5})),
        json!(1),
        "whole number",
    );
    check_error(
        with("limits", json!({"fuel": "9"})),
        json!(1),
        "whole number",
    );
    check_error(with("limits", json!(7)), json!(1), "limits");
    let deep = format!(
        "{{\"id\": 1, \"entry\": {}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    check_error(deep, json!(1), "");
}

#[test]
fn a_giant_line_is_passed_over() {
    let mut lines = vec![b' '; (256 << 20) + 1];
    lines[0] = b'{';
    check_error(&lines, Value::Null, "longer than 256 MiB");
}

#[test]
fn blank_lines_and_strange_fields_are_passed_over() {
    let answers = serve(b"\n  \r\n{\"id\": 1, \"hello\": 1, \"colour\": {\"red\": [1]}}\r\n\n");
    assert_eq!(answers.len(), 1);
    assert!(serve(b"").is_empty());
}

#[test]
fn each_answer_comes_before_the_next_request_and_none_before_the_first() {
    let mut child = Folder::of(&[])
        .mmm()
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    for n in 0..3 {
        writeln!(stdin, "{}", json!({"id": n, "hello": 1})).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["id"], n);
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
