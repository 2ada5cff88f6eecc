//! The targets of links within the page.

use crate::machine::Machine;
use crate::report::results::{Campaign, Results};

/// Returns the id of a case in a run of the corpus.
pub(super) fn case_id(run: usize, name: &str) -> String {
    let name = plain(name, "/._-");
    match run {
        0 => name,
        _ => format!("{run}:{name}"),
    }
}

/// Returns the id of a finding of a campaign.
pub(super) fn finding_id(campaign: usize, finding: usize) -> String {
    format!("finding-{campaign}-{finding}")
}

/// Returns the id of a clause.
pub(super) fn clause_id(clause: &str) -> String {
    format!("clause-{}", plain(clause, "._-"))
}

/// Replaces each character that is neither ASCII alphanumeric nor in `also`.
fn plain(text: &str, also: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
    text.chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect()
}

/// Returns true if the page has a table of clauses.
pub(super) fn has_clauses(results: &Results) -> bool {
    let mut campaigns = results.campaigns.iter();
    !results.conformance.is_empty() || campaigns.any(|campaign| campaign.summary.sampled > 0)
}

/// Returns true if that table has all clauses of a machine, so that each can be linked to.
pub(super) fn has_clauses_of(results: &Results, machine: Machine) -> bool {
    let is_sampled =
        |campaign: &Campaign| campaign.machine == machine && campaign.summary.sampled > 0;
    results.campaigns.iter().any(is_sampled)
}

#[cfg(test)]
mod tests {
    use super::{case_id, clause_id};

    #[test]
    fn ids_are_plain() {
        assert_eq!(clause_id("mmm.ret.1"), "clause-mmm.ret.1");
        assert_eq!(clause_id("\"><b>"), "clause-___b_");
        assert_eq!(case_id(0, "mmm/ret/<a>"), "mmm/ret/_a_");
        assert_eq!(case_id(1, "mmm/ret/a"), "1:mmm/ret/a");
    }
}
