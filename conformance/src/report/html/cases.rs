//! The programs: what each shows, and of those that differ the source and both outputs.

use super::{code, mark};
use crate::campaign::{Divergence, EngineRun, Next};
use crate::case::Case;
use crate::compare::{Difference, Kind};
use crate::conform::{CaseReport, Score};
use crate::engine::Observation;
use crate::record::hexadecimal;
use crate::report::diff::{self, Row};
use crate::report::paint::{counted, grouped};
use crate::report::results::{Campaign, Conformance, Listing, Results, finding_name};
use crate::report::visible::{Piece, cut, escaped, pieces, push_escaped};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Bytes shown of an output, and of a file.
const OUTPUT: usize = 16 << 10;
const SOURCE: usize = 16 << 10;
/// Lines of outputs that are compared, and lines that are the same shown around a difference.
const LINES: usize = 300;
const CONTEXT: usize = 3;
/// Files shown of a program.
const FILES: usize = 20;
/// Words shown of what a VM has to say.
const WORDS: usize = 4 << 10;
/// Bytes shown of an output where many stand beside each other.
const VOICE: usize = 400;
/// A page that is so large names further programs without showing them.
const PAGE: usize = 24 << 20;

/// The filters and the list of all programs.
pub(super) fn section(whole: &Results) -> String {
    let mut out = String::from(
        "<section aria-labelledby=\"cases\"><h2 id=\"cases\" tabindex=\"-1\">Programs</h2>\n",
    );
    out += &filters(whole);
    out += "<p class=\"count\" id=\"programs-count\" role=\"status\"></p>\n\
            <ul class=\"cases\" data-list=\"programs\">\n";
    for (at, campaign) in whole.campaigns.iter().enumerate() {
        let linked = super::clauses::has(whole, campaign.machine);
        for number in 0..campaign.summary.findings.len() {
            let id = format!("finding-{at}-{number}");
            out += &finding(whole, campaign, number, &id, linked);
        }
    }
    for (at, run) in whole.conformance.iter().enumerate() {
        // Those that want a look come first.
        let (look, fine): (Vec<&CaseReport>, Vec<&CaseReport>) =
            run.report.cases.iter().partition(|case| rank(case) == 0);
        for case in look.into_iter().chain(fine) {
            let more = out.len() < PAGE;
            out += &item(whole, run, case, &id(at, &case.name), more);
        }
    }
    out + "</ul></section>\n"
}

fn rank(case: &CaseReport) -> u8 {
    u8::from(matches!(
        case.score,
        Score::Agrees | Score::NotCompared { .. }
    ))
}

/// What links to a case lead to.
pub(super) fn id(run: usize, name: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let name: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    match run {
        0 => name,
        _ => format!("{run}:{name}"),
    }
}

fn filters(whole: &Results) -> String {
    let mut topics: BTreeSet<String> = BTreeSet::new();
    for run in &whole.conformance {
        let of = |case: &CaseReport| format!("{}/{}", case.machine, case.topic);
        topics.extend(run.report.cases.iter().map(of));
    }
    let campaigns = whole.campaigns.iter();
    topics.extend(campaigns.map(|campaign| format!("{}/campaign", campaign.machine)));
    let topics: String = topics
        .iter()
        .map(|topic| format!("<option>{}</option>", escaped(topic)))
        .collect();
    // Who looks at a report with failures looks for these first.
    let fails = !whole.passes();
    let verdicts: String = [
        ("", "Any verdict"),
        ("wrong", "Wants a look"),
        ("differs", "Differs"),
        ("known", "Known to differ"),
        ("unexpected", "Agrees, unexpectedly"),
        ("not-compared", "Not compared"),
        ("agrees", "Agrees"),
    ]
    .iter()
    .map(|(value, name)| {
        let chosen = if fails && *value == "wrong" {
            " selected"
        } else {
            ""
        };
        format!("<option value=\"{value}\"{chosen}>{name}</option>")
    })
    .collect();
    let names = whole.engines();
    let many = if names.len() > 1 { " many" } else { "" };
    let engines = match names.len() {
        0 | 1 => String::new(),
        _ => {
            let names = names.iter().map(|name| escaped(name));
            let options = names.map(|name| format!("<option>{name}</option>"));
            format!(
                "<div><label for=\"f-engine\">VM</label><select id=\"f-engine\">\
                 <option value=\"\">Any VM</option>{}</select></div>",
                options.collect::<String>()
            )
        }
    };
    format!(
        "<div class=\"filters{many}\" role=\"search\" aria-label=\"Programs and clauses\">\
         <div><label for=\"f-text\">Text <span class=\"key\" aria-hidden=\"true\">(press /)</span></label>\
         <input id=\"f-text\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></div>\
         <div><label for=\"f-verdict\">Verdict</label><select id=\"f-verdict\">{verdicts}</select></div>\
         <div><label for=\"f-topic\">Topic</label><select id=\"f-topic\">\
         <option value=\"\">Any topic</option>{topics}</select></div>{engines}\
         <div><button type=\"button\" id=\"f-reset\">Show all</button></div></div>\n"
    )
}

