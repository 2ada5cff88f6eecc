//! Measures the speed of the `.Sc.` machine next to its peers.
//!
//! `cargo bench -p mmm-vm-sc --bench sc --features bench-peers [-- WORD]` reports nanoseconds for
//! each iteration of four programs, and megabytes per second of the decoder; with WORD, only the
//! rows that contain it. Lua and LuaJIT are measured if they are installed. Times vary: compare the
//! ratios.

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::Command;
use std::time::Instant;
use vm_base::{Limits, MemoryHost};
use vm_sc::{self as sc, Options};

/// The number of measurements; the best one counts.
const TIMES: usize = 5;

fn main() {
    let word = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    for program in PROGRAMS {
        if word
            .as_ref()
            .is_none_or(|word| program.name.contains(word.as_str()))
        {
            measure(program);
        }
    }
    if word
        .as_ref()
        .is_none_or(|word| "decode".contains(word.as_str()))
    {
        decode();
    }
}

/// A program, in every language that it is measured in.
struct Program {
    name: &'static str,
    turns: u64,
    sc: &'static str,
    lua: &'static str,
    /// The body of a function without parameters and result.
    wat: Option<&'static str>,
    native: fn(),
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "nested FOR, i64 sum",
        turns: 100_000_000,
        sc: "s = 0\nfor i = 0 to 10000\n for j = 0 to 10000\n  s = s + j\n end\nend\nprint(s)\n",
        lua: "local s = 0 for i = 0, 9999 do for j = 0, 9999 do s = s + j end end return s",
        wat: Some(
            "(local $i i64) (local $j i64) (local $s i64)
             (loop $outer
               (local.set $j (i64.const 0))
               (loop $inner
                 (local.set $s (i64.add (local.get $s) (local.get $j)))
                 (local.set $j (i64.add (local.get $j) (i64.const 1)))
                 (br_if $inner (i64.lt_s (local.get $j) (i64.const 10000))))
               (local.set $i (i64.add (local.get $i) (i64.const 1)))
               (br_if $outer (i64.lt_s (local.get $i) (i64.const 10000))))
             (global.set $out (local.get $s))",
        ),
        native: || {
            let mut sum = 0i64;
            for _ in 0..black_box(10_000) {
                for j in 0..black_box(10_000i64) {
                    sum = black_box(sum.checked_add(j).unwrap_or(0));
                }
            }
            black_box(sum);
        },
    },
    Program {
        name: "WHILE, floats",
        turns: 20_000_000,
        sc: "x = 0.0\nn = 0.0\nwhile n < 20000000.0\n x = x + n * 0.5\n n = n + 1.0\nend\nprint(x)\n",
        lua: "local x, n = 0.0, 0.0 while n < 20000000.0 do x = x + n * 0.5 n = n + 1.0 end return x",
        wat: Some(
            "(local $x f64) (local $n f64)
             (block $out (loop $again
               (br_if $out (i32.eqz (f64.lt (local.get $n) (f64.const 20000000))))
               (local.set $x (f64.add (local.get $x) (f64.mul (local.get $n) (f64.const 0.5))))
               (local.set $n (f64.add (local.get $n) (f64.const 1)))
               (br $again)))
             (global.set $out (i64.trunc_f64_s (local.get $x)))",
        ),
        native: || {
            let (mut x, mut n) = (0.0, 0.0);
            while n < black_box(20_000_000.0) {
                x = black_box(x + n * 0.5);
                n += 1.0;
            }
            black_box(x);
        },
    },
    Program {
        name: "many variables",
        turns: 5_000_000,
        sc: "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\nh = 0\n\
             for i = 0 to 5000000\n \
              a = (a + b * 3) % 1009\n b = (b + c) % 1013\n c = (c + d * i) % 1019\n \
              d = (d + e) % 1021\n e = e + f - a\n f = (f + g) % 1031\n g = g + 1\n \
              h = h + a * b - c\n\
             end\nprint(h)\n",
        lua: "local a, b, c, d, e, f, g, h = 1, 2, 3, 4, 5, 6, 7, 0 \
              for i = 0, 4999999 do \
              a = (a + b * 3) % 1009 b = (b + c) % 1013 c = (c + d * i) % 1019 \
              d = (d + e) % 1021 e = e + f - a f = (f + g) % 1031 g = g + 1 \
              h = h + a * b - c end return h",
        wat: Some(
            "(local $a i64) (local $b i64) (local $c i64) (local $d i64) (local $e i64)
             (local $f i64) (local $g i64) (local $h i64) (local $i i64)
             (local.set $a (i64.const 1)) (local.set $b (i64.const 2))
             (local.set $c (i64.const 3)) (local.set $d (i64.const 4))
             (local.set $e (i64.const 5)) (local.set $f (i64.const 6))
             (local.set $g (i64.const 7))
             (loop $again
               (local.set $a (i64.rem_s (i64.add (local.get $a) (i64.mul (local.get $b) (i64.const 3))) (i64.const 1009)))
               (local.set $b (i64.rem_s (i64.add (local.get $b) (local.get $c)) (i64.const 1013)))
               (local.set $c (i64.rem_s (i64.add (local.get $c) (i64.mul (local.get $d) (local.get $i))) (i64.const 1019)))
               (local.set $d (i64.rem_s (i64.add (local.get $d) (local.get $e)) (i64.const 1021)))
               (local.set $e (i64.sub (i64.add (local.get $e) (local.get $f)) (local.get $a)))
               (local.set $f (i64.rem_s (i64.add (local.get $f) (local.get $g)) (i64.const 1031)))
               (local.set $g (i64.add (local.get $g) (i64.const 1)))
               (local.set $h (i64.sub (i64.add (local.get $h) (i64.mul (local.get $a) (local.get $b))) (local.get $c)))
               (local.set $i (i64.add (local.get $i) (i64.const 1)))
               (br_if $again (i64.lt_s (local.get $i) (i64.const 5000000))))
             (global.set $out (local.get $h))",
        ),
        native: || {
            let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] =
                black_box([1i64, 2, 3, 4, 5, 6, 7, 0]);
            for i in 0..black_box(5_000_000) {
                a = (a + b * 3) % 1009;
                b = (b + c) % 1013;
                c = (c + d * i) % 1019;
                d = (d + e) % 1021;
                e = e + f - a;
                f = (f + g) % 1031;
                g += 1;
                h = h + a * b - c;
            }
            black_box(h);
        },
    },
    Program {
        name: "strings",
        turns: 2_000_000,
        sc: "n = 0\nfor i = 0 to 2000\n s = \"\"\n for j = 0 to 1000\n  s = s + \"ab\" + \"c\"\n end\n \
             n = n + len(s)\nend\nprint(n)\n",
        lua: "local n = 0 for i = 0, 1999 do local s = '' for j = 0, 999 do s = s .. 'ab' .. 'c' end \
              n = n + #s end return n",
        wat: None,
        native: || {
            let mut n = 0;
            for _ in 0..2000 {
                let mut s = String::new();
                for _ in 0..black_box(1000) {
                    s = s + black_box("ab") + black_box("c");
                }
                n += s.chars().count();
            }
            black_box(n);
        },
    },
];

