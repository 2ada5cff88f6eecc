//! The quirks of the references, held to the specifications.

use conformance::machine::Machine;
use conformance::reference::quirks::of;
use conformance::spec;
use std::collections::BTreeSet;

#[test]
fn every_quirk_has_a_name_and_violates_a_clause() {
    for machine in [Machine::Mmm, Machine::Sc] {
        let clauses = spec::clauses(machine).expect("the specification reads");
        let quirks = of(machine);
        for quirk in quirks {
            let known = clauses.iter().any(|clause| clause.id == quirk.clause);
            assert!(known, "{}: {}", quirk.name, quirk.clause);
        }
        let names: BTreeSet<&str> = quirks.iter().map(|quirk| &*quirk.name).collect();
        assert_eq!(names.len(), quirks.len());
        assert!(quirks.len() >= 60, "{machine}: {}", quirks.len());
    }
}