/// The verdict as words for the filter, and as a mark.
fn verdict(score: &Score, found: Option<&Observation>) -> (&'static str, String) {
    match score {
        Score::Agrees => ("agrees", mark("good", "✓", "agrees")),
        Score::Differs { .. } => ("differs wrong", mark("bad", "✗", differs(found))),
        Score::KnownFailure { .. } => ("known", mark("warn", "≠", "known to differ")),
        Score::UnexpectedPass => ("unexpected wrong", mark("bad", "!", "agrees, unexpectedly")),
        Score::NotCompared { .. } => ("not-compared", mark("idle", "–", "not compared")),
    }
}

/// In which way something else was seen, where that is more than a difference.
fn differs(found: Option<&Observation>) -> &'static str {
    match found.map(|found| found.ending) {
        Some(ending) if ending.is_odd() => ending.name(),
        _ => "differs",
    }
}

fn item(whole: &Results, run: &Conformance, case: &CaseReport, id: &str, more: bool) -> String {
    let (words, mark) = verdict(&case.score, case.found.as_ref());
    let engine = escaped(run.report.engine.short());
    let mut out = format!(
        "<li id=\"{id}\" tabindex=\"-1\" data-verdict=\"{words}\" data-topic=\"{}/{}\" \
         data-engine=\"{engine}\">",
        case.machine,
        escaped(&case.topic)
    );
    let who = match whole.engines().len() {
        0 | 1 => String::new(),
        _ => format!(" <span class=\"who\">{engine}</span>"),
    };
    let head = format!(
        "{mark}{who} <span class=\"name\">{}</span> <span class=\"about\">{}</span>",
        escaped(&case.name),
        escaped(&case.about.join(" "))
    );
    let Some(found) = case.found.as_ref().filter(|_| rank(case) == 0) else {
        let why = match &case.score {
            Score::NotCompared { reason } => {
                format!(
                    " <span class=\"about\">({})</span>",
                    escaped(&reason.to_string())
                )
            }
            _ => String::new(),
        };
        let _ = writeln!(out, "<div class=\"row\">{head}{why}</div></li>");
        return out;
    };
    let _ = write!(
        out,
        "<details><summary>{head}</summary><div class=\"body\">"
    );
    if let Some(difference) = case.score.difference() {
        out += &first(difference);
    }
    if let Score::Differs {
        detail, flickers, ..
    } = &case.score
    {
        if let Some(flickers) = flickers {
            let _ = write!(
                out,
                "<p>Another try of the same program: {}</p>",
                escaped(flickers)
            );
        }
        if let Some(detail) = detail {
            out += &said("What the VM has to say", detail);
        }
    }
    if !more {
        out += "<p class=\"soft\">Its program and outputs are not shown: this page is as large as \
                it may be.</p>";
    } else {
        out += &clauses(case);
        let told = run.report.blind.is_empty();
        let seen = [&case.expected, found];
        out += &sides(whole, &case.case, seen, case.found_left_out, told);
    }
    let quoted = format!("{} {}", run.again, shell_words::quote(&case.name));
    let _ = writeln!(
        out,
        "<h4>Again</h4><p>{}</p></div></details></li>",
        code(&quoted)
    );
    out
}