/// Returns the processor time of this thread in seconds, as Lua's own clock does; the wall-clock
/// time on systems without it.
fn clock(start: Instant) -> f64 {
    let running = std::fs::read_to_string("/proc/thread-self/schedstat");
    let nanoseconds = running
        .ok()
        .and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    match nanoseconds {
        Some(nanoseconds) => nanoseconds / 1e9,
        None => start.elapsed().as_secs_f64(),
    }
}

fn best(mut run: impl FnMut()) -> f64 {
    let start = Instant::now();
    let once = |_| {
        let before = clock(start);
        run();
        clock(start) - before
    };
    (0..TIMES).map(once).fold(f64::INFINITY, f64::min)
}

fn measure(program: &Program) {
    println!("{} ({} turns)", program.name, program.turns);
    let loaded = match sc::load_bytes("bench.sca", program.sc, &Options::default()) {
        Ok(loaded) => loaded,
        Err(wrong) => panic!("{wrong:?}"),
    };
    let seconds = best(|| {
        let outcome = sc::run(&loaded, &mut MemoryHost::default(), &Limits::default());
        assert!(outcome.is_returned());
    });
    let ours = seconds / program.turns as f64 * 1e9;
    println!("  {:<22} {ours:>8.2} ns/turn", "vm_sc");
    let fuel = Limits {
        fuel: Some(u64::MAX / 2),
        ..Limits::default()
    };
    let metered = best(|| {
        sc::run(&loaded, &mut MemoryHost::default(), &fuel);
    });
    report("vm_sc with fuel", program, Ok(metered), ours);
    report("native Rust", program, Ok(best(program.native)), ours);
    report("Lua 5.4", program, lua(&["lua5.4"], program.lua), ours);
    report(
        "LuaJIT -joff",
        program,
        lua(&["luajit", "-joff"], program.lua),
        ours,
    );
    let wasm = match program.wat {
        Some(body) => wasmi(body),
        None => Err("has no strings".to_owned()),
    };
    report("wasmi", program, wasm, ours);
}

