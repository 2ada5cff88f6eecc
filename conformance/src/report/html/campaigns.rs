//! The campaigns: their results, and how they went over time.

use super::charts;
use super::markup::{code, push_fact};
use crate::campaign::Sample;
use crate::report::paint::{counted, grouped};
use crate::report::results::{Campaign, Results};
use crate::report::visible::escaped;
use std::fmt::Write as _;

/// Returns the card of a campaign.
pub(super) fn card(campaign: &Campaign) -> String {
    let summary = &campaign.summary;
    let seconds = summary.elapsed.as_secs_f64();
    let (class, line) = match summary.disagreements {
        0 if summary.programs == 0 => ("wrong", "No program was run".to_owned()),
        0 => ("fine", "No disagreement".to_owned()),
        _ => {
            let ways = counted(summary.findings.len(), "way");
            ("wrong", format!("Disagrees in {ways}"))
        }
    };
    let mut out = format!(
        "<section class=\"card\"><h3>{} <span class=\"soft\">campaign on {}</span></h3>\
         <p class=\"headline {class}\">{line}</p><dl class=\"facts\">",
        campaign.machine,
        escaped(&campaign.engine.to_string()),
    );
    // The time after the last sample was spent on reduction.
    let running = summary
        .curve
        .last()
        .map_or(seconds, |last| last.elapsed.as_secs_f64());
    let rate = summary.programs as f64 / running.max(1e-9);
    push_fact(&mut out, "Random programs", &grouped(summary.programs));
    push_fact(&mut out, "Programs a second", &grouped(rate.round() as u64));
    if summary.disagreements > 0 {
        push_fact(
            &mut out,
            "Programs that disagree",
            &grouped(summary.disagreements),
        );
    }
    if summary.inconclusive > 0 {
        push_fact(&mut out, "Ended by a limit", &grouped(summary.inconclusive));
    }
    push_fact(&mut out, "Time", &charts::time(seconds));
    push_fact(&mut out, "Seed", &campaign.seed.to_string());
    push_fact(&mut out, "Run again", &code(&campaign.rerun));
    out + "</dl></section>\n"
}

/// Returns the curves of the campaigns and what their programs consisted of.
pub(super) fn section(results: &Results) -> String {
    if results.campaigns.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<section aria-labelledby=\"campaigns\"><h2 id=\"campaigns\">Campaigns</h2>\n",
    );
    for campaign in &results.campaigns {
        let _ = write!(out, "<h3>{}</h3>\n<div class=\"charts\">", campaign.machine);
        out += &curves(campaign);
        out += "</div>\n";
        let summary = &campaign.summary;
        let endings: Vec<(String, u64)> = summary
            .endings
            .iter()
            .map(|(ending, &count)| (ending.name().to_owned(), count))
            .collect();
        let faults: Vec<(String, u64)> = summary
            .faults
            .iter()
            .map(|(fault, &count)| (fault.clone(), count))
            .collect();
        let machine = campaign.machine;
        for (title, rows) in [
            (format!("How the programs of {machine} ended"), &endings),
            (format!("Faults and limits of {machine} reached"), &faults),
            (
                format!("Instructions of {machine} in them"),
                &summary.mnemonics,
            ),
            (
                format!("Operands of {machine} at a boundary in them"),
                &summary.boundaries,
            ),
        ] {
            out += &histogram(&title, rows);
        }
    }
    out + "</section>\n"
}

/// Returns counts as a folded table.
fn histogram(title: &str, rows: &[(String, u64)]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "<details><summary>{}</summary><table class=\"small\"><thead><tr><th scope=\"col\">Name</th>\
         <th scope=\"col\" class=\"number\">Count</th></tr></thead><tbody>",
        escaped(title)
    );
    for (name, count) in rows {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"number\">{}</td></tr>",
            code(name),
            grouped(*count)
        );
    }
    out + "</tbody></table></details>\n"
}

/// Returns the curves of a campaign.
fn curves(campaign: &Campaign) -> String {
    let curve = &campaign.summary.curve;
    let (Some(first), Some(last)) = (curve.first(), curve.last()) else {
        return String::new();
    };
    if first.elapsed == last.elapsed {
        return String::new();
    }
    let seconds = |sample: &Sample| sample.elapsed.as_secs_f64();
    let over = |of: fn(&Sample) -> u64| -> Vec<(f64, f64)> {
        let points = curve.iter();
        points
            .map(|sample| (seconds(sample), of(sample) as f64))
            .collect()
    };
    let mut rates = rates(curve);
    if let Some(&(_, first)) = rates.first() {
        // The first known rate also counts for the time before it.
        rates.insert(0, (0.0, first));
    }
    let average = last.programs as f64 / seconds(last).max(1e-9);
    let time = charts::time(seconds(last));
    let mut out = charts::curve(
        "Programs a second",
        &format!(
            "Programs a second over {time}: {} on average",
            grouped(average as u64)
        ),
        &rates,
    );
    if last.clauses > 0 {
        out += &charts::curve(
            "Clauses reached",
            &format!("Clauses reached over {time}: {} at the end", last.clauses),
            &over(|sample| sample.clauses),
        );
    }
    if last.findings > 0 {
        out += &charts::curve(
            "Different findings",
            &format!(
                "Different findings over {time}: {} at the end",
                last.findings
            ),
            &over(|sample| sample.findings),
        );
    }
    out
}

/// Returns the rate of programs between samples that are not almost at the same moment.
fn rates(curve: &[Sample]) -> Vec<(f64, f64)> {
    let least = curve.last().map_or(0.0, seconds) / 100.0;
    let (mut from, mut before) = (0.0, 0);
    let mut rates = Vec::new();
    for sample in curve {
        let time = seconds(sample) - from;
        if time > least {
            let programs = sample.programs.saturating_sub(before);
            rates.push((seconds(sample), programs as f64 / time));
            (from, before) = (seconds(sample), sample.programs);
        }
    }
    rates
}

fn seconds(sample: &Sample) -> f64 {
    sample.elapsed.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::rates;
    use crate::campaign::Sample;
    use std::time::Duration;

    #[test]
    fn a_rate_needs_time_between_two_samples() {
        let sample = |seconds, programs| Sample {
            elapsed: Duration::from_secs(seconds),
            programs,
            ..Sample::default()
        };
        let curve = [sample(0, 0), sample(2, 10), sample(2, 10), sample(3, 40)];
        assert_eq!(rates(&curve), [(2.0, 5.0), (3.0, 30.0)]);
    }
}