fn finding(whole: &Results, campaign: &Campaign, number: usize, id: &str, linked: bool) -> String {
    let finding = &campaign.summary.findings[number];
    let identity = &finding.identity;
    let mut about = String::new();
    if !identity.instruction.is_empty() {
        let _ = write!(about, "at {} ", code(&identity.instruction));
    }
    if !finding.clause.is_empty() {
        let _ = write!(about, "[{}] ", escaped(&finding.clause));
    }
    let like = match finding.times {
        0 | 1 => String::new(),
        times => format!(", and {} like it", grouped(times - 1)),
    };
    let mut out = format!(
        "<li id=\"{id}\" tabindex=\"-1\" data-verdict=\"differs wrong\" data-topic=\"{}/campaign\" \
         data-engine=\"{}\"><details><summary>{} <span class=\"name\">{}</span> <span class=\"about\">{about}program {} \
         of the campaign{like}</span></summary><div class=\"body\">",
        campaign.machine,
        escaped(&finding.engine),
        mark("bad", "✗", differs(Some(&finding.found))),
        escaped(finding_name(finding)),
        grouped(finding.number),
    );
    let _ = write!(out, "<p>{}.", escaped(&finding.camps.to_string()));
    if !finding.clause.is_empty() {
        let clause = escaped(&finding.clause);
        let _ = match linked {
            true => write!(
                out,
                " The clause: <a href=\"#{}\">[{clause}]</a>.",
                super::clauses::id(&finding.clause)
            ),
            false => write!(out, " The clause: [{clause}]."),
        };
    }
    out += match (finding.steady, finding.reduced) {
        (false, _) => " It did not disagree in the same way when it was run again.",
        (true, true) => "",
        (true, false) => " The program is not as small as it can be: the time was over.",
    };
    out += "</p>";
    out += &first(&finding.difference);
    if let Some(parting) = &finding.parting {
        out += &self::parting(parting);
    }
    if let Some(detail) = &finding.found.detail {
        out += &said("What the VM has to say", detail);
    }
    let seen = [&finding.expected, &finding.found];
    out += &sides(whole, &finding.case, seen, 0, true);
    if finding.voices.len() > 2 {
        out += &voices(&finding.voices);
    }
    if let Some(folder) = &finding.folder {
        let _ = write!(
            out,
            "<h4>Saved in</h4><p>{}</p>",
            code(&folder.display().to_string())
        );
    }
    out + "</div></details></li>\n"
}

/// The first step at which the runs part.
fn parting(parting: &Divergence) -> String {
    let state = |items: &[String]| match items.is_empty() {
        true => "nothing".to_owned(),
        false => escaped_cut(&items.join(", ")),
    };
    let next = |next: &Next| match next {
        Next::Step(at, items) => format!("{}, holding {}", escaped_cut(at), state(items)),
        Next::End(words) => escaped_cut(words),
    };
    format!(
        "<h4>Where they part</h4><p>At instruction {} of the run, {} in {}, holding {}. Then the \
         reference: {}. The other: {}.</p>",
        grouped(parting.number as u64),
        code(&parting.instruction),
        code(&parting.at),
        state(&parting.before),
        next(&parting.expected),
        next(&parting.found),
    )
}

/// Somebody's words, in code, to a length.
fn escaped_cut(words: &str) -> String {
    let (shown, left) = cut(words.as_bytes(), WORDS);
    let more = if left > 0 { "…" } else { "" };
    format!("<code>{}{more}</code>", text(shown))
}

/// What each of several engines saw.
fn voices(voices: &[EngineRun]) -> String {
    let mut out = String::from(
        "<h4>What each saw</h4><div class=\"scroll\" tabindex=\"0\" role=\"region\" \
         aria-label=\"What each saw\"><table class=\"small\"><thead><tr><th scope=\"col\">Who</th>\
         <th scope=\"col\">Ending</th><th scope=\"col\">Fault</th><th scope=\"col\">Value</th>\
         <th scope=\"col\">Output</th></tr></thead><tbody>",
    );
    let cell = |value: &Option<String>| value.as_deref().map_or(String::new(), escaped_cut);
    for EngineRun { name, seen } in voices {
        let (output, left) = cut(&seen.output, VOICE);
        let more = if left > 0 { "…" } else { "" };
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td>\
             <td><code>{}{more}</code></td></tr>",
            escaped(name),
            seen.ending.name(),
            cell(&seen.fault),
            cell(&seen.value),
            text(output),
        );
    }
    out + "</tbody></table></div>"
}

/// The first difference.
fn first(difference: &Difference) -> String {
    format!(
        "<p>First difference, in the {}: expected {}, found {}.</p>",
        difference.kind.name(),
        code(&difference.expected),
        code(&difference.found)
    )
}