fn report(name: &str, program: &Program, seconds: Result<f64, String>, ours: f64) {
    match seconds {
        Ok(seconds) => {
            let turn = seconds / program.turns as f64 * 1e9;
            println!(
                "  {name:<22} {turn:>8.2} ns/turn   {:>6.2} x ours",
                turn / ours
            );
        }
        Err(why) => println!("  {name:<22}  missing: {why}"),
    }
}

/// Returns the seconds that Lua takes, by its own clock.
fn lua(command: &[&str], chunk: &str) -> Result<f64, String> {
    let script = format!(
        "local function run() {chunk} end local best = math.huge \
         for i = 1, {TIMES} do local t = os.clock() run() best = math.min(best, os.clock() - t) end \
         print(best)"
    );
    let output = Command::new(command[0])
        .args(&command[1..])
        .args(["-e", &script])
        .output()
        .map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())
}

#[cfg(not(feature = "bench-peers"))]
fn wasmi(_: &str) -> Result<f64, String> {
    Err("built without --features bench-peers".to_owned())
}

#[cfg(feature = "bench-peers")]
fn wasmi(body: &str) -> Result<f64, String> {
    let text =
        format!("(module (global $out (mut i64) (i64.const 0)) (func (export \"run\") {body}))");
    let wasm = wat::parse_str(&text).map_err(|error| error.to_string())?;
    let engine = wasmi::Engine::default();
    let module = wasmi::Module::new(&engine, &wasm[..]).map_err(|error| error.to_string())?;
    let mut store = wasmi::Store::new(&engine, ());
    let instance =
        wasmi::Instance::new(&mut store, &module, &[]).map_err(|error| error.to_string())?;
    let run = instance
        .get_typed_func::<(), ()>(&store, "run")
        .map_err(|error| error.to_string())?;
    Ok(best(|| {
        if let Err(error) = run.call(&mut store, ()) {
            panic!("{error}");
        }
    }))
}

/// Returns a text with many loops and expressions.
fn large_text() -> String {
    let mut text = String::new();
    for n in 0..20_000 {
        let _ = write!(
            text,
            "for i{n} = 0 to n + {n}\n x = (x + i{n} * {n}) % 1009\n \
             while x > 3 and y < {n}.5\n  y = y * 2.0 + x\n  print(\"text {n}\", len(z), -x)\n \
             stop\n end\nend\n"
        );
    }
    text
}

fn decode() {
    let bytes = match sc::assemble("bench.sca", &large_text()) {
        Ok(bytes) => bytes,
        Err(wrong) => panic!("{wrong:?}"),
    };
    let size = bytes.len() as f64 / 1e6;
    println!("decode and check ({size:.1} MB)");
    let ours = size / best(|| assert!(sc::decode("bench.sc", black_box(&bytes), false).is_ok()));
    println!("  {:<22} {ours:>8.1} MB/s", "vm_sc");
    let load = size
        / best(|| {
            let program = sc::load_bytes("bench.sc", bytes.clone(), &Options::default());
            assert!(program.is_ok());
        });
    println!(
        "  {:<22} {load:>8.1} MB/s   {:>6.2} x decode",
        "vm_sc load to run",
        load / ours
    );
    match validate(bytes.len()) {
        Ok(rate) => println!(
            "  {:<22} {rate:>8.1} MB/s   {:>6.2} x ours",
            "wasmparser",
            rate / ours
        ),
        Err(why) => println!("  {:<22}  missing: {why}", "wasmparser"),
    }
}

#[cfg(not(feature = "bench-peers"))]
fn validate(_: usize) -> Result<f64, String> {
    Err("built without --features bench-peers".to_owned())
}

/// Validates a module of at least this size, with loops and expressions.
#[cfg(feature = "bench-peers")]
fn validate(size: usize) -> Result<f64, String> {
    let mut text = String::from("(module (func $f (param i64 f64) (result i64) (local.get 0))");
    // Each function takes 68 bytes.
    for n in 0..size / 68 + 1 {
        let _ = write!(
            text,
            "(func (local $x i64) (local $y f64) (local $i i64) (loop $l \
             (local.set $x (i64.rem_s (i64.add (local.get $x) (i64.mul (local.get $i) (i64.const {n}))) (i64.const 1009))) \
             (local.set $y (f64.add (f64.mul (local.get $y) (f64.const {n}.5)) (f64.convert_i64_s (local.get $x)))) \
             (drop (call $f (local.get $x) (local.get $y))) \
             (br_if $l (i64.lt_s (local.get $x) (i64.const {n})))))"
        );
    }
    text.push(')');
    let wasm = wat::parse_str(&text).map_err(|error| error.to_string())?;
    let megabytes = wasm.len() as f64 / 1e6;
    println!("  (the wasm module has {megabytes:.1} MB)");
    Ok(megabytes
        / best(|| {
            assert!(wasmparser::validate(black_box(&wasm)).is_ok());
        }))
}
