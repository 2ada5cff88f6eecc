//! Curves over time and bars of shares, as embedded SVG.

use crate::report::paint::grouped;
use crate::report::visible::escaped;
use std::fmt::Write as _;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 170.0;
const LEFT: f64 = 52.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 24.0;
/// The maximal number of points of a curve; a longer curve is thinned.
const MAX_POINTS: usize = 240;

/// Returns a curve over seconds, with a description for screen readers.
pub(super) fn curve(title: &str, description: &str, points: &[(f64, f64)]) -> String {
    let step = points.len().div_ceil(MAX_POINTS).max(1);
    let last = points.len().saturating_sub(1);
    let kept = points.iter().enumerate();
    let kept = kept.filter(|(at, _)| at % step == 0 || *at == last);
    let points: Vec<(f64, f64)> = kept.map(|(_, &point)| point).collect();
    let end = points.last().map_or(1.0, |point| point.0).max(1e-3);
    let most = points.iter().map(|point| point.1).fold(0.0, f64::max);
    let top = ceiling(most);
    let x = |seconds: f64| LEFT + seconds / end * (WIDTH - LEFT - RIGHT);
    let y = |value: f64| HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
    let mut out = format!(
        "<figure><figcaption>{}</figcaption><svg class=\"chart\" role=\"img\" \
         viewBox=\"0 0 {WIDTH} {HEIGHT}\" aria-label=\"{}\">",
        escaped(title),
        escaped(description)
    );
    for part in 0..=2 {
        let value = top * f64::from(part) / 2.0;
        let at = y(value);
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 3.5,
            short(value)
        );
    }
    for (part, anchor) in [(0, "start"), (1, "middle"), (2, "end")] {
        let seconds = end * f64::from(part) / 2.0;
        let _ = write!(
            out,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            x(seconds),
            HEIGHT - 8.0,
            time(seconds)
        );
    }
    let mut path = String::new();
    for (at, &(seconds, value)) in points.iter().enumerate() {
        let letter = if at == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{letter}{:.1} {:.1}", x(seconds), y(value));
    }
    if let (Some(first), Some(last)) = (points.first(), points.last()) {
        let (from, to, floor) = (x(first.0), x(last.0), y(0.0));
        let _ = write!(
            out,
            "<path class=\"area\" d=\"{path}L{to:.1} {floor:.1}L{from:.1} {floor:.1}Z\"/>\
             <path class=\"curve\" d=\"{path}\"/>"
        );
    }
    out + "</svg></figure>\n"
}

/// Returns the next round number that is not below `value` and halves well.
fn ceiling(value: f64) -> f64 {
    let mut unit = 1.0;
    while unit * 10.0 < value {
        unit *= 10.0;
    }
    let steps = [1.0, 2.0, 4.0, 6.0, 8.0, 10.0];
    let fits = steps.into_iter().map(|step| step * unit);
    fits.into_iter()
        .find(|&top| top >= value)
        .unwrap_or(value)
        .max(2.0)
}

/// Returns a number for an axis.
fn short(value: f64) -> String {
    match value {
        1e6.. => format!("{} M", trimmed(value / 1e6)),
        1e4.. => format!("{} k", trimmed(value / 1e3)),
        _ => grouped(value.round() as u64),
    }
}

/// Returns a number with at most one decimal.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// Returns a time with its unit.
pub(super) fn time(seconds: f64) -> String {
    match seconds {
        3600.0.. => format!("{} h", trimmed(seconds / 3600.0)),
        90.0.. => format!("{} min", trimmed(seconds / 60.0)),
        ..0.05 => "under 0.1 s".to_owned(),
        _ => format!("{} s", trimmed(seconds)),
    }
}

/// Returns a bar of shares, each with its class and its size. Screen readers skip it, because the
/// text beside it has the same numbers.
pub(super) fn bar(shares: &[(&str, usize)]) -> String {
    let all: usize = shares.iter().map(|share| share.1).sum();
    let mut out = String::from(
        "<svg class=\"bar\" aria-hidden=\"true\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\">",
    );
    let mut from = 0.0;
    for &(class, share) in shares.iter().filter(|share| share.1 > 0) {
        // A share that is not zero is visible.
        let width = (share as f64 * 1000.0 / all as f64).max(8.0);
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{from:.1}\" y=\"0\" width=\"{width:.1}\" height=\"10\"/>"
        );
        from += width;
    }
    out + "</svg>"
}

#[cfg(test)]
mod tests {
    use super::{ceiling, curve, short, time};

    #[test]
    fn numbers_on_an_axis_are_short() {
        assert_eq!(
            [ceiling(0.0), ceiling(7.0), ceiling(130.0)],
            [2.0, 8.0, 200.0]
        );
        assert_eq!(
            [short(950.0), short(88_000.0), short(2.5e6)],
            ["950", "88 k", "2.5 M"]
        );
        assert_eq!(
            [time(5.0), time(600.0), time(7200.0)],
            ["5 s", "10 min", "2 h"]
        );
    }

    #[test]
    fn curves_of_any_length_are_valid() {
        for points in [0, 1, 2, 10_000] {
            let points: Vec<_> = (0..points).map(|n| (f64::from(n), f64::from(n))).collect();
            let svg = curve("t", "w", &points);
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(svg.len() < 10_000);
        }
    }
}