fn said(title: &str, words: &str) -> String {
    let (shown, left) = cut(words.as_bytes(), WORDS);
    let mut out = format!("<h4>{title}</h4><pre class=\"code\" tabindex=\"0\">");
    for line in String::from_utf8_lossy(shown).lines() {
        let _ = write!(out, "<span>{}</span>", text(line.as_bytes()));
    }
    out += &left_out(left);
    out + "</pre>"
}

/// The clauses that a case shows, with links.
fn clauses(case: &CaseReport) -> String {
    let mut out = String::from("<h4>It shows</h4><ul class=\"clauses\">");
    for (how, ids) in [
        ("holds", &case.holds),
        ("is violated", &case.breaks),
        ("at its boundary", &case.boundary),
    ] {
        for id in ids {
            let _ = write!(
                out,
                "<li><a href=\"#{}\">[{}]</a> {how}</li>",
                super::clauses::id(id),
                escaped(id)
            );
        }
    }
    out + "</ul>"
}

/// The program beside what came of it.
fn sides(
    whole: &Results,
    case: &Case,
    [expected, found]: [&Observation; 2],
    left_out: usize,
    told: bool,
) -> String {
    let mut out = String::from("<div class=\"sides\"><div>");
    let mut files: Vec<(&String, &Vec<u8>)> = case.files.iter().collect();
    files.sort_by_key(|(name, _)| **name != case.entry);
    for (name, bytes) in files.iter().take(FILES) {
        let places = [&expected.at, &found.at];
        let here = places.map(|at| at.as_deref().and_then(|at| line_of(at, name)));
        out += &source(name, bytes, here, whole.listing);
    }
    if files.len() > FILES {
        let more = counted(files.len() - FILES, "file");
        let _ = write!(out, "<p class=\"soft\">{more} more are not shown.</p>");
    }
    out += "</div><div><h4>What came of it</h4>";
    out += &fields(expected, found, told);
    out += &outputs(&expected.output, &found.output, left_out);
    out + "</div></div>"
}

/// The line that a place such as `a.mmm#main:3` names, if it is in that file.
fn line_of(at: &str, file: &str) -> Option<usize> {
    let (place, line) = at.rsplit_once(':')?;
    let (named, _) = place.rsplit_once('#')?;
    (named == file).then(|| line.parse().ok()).flatten()
}

fn source(name: &str, bytes: &[u8], here: [Option<usize>; 2], listing: Listing) -> String {
    let mut out = format!("<h4>{}</h4>", code(name));
    if bytes.contains(&0) {
        let (shown, left) = cut(bytes, SOURCE / 4);
        let listing = listing(name, bytes);
        if let Some(listing) = &listing {
            let (shown, left) = cut(listing.as_bytes(), SOURCE);
            out += "<pre class=\"code plain\" tabindex=\"0\">";
            for line in String::from_utf8_lossy(shown).lines() {
                let _ = write!(out, "<span>{}</span>", text(line.as_bytes()));
            }
            out += &left_out(left);
            out += "</pre><details class=\"more\"><summary>Its bytes</summary>";
        }
        out += "<pre class=\"code plain hex\" tabindex=\"0\">";
        for line in hexadecimal(shown).lines() {
            let _ = write!(out, "<span>{}</span>", escaped(line));
        }
        out += &left_out(left);
        let end = listing.map_or("</pre>", |_| "</pre></details>");
        return out + end;
    }
    let (shown, left) = cut(bytes, SOURCE);
    out += "<pre class=\"code source\" tabindex=\"0\">";
    for (at, line) in shown.split_inclusive(|&byte| byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let class = match here.contains(&Some(at + 1)) {
            true => " class=\"here\"",
            false => "",
        };
        let _ = write!(out, "<span{class}>{}</span>", text(line));
    }
    out += &left_out(left);
    out + "</pre>"
}

fn left_out(bytes: usize) -> String {
    match bytes {
        0 => String::new(),
        _ => format!(
            "<span class=\"apart\">… {} more are not shown</span>",
            counted(bytes, "byte")
        ),
    }
}

/// Bytes in a page, with what would not be seen written out.
fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for piece in pieces(bytes) {
        match piece {
            Piece::Plain(plain) => push_escaped(&mut out, plain),
            Piece::Hidden(_) | Piece::Byte(_) => {
                let _ = write!(out, "<i class=\"esc\">{}</i>", piece.escaped());
            }
        }
    }
    out
}

