//! Runs a `.pyc` or `.cpyasm` file: `run FILE [ARGS…]`.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use vm_base::{DirHost, Limits};

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let Some(file) = args.next() else {
        eprintln!("usage: run FILE [ARGS…]");
        return ExitCode::from(2);
    };
    let rest: Vec<String> = args.collect();
    let path = Path::new(&file);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            eprintln!("{file}: {error}");
            return ExitCode::from(2);
        }
    };
    let program = match vm_py_run::load_bytes(&name, &bytes) {
        Ok(program) => program,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let mut host = match DirHost::new(folder, std::io::stdout()) {
        Ok(host) => host,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let outcome = vm_py_run::run(&program, &name, &rest, &mut host, &Limits::default());
    let _ = host.flush();
    let _ = std::io::stderr().write_all(&outcome.stderr);
    if let Some(limit) = outcome.limit {
        eprintln!("limit: {}", limit.code());
    }
    ExitCode::from(outcome.status as u8)
}
