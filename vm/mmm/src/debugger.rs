//! The debugger that `breakpoint` opens.

use super::ops::dump;
use super::program::{Pc, Program};
use super::value::Value;
use vm_base::{CallStack, DebugPort, closest};

/// The state of the stopped program.
pub(super) struct View<'a> {
    pub(super) program: &'a Program,
    /// The active calls.
    pub(super) calls: &'a CallStack<Pc>,
    /// The local stack of the innermost call.
    pub(super) stack: &'a [Value],
}

/// How to go on.
pub(super) enum Choice {
    /// Run on, and pause again as given here or not at all.
    Run(Option<Pause>),
    Quit,
}

/// When to pause again.
#[derive(Clone, Copy)]
pub(super) enum Pause {
    /// Before the next instruction.
    Step,
    /// Before the next instruction with at most this many active calls.
    AtDepth(u64),
}

/// The commands: name, one-letter form, what it does.
const MENU: [(&str, &str, &str); 10] = [
    ("continue", "c", "run on"),
    ("step", "s", "run one instruction, into calls"),
    ("next", "n", "run one instruction, over calls"),
    ("out", "o", "run until this function is left"),
    ("stack", "k", "show the local stack"),
    ("calls", "b", "show the active calls"),
    (
        "source",
        "l",
        "show the source around here; 'source 20' shows 20 lines each way",
    ),
    ("dump", "d", "show what stack_dump would print"),
    ("quit", "q", "end the program"),
    ("help", "h", "show this menu"),
];

/// Lets the user look around until they choose how to go on. The end of the input means to
/// continue.
pub(super) fn session(view: &View<'_>, port: &mut dyn DebugPort) -> Choice {
    let at = view.calls.inner[0];
    let depth = view.calls.depth();
    let (op, words) = view.program.words(at.0);
    let mnemonic = op.info().mnemonic;
    let words = if words == mnemonic { "" } else { words };
    let words: String = words.chars().take(80).collect();
    let insn = format!("{mnemonic} {words}");
    port.show(&format!(
        "stopped at {}: {}\n",
        view.program.location(at),
        insn.trim_end()
    ));
    port.show(
        "(c)ontinue (s)tep (n)ext (o)ut | stac(k) calls(b) source(l) (d)ump | (q)uit (h)elp\n",
    );
    loop {
        let Some(line) = port.read_line("mmm> ") else {
            return Choice::Run(None);
        };
        let mut line = line.split_whitespace();
        let Some(word) = line.next() else { continue };
        let argument = line.next();
        let found = MENU
            .iter()
            .find(|(name, letter, _)| word == *name || word == *letter);
        let mut out = Vec::new();
        match found.map_or("", |(name, _, _)| *name) {
            "continue" => return Choice::Run(None),
            "step" => return Choice::Run(Some(Pause::Step)),
            "next" => return Choice::Run(Some(Pause::AtDepth(depth))),
            "out" => return Choice::Run(Some(Pause::AtDepth(depth - 1))),
            "quit" => return Choice::Quit,
            "stack" if view.stack.is_empty() => out.extend_from_slice(b"  (empty)\n"),
            "stack" => items(view, port),
            "calls" => dump::call_lines(view.program, view.calls, &mut out),
            "dump" => {
                let empty = view.stack.is_empty();
                dump::head(view.program, view.calls, empty, &mut out);
                port.show(&String::from_utf8_lossy(&std::mem::take(&mut out)));
                items(view, port);
            }
            "source" => {
                let lines = argument.and_then(|lines| lines.parse().ok()).unwrap_or(4);
                out.extend_from_slice(view.program.around(at.0, lines).as_bytes());
            }
            "help" => {
                for (name, letter, what) in MENU {
                    out.extend_from_slice(format!("  {name:<9} {letter}  {what}\n").as_bytes());
                }
            }
            _ => {
                let near = closest(word, MENU.iter().map(|(name, _, _)| *name));
                let hint = near.map_or_else(
                    || "'help' shows the menu".to_owned(),
                    |near| format!("did you mean '{near}'?"),
                );
                out.extend_from_slice(format!("unknown command '{word}'; {hint}\n").as_bytes());
            }
        }
        port.show(&String::from_utf8_lossy(&out));
    }
}

/// Shows the items of the local stack one by one, because they can be many and long.
fn items(view: &View<'_>, port: &mut dyn DebugPort) {
    for (nth, &value) in view.stack.iter().enumerate() {
        let mut out = Vec::new();
        dump::item(view.program, nth, value, &mut out);
        port.show(&String::from_utf8_lossy(&out));
    }
}
