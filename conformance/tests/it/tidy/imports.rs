//! Which files may not use which modules. What a manifest forbids is not listed here: that the
//! machines know neither each other nor the suite, that the reference evaluators know no machine.

use super::assert_none;
use super::modules::Modules;

/// Some files may not use some modules.
struct Rule {
    /// Files, or folders that end in `/`.
    files: &'static [&'static str],
    /// Full paths of modules and items, as their crate or a facade names them.
    forbidden: &'static [&'static str],
    /// Files that may.
    except: &'static [&'static str],
    why: &'static str,
}

const HOST: &str = "vm_base::host::Host";

const RULES: &[Rule] = &[
    Rule {
        files: &["vm/"],
        forbidden: &[
            "std::fs",
            "std::env",
            "std::time",
            "std::process",
            "std::net",
        ],
        except: &["vm/base/src/host.rs"],
        why: "a machine reaches the world through its host only",
    },
    Rule {
        files: &["vm/mmm/src/parse.rs", "vm/mmm/src/print.rs"],
        forbidden: &[
            "vm_mmm::run",
            "vm_mmm::link",
            "vm_mmm::value",
            "vm_mmm::program",
            HOST,
        ],
        except: &[],
        why: "text does not depend on how it is run",
    },
    Rule {
        files: &["vm/mmm/src/insn.rs"],
        forbidden: &[
            "vm_mmm::parse",
            "vm_mmm::print",
            "vm_mmm::run",
            "vm_mmm::link",
        ],
        except: &[],
        why: "the table of instructions is below its users",
    },
    Rule {
        files: &["vm/mmm/src/link.rs"],
        forbidden: &["vm_mmm::run", HOST],
        except: &[],
        why: "a check runs nothing",
    },
    Rule {
        files: &["vm/mmm/src/value.rs"],
        forbidden: &["vm_mmm::insn", HOST],
        except: &[],
        why: "values are below instructions",
    },
    Rule {
        files: &["vm/mmm/src/run.rs", "vm/mmm/src/ops/"],
        forbidden: &["vm_mmm::parse", "vm_mmm::print", "vm_mmm::link"],
        except: &[],
        why: "a run sees a loaded program, not its text",
    },
    Rule {
        files: &[
            "vm/sc/src/parse/",
            "vm/sc/src/decode.rs",
            "vm/sc/src/print.rs",
        ],
        forbidden: &[
            "vm_sc::run",
            "vm_sc::check",
            "vm_sc::compile",
            "vm_sc::dispatch",
            "vm_sc::interp",
            "vm_sc::quicken",
            HOST,
        ],
        except: &[],
        why: "text and bytes do not depend on how they are run",
    },
    Rule {
        files: &["vm/sc/src/insn.rs"],
        forbidden: &[
            "vm_sc::parse",
            "vm_sc::print",
            "vm_sc::run",
            "vm_sc::interp",
            "vm_sc::check",
        ],
        except: &[],
        why: "the table of instructions is below its users",
    },
    Rule {
        files: &["vm/sc/src/check.rs"],
        forbidden: &["vm_sc::run", "vm_sc::compile", HOST],
        except: &[],
        why: "a check runs nothing",
    },
    Rule {
        files: &["conformance/src/compare.rs", "conformance/src/report/"],
        forbidden: &[
            "conformance::engines",
            "mmm_reference",
            "vm_mmm",
            "vm_sc",
            "vm_py",
        ],
        // It shows a binary program as text.
        except: &["conformance/src/report/finding.rs"],
        why: "comparisons and reports read observations and run nothing",
    },
    Rule {
        files: &[
            "conformance/src/engines/",
            "conformance/src/generate/",
            "conformance/src/compare.rs",
        ],
        forbidden: &[
            "conformance::campaign",
            "conformance::conform",
            "conformance::reduce",
        ],
        except: &[],
        why: "engines and generators are below those who use them",
    },
    Rule {
        files: &["conformance/src/reduce.rs", "conformance/src/reduce/"],
        forbidden: &["conformance::campaign"],
        except: &[],
        why: "campaigns use the reducer, not the other way round",
    },
    Rule {
        files: &["conformance/src/"],
        forbidden: &[
            "vm_mmm::load::load",
            "vm_mmm::run",
            "vm_sc::load::load",
            "vm_sc::load::load_bytes",
            "vm_sc::load::load_with",
            "vm_sc::run",
            "vm_py::program::load",
            "vm_py::program::load_bytes",
        ],
        except: &[
            "conformance/src/engines/machines.rs",
            "conformance/src/fuzzing.rs",
        ],
        why: "machines are loaded and run in one place",
    },
    Rule {
        files: &["conformance/src/main.rs"],
        forbidden: &["vm", "conformance"],
        except: &[],
        why: "the program begins in cli",
    },
];

#[test]
fn no_file_uses_what_it_may_not() {
    let modules = Modules::read();
    let files = modules.files();
    let mut problems = Vec::new();
    for rule in RULES {
        for place in rule.files.iter().chain(rule.except) {
            if !files.iter().any(|file| is_within(file, place)) {
                problems.push(format!("a rule names {place}, which does not exist"));
            }
        }
        for path in rule.forbidden {
            if !path.starts_with("std::") && !modules.exists(path) {
                problems.push(format!("a rule names {path}, which does not exist"));
            }
        }
    }
    for each in modules.uses() {
        for rule in RULES {
            let applies = rule.files.iter().any(|place| is_within(&each.file, place));
            if !applies || rule.except.contains(&&*each.file) {
                continue;
            }
            let mut forbidden = rule.forbidden.iter();
            if let Some(path) =
                forbidden.find(|path| each.forms.iter().any(|form| is_in(form, path)))
            {
                let (file, line, shown) = (&each.file, each.line, &each.forms[0]);
                let why = rule.why;
                problems.push(format!(
                    "{file}:{line}: uses {shown}, which is in {path}: {why}"
                ));
            }
        }
    }
    assert_none(&problems);
}

fn is_within(file: &str, place: &str) -> bool {
    file == place || place.ends_with('/') && file.starts_with(place)
}

/// Returns true if a path is that of a module or item, or leads into it.
fn is_in(path: &str, module: &str) -> bool {
    let rest = path.strip_prefix(module);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

#[test]
fn a_path_is_in_a_module_whole_words_at_a_time() {
    assert!(is_in("vm_mmm::run", "vm_mmm::run"));
    assert!(is_in("vm_mmm::run::step", "vm_mmm::run"));
    assert!(!is_in("vm_mmm::runner", "vm_mmm::run"));
    assert!(!is_in("vm_mmm", "vm_mmm::run"));
}
