//! A host with functions of its own: `cargo run -p mmm-vm-sc --example sc_host_function`.
//!
//! The program counts words with the function `count`, which keeps the numbers in the host, and
//! reads them with `times`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use vm_base::{ColorChoice, Limits, MemoryHost};
use vm_sc::{self as sc, Arity, Fault, Options, Value};

const PROGRAM: &str = "\
for i = 0 to 10
    count(\"turn\")
    while i % 3 == 0
        count(\"three\")
        stop
    end
end
print(times(\"turn\"), times(\"three\"), times(\"never\"))
count(5)
";

fn main() {
    let counts: Arc<Mutex<HashMap<String, i64>>> = Arc::default();
    let mut options = Options::default();

    let shared = Arc::clone(&counts);
    options
        .functions
        .add("count", Arity::Exactly(1), move |arguments| {
            let [Value::Str(word)] = arguments else {
                return Err(Fault::TypeMismatch);
            };
            let mut counts = shared.lock().map_err(|_| Fault::Host("poisoned".into()))?;
            *counts.entry(word.to_string()).or_default() += 1;
            Ok(Value::Nil)
        });
    options
        .functions
        .add("times", Arity::Exactly(1), move |arguments| {
            let [Value::Str(word)] = arguments else {
                return Err(Fault::TypeMismatch);
            };
            let counts = counts.lock().map_err(|_| Fault::Host("poisoned".into()))?;
            Ok(Value::Int(counts.get(&**word).copied().unwrap_or(0)))
        });

    let limits = Limits::default();
    let mut host = MemoryHost::new([("words.sca", PROGRAM)]);
    let program = match sc::load_with(&mut host, "words.sca", &options, &limits) {
        Ok(program) => program,
        Err(error) => {
            eprintln!("{error}");
            return;
        }
    };
    let outcome = sc::run(&program, &mut host, &limits);
    print!("{}", String::from_utf8_lossy(&host.output));
    // The last call of the program faults, because `count` takes a Str.
    if let Some(why) = program.explain(&outcome) {
        eprint!("{}", why.render(ColorChoice::Never));
    }
}
