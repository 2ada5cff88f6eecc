//! The modules inside another do not use each other in a circle, neither directly nor through the
//! modules inside them. A module and those inside it may use each other: they are one thing in
//! several files.

use super::assert_none;
use super::modules::{Modules, Use};
use std::collections::{BTreeMap, BTreeSet};

/// Circles that are known and not cut yet: the module around them, and the modules in the circle.
const KNOWN: &[(&str, &[&str])] = &[
    ("conformance", &["campaign", "report"]),
    ("vm_py_compile", &["assemble", "peephole"]),
    // A native calls back into the machine that calls it: these need a seam.
    (
        "vm_py_run",
        &[
            "code", "format", "heap", "import", "lower", "modules", "native", "object", "run",
            "trace", "types", "vm", "warn",
        ],
    ),
    ("vm_py_run", &["hash", "text"]),
    ("vm_py_run::modules", &["builtins", "sys"]),
    (
        "vm_py_run::types",
        &[
            "bytes",
            "complex",
            "float",
            "int",
            "number",
            "sequence",
            "str",
            "str_methods",
        ],
    ),
    (
        "vm_py_run::types",
        &["dict", "generic", "object", "set", "tuple", "type_"],
    ),
    ("vm_py_run::types", &["generator", "iterators"]),
];

/// Which name uses which others, each with the line and path that shows it.
type Graph<'a> = BTreeMap<&'a str, BTreeMap<&'a str, String>>;

#[test]
fn no_modules_use_each_other_in_a_circle() {
    let uses = Modules::read().uses();
    let mut levels: BTreeMap<String, Graph> = BTreeMap::new();
    for each in &uses {
        let Some((around, from, to)) = siblings(each) else {
            continue;
        };
        let graph = levels.entry(around).or_default();
        let edges = graph.entry(from).or_default();
        let shown = || format!("{}:{}: {}", each.file, each.line, each.forms[0]);
        edges.entry(to).or_insert_with(shown);
    }
    let mut problems = Vec::new();
    for (around, modules) in KNOWN {
        let graph = levels.get(*around);
        let circles = graph.map(components).unwrap_or_default();
        if !circles.iter().any(|circle| circle.iter().eq(*modules)) {
            let problem = format!("{around}: {modules:?} is not a circle any more: remove it");
            problems.push(problem);
        }
    }
    for (around, graph) in &levels {
        for circle in components(graph) {
            let known =
                |(at, modules): &(&str, &[&str])| at == around && circle.iter().eq(*modules);
            if KNOWN.iter().any(known) {
                continue;
            }
            let files: Vec<&str> = circle.iter().copied().collect();
            problems.push(format!(
                "in {around}, these use each other: {}",
                files.join(", ")
            ));
            for from in &files {
                let inside = graph[from].iter().filter(|(to, _)| circle.contains(*to));
                problems.extend(inside.map(|(to, shown)| format!("    {shown} -> {to}")));
            }
        }
    }
    assert_none(&problems);
}

/// Returns the innermost module around both ends of a use, and the module inside it that each end
/// is in; `None` if one end is the module around the other.
fn siblings(each: &Use) -> Option<(String, &str, &str)> {
    let (from, to) = (&each.module, each.defined_in.as_ref()?);
    let common = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    match (common, from.get(common), to.get(common)) {
        (1.., Some(a), Some(b)) => Some((from[..common].join("::"), a, b)),
        _ => None,
    }
}

/// Returns the strongly connected components of more than one name (Tarjan's algorithm).
fn components<'a>(graph: &Graph<'a>) -> Vec<BTreeSet<&'a str>> {
    struct Search<'g, 'a> {
        graph: &'g Graph<'a>,
        /// The number under which a name was reached, and the least that it leads back to.
        seen: BTreeMap<&'a str, (usize, usize)>,
        open: Vec<&'a str>,
        found: Vec<BTreeSet<&'a str>>,
    }
    impl<'a> Search<'_, 'a> {
        fn visit(&mut self, file: &'a str) {
            let number = self.seen.len();
            self.seen.insert(file, (number, number));
            self.open.push(file);
            let mut least = number;
            for &next in self.graph.get(file).into_iter().flat_map(BTreeMap::keys) {
                if !self.seen.contains_key(next) {
                    self.visit(next);
                    least = least.min(self.seen[next].1);
                } else if self.open.contains(&next) {
                    least = least.min(self.seen[next].0);
                }
            }
            self.seen.insert(file, (number, least));
            if least == number {
                let start = self.open.iter().position(|open| *open == file);
                let component = self.open.split_off(start.unwrap_or(0));
                if component.len() > 1 {
                    self.found.push(component.into_iter().collect());
                }
            }
        }
    }
    let mut search = Search {
        graph,
        seen: BTreeMap::new(),
        open: Vec::new(),
        found: Vec::new(),
    };
    for file in graph.keys() {
        if !search.seen.contains_key(file) {
            search.visit(file);
        }
    }
    search.found
}

#[track_caller]
fn check_components(edges: &[(&str, &str)], expected: &[&[&str]]) {
    let mut graph = Graph::new();
    for (from, to) in edges {
        let edges = graph.entry(from).or_default();
        edges.insert(to, String::new());
    }
    let expected: Vec<BTreeSet<&str>> = expected
        .iter()
        .map(|circle| circle.iter().copied().collect())
        .collect();
    assert_eq!(components(&graph), expected, "{edges:?}");
}

#[test]
fn circles_are_strongly_connected_components() {
    check_components(&[("a", "b"), ("b", "c"), ("a", "c")], &[]);
    check_components(&[("a", "b"), ("b", "a")], &[&["a", "b"]]);
    check_components(
        &[
            ("a", "b"),
            ("b", "c"),
            ("c", "a"),
            ("c", "d"),
            ("d", "e"),
            ("e", "d"),
        ],
        &[&["d", "e"], &["a", "b", "c"]],
    );
}