/// How both ended. Unless `told`, a field that is not there is one that the
/// engine has no way to tell.
fn fields(expected: &Observation, found: &Observation, told: bool) -> String {
    let mut out = String::from(
        "<table class=\"small\"><thead><tr><th scope=\"col\">What</th><th scope=\"col\">Expected</th>\
         <th scope=\"col\">Found</th></tr></thead><tbody>",
    );
    let name = |seen: &Observation| Some(seen.ending.name().to_owned());
    for (what, old, new) in [
        (Kind::Ending, name(expected), name(found)),
        (Kind::Fault, expected.fault.clone(), found.fault.clone()),
        (Kind::Value, expected.value.clone(), found.value.clone()),
        (Kind::At, expected.at.clone(), found.at.clone()),
    ] {
        if old.is_none() && new.is_none() {
            continue;
        }
        let untold = new.is_none() && !told;
        let class = match old == new || untold {
            true => "",
            false => " class=\"differs\"",
        };
        let cell = |value: Option<String>| match value {
            Some(value) => {
                let (shown, left) = cut(value.as_bytes(), WORDS);
                let more = if left > 0 { "…" } else { "" };
                format!("<code>{}{more}</code>", text(shown))
            }
            None if untold => "<span class=\"soft\">not told</span>".to_owned(),
            None => "<span class=\"soft\">nothing</span>".to_owned(),
        };
        let _ = write!(
            out,
            "<tr{class}><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            what.name(),
            cell(old),
            cell(new)
        );
    }
    out + "</tbody></table>"
}

/// Both outputs, as what would have to change; of what was found so many bytes more are not kept.
fn outputs(expected: &[u8], found: &[u8], left_out: usize) -> String {
    let mut out = String::from("<h4>Output</h4>");
    if expected == found && left_out == 0 {
        if expected.is_empty() {
            return out + "<p class=\"soft\">Both printed nothing.</p>";
        }
        out += "<p class=\"soft\">Both printed the same:</p>";
    } else {
        out += "<p class=\"soft\"><span class=\"legend good\">−</span> expected and not found, \
                <span class=\"legend bad\">+</span> found and not expected</p>";
    }
    let ((old, old_left), (new, new_left)) = (shown(expected), shown(found));
    let new_left = new_left + left_out;
    out += "<pre class=\"code diff\" tabindex=\"0\">";
    let context = if expected == found { LINES } else { CONTEXT };
    for row in diff::rows(old, new, context) {
        match row {
            Row::Same(line) => {
                let _ = write!(out, "<span>{}</span>", text(line));
            }
            Row::Missing(line, span) => out += &changed("missing", "−", line, span),
            Row::Surplus(line, span) => out += &changed("surplus", "+", line, span),
            Row::Apart(lines) => {
                let _ = write!(
                    out,
                    "<span class=\"apart\">{} the same</span>",
                    counted(lines, "line")
                );
            }
            Row::NoNewline { expected, .. } if old_left + new_left == 0 => {
                let which = if expected { "expected" } else { "found" };
                let _ = write!(
                    out,
                    "<span class=\"apart\">the {which} one ends without a newline</span>"
                );
            }
            Row::NoNewline { .. } => {}
        }
    }
    for (left, which) in [(old_left, "expected"), (new_left, "found")] {
        if left > 0 {
            let bytes = counted(left, "byte");
            let _ = write!(
                out,
                "<span class=\"apart\">… {bytes} more of the {which} one are not shown</span>"
            );
        }
    }
    out + "</pre>"
}

/// The beginning of an output that is shown, and how many bytes that leaves out.
fn shown(output: &[u8]) -> (&[u8], usize) {
    let lines = output.split_inclusive(|&byte| byte == b'\n').take(LINES);
    let bytes = lines.map(<[u8]>::len).sum::<usize>();
    let (shown, _) = cut(&output[..bytes], OUTPUT);
    (shown, output.len() - shown.len())
}

fn changed(class: &str, sign: &str, line: &[u8], (from, to): (usize, usize)) -> String {
    let whole = from == 0 && to == line.len();
    let middle = match whole || from == to {
        true => text(&line[from..to]),
        false => format!("<b>{}</b>", text(&line[from..to])),
    };
    let word = match class {
        "missing" => "expected: ",
        _ => "found: ",
    };
    format!(
        "<span class=\"{class}\" data-sign=\"{sign}\"><span class=\"unseen\">{word}</span>{}{middle}{}</span>",
        text(&line[..from]),
        text(&line[to..])
    )
}
