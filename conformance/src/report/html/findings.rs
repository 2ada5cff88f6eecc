//! The findings of campaigns, in the list of programs.

use super::anchors::{clause_id, finding_id, has_clauses_of};
use super::markup::{code, mark, visible_text};
use super::program::{MAX_MESSAGE, Sides, code_cut, difference_sentence, differs_word, message};
use crate::campaign::{Divergence, EngineRun, Finding, Next};
use crate::report::paint::grouped;
use crate::report::results::{Campaign, Results, finding_name};
use crate::report::visible::{cut, escaped};
use std::fmt::Write as _;

/// The maximal number of bytes of an output in the table of engines.
const MAX_CELL: usize = 400;

/// Returns a finding of a campaign.
pub(super) fn item(results: &Results, campaign: &Campaign, at: usize, number: usize) -> String {
    let finding = &campaign.summary.findings[number];
    let mut out = head(campaign, finding, &finding_id(at, number));
    let _ = write!(out, "<p>{}.", escaped(&finding.groups.to_string()));
    if !finding.clause.is_empty() {
        let clause = escaped(&finding.clause);
        let _ = match has_clauses_of(results, campaign.machine) {
            true => write!(
                out,
                " Clause: <a href=\"#{}\">[{clause}]</a>.",
                clause_id(&finding.clause)
            ),
            false => write!(out, " Clause: [{clause}]."),
        };
    }
    out += match (finding.reproducible, finding.reduced) {
        (false, _) => " The program did not disagree in the same way when it was run again.",
        (true, true) => "",
        (true, false) => " The program is not fully reduced.",
    };
    out += "</p>";
    out += &difference_sentence(&finding.difference);
    if let Some(divergence) = &finding.divergence {
        out += &divergence_section(divergence);
    }
    if let Some(detail) = &finding.found.detail {
        out += &message(detail);
    }
    let sides = Sides {
        case: &finding.case,
        expected: &finding.expected,
        found: &finding.found,
        cut_bytes: 0,
        has_all_fields: true,
    };
    out += &sides.html(results.listing);
    if finding.runs.len() > 2 {
        out += &engines_table(&finding.runs);
    }
    if let Some(folder) = &finding.folder {
        let folder = code(&folder.display().to_string());
        let _ = write!(out, "<h4>Saved in</h4><p>{folder}</p>");
    }
    out + "</div></details></li>\n"
}

/// Returns the beginning of a finding, with its line in the list.
fn head(campaign: &Campaign, finding: &Finding, id: &str) -> String {
    let identity = &finding.identity;
    let mut about = String::new();
    if !identity.instruction.is_empty() {
        let _ = write!(about, "at {} ", code(&identity.instruction));
    }
    if !finding.clause.is_empty() {
        let _ = write!(about, "[{}] ", escaped(&finding.clause));
    }
    let others = match finding.occurrences {
        0 | 1 => String::new(),
        count => format!(", and {} in the same way", grouped(count - 1)),
    };
    format!(
        "<li id=\"{id}\" tabindex=\"-1\" data-verdict=\"differs wrong\" \
         data-topic=\"{}/campaign\" data-engine=\"{}\"><details><summary>{} \
         <span class=\"name\">{}</span> <span class=\"about\">{about}program {} of the \
         campaign{others}</span></summary><div class=\"body\">",
        campaign.machine,
        escaped(&finding.engine),
        mark("bad", "✗", differs_word(Some(&finding.found))),
        escaped(finding_name(finding)),
        grouped(finding.number),
    )
}

/// Returns the step after which the runs differ.
fn divergence_section(divergence: &Divergence) -> String {
    let state = |items: &[String]| match items.is_empty() {
        true => "nothing".to_owned(),
        false => code_cut(&items.join(", "), MAX_MESSAGE),
    };
    let next = |next: &Next| match next {
        Next::Step { at, state: items } => {
            format!(
                "is at {}, holding {}",
                code_cut(at, MAX_MESSAGE),
                state(items)
            )
        }
        Next::End(end) => format!("has ended: {}", code_cut(end, MAX_MESSAGE)),
    };
    format!(
        "<h4>Where the runs differ</h4><p>Instruction {} of the run is {} at {}; the machine holds \
         {} before it. After it, the reference {}. The other engine {}.</p>",
        grouped(divergence.step),
        code(&divergence.instruction),
        code(&divergence.at),
        state(&divergence.before),
        next(&divergence.expected),
        next(&divergence.found),
    )
}

/// Returns what each of several engines observed.
fn engines_table(runs: &[EngineRun]) -> String {
    let mut out = String::from(
        "<h4>What each engine observed</h4><div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"What each engine observed\"><table class=\"small\"><thead><tr>\
         <th scope=\"col\">Engine</th><th scope=\"col\">Ending</th><th scope=\"col\">Fault</th>\
         <th scope=\"col\">Value</th><th scope=\"col\">Output</th></tr></thead><tbody>",
    );
    let cell = |value: &Option<String>| {
        value
            .as_deref()
            .map_or(String::new(), |value| code_cut(value, MAX_MESSAGE))
    };
    for EngineRun { name, seen } in runs {
        let Some(seen) = seen else {
            let row = "<td>not run</td><td></td><td></td><td></td></tr>";
            let _ = write!(out, "<tr><th scope=\"row\">{}</th>{row}", escaped(name));
            continue;
        };
        let (output, left) = cut(&seen.output, MAX_CELL);
        let more = if left > 0 { "…" } else { "" };
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td>\
             <td><code>{}{more}</code></td></tr>",
            escaped(name),
            seen.ending.name(),
            cell(&seen.fault),
            cell(&seen.value),
            visible_text(output),
        );
    }
    out + "</tbody></table></div>"
}
