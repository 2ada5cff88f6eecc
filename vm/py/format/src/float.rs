//! The text of a float.

/// How a float is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The code: `e`, `f`, `g`, or `r` for the shortest text that reads back as the same float.
    pub code: char,
    /// Digits after the point; for `g` significant digits; for `r` of no meaning.
    pub precision: usize,
    /// True if the point stays although no digit follows, and `g` keeps trailing zeros (`#`).
    pub alternate: bool,
    /// True if a finite number without a point or an exponent gets `.0`.
    pub dot_zero: bool,
    /// True if letters are in upper case.
    pub upper: bool,
}

/// Decimal digits and the place of the point: `0.DIGITS × 10^point`.
struct Decimal {
    digits: String,
    point: i32,
}

/// Returns the digits of a scientific form such as `1.25e-7`.
fn decimal(scientific: &str) -> Decimal {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    Decimal {
        digits: mantissa.chars().filter(char::is_ascii_digit).collect(),
        point: exponent + 1,
    }
}

/// Returns the digits of a finite, non-negative float in a style, and whether an exponent is used.
fn digits(value: f64, style: &Style) -> (Decimal, bool) {
    match style.code {
        'e' => {
            let precision = style.precision;
            (decimal(&format!("{value:.precision$e}")), true)
        }
        'g' => {
            let precision = style.precision.max(1);
            let found = decimal(&format!("{value:.0$e}", precision - 1));
            let most = precision as i64 - i64::from(style.dot_zero);
            let scientific = found.point <= -4 || i64::from(found.point) > most;
            (found, scientific)
        }
        _ => {
            let found = decimal(&shortest(value));
            let scientific = found.point <= -4 || found.point > 16;
            (found, scientific)
        }
    }
}

/// Returns the shortest scientific form that reads back as `value`; of two that are equally near,
/// the one whose last digit is even, as CPython has it.
fn shortest(value: f64) -> String {
    let found = format!("{value:e}");
    let (mantissa, exponent) = found.split_once('e').unwrap_or((&found, "0"));
    let last = mantissa.as_bytes()[mantissa.len() - 1];
    if last % 2 == 0 || mantissa.len() < 16 {
        return found;
    }
    // Rust takes the one farther from zero. The other one ends in the digit before.
    let other = format!(
        "{}{}e{exponent}",
        &mantissa[..mantissa.len() - 1],
        char::from(last - 1)
    );
    let exact = format!("{value:.60e}");
    let (exact, _) = exact.split_once('e').unwrap_or((&exact, ""));
    let half = format!(
        "{}{}5",
        &mantissa[..mantissa.len() - 1],
        char::from(last - 1)
    );
    let is_half = exact.trim_end_matches('0') == half;
    match is_half && other.parse() == Ok(value) {
        true => other,
        false => found,
    }
}

/// Returns the text of a float in a style, with a `-` if its sign bit is set and it is a number.
///
/// ```
/// use vm_py_format::{Style, float_text};
///
/// let style = Style { code: 'g', precision: 3, alternate: false, dot_zero: false, upper: false };
/// assert_eq!(float_text(-1234.5, &style), "-1.23e+03");
/// ```
pub fn float_text(value: f64, style: &Style) -> String {
    let mut text = match value.is_finite() {
        true => finite(value.abs(), style),
        false if value.is_nan() => "nan".to_owned(),
        false => "inf".to_owned(),
    };
    if style.upper {
        text.make_ascii_uppercase();
    }
    if value.is_sign_negative() && !value.is_nan() {
        text.insert(0, '-');
    }
    text
}

fn finite(value: f64, style: &Style) -> String {
    if style.code == 'f' {
        let precision = style.precision;
        let mut text = format!("{value:.precision$}");
        if style.alternate && precision == 0 {
            text.push('.');
        }
        return text;
    }
    let (Decimal { digits, point }, scientific) = digits(value, style);
    let keeps_zeros = style.code == 'e' || style.alternate;
    let digits = match keeps_zeros && style.code != 'r' {
        true => digits.as_str(),
        false => digits.trim_end_matches('0'),
    };
    let digits = if digits.is_empty() { "0" } else { digits };
    // Zero has its point after its one digit.
    let point = if value == 0.0 { 1 } else { point };
    let mut text = match scientific {
        true => place(digits, 1),
        false => place(digits, point),
    };
    let has_fraction = text.contains('.');
    if !has_fraction && style.alternate {
        text.push('.');
    }
    if !has_fraction && style.dot_zero && !scientific {
        text.truncate(text.trim_end_matches('.').len());
        text.push_str(".0");
    }
    if scientific {
        let exponent = point - 1;
        let sign = if exponent < 0 { '-' } else { '+' };
        text.push_str(&format!("e{sign}{:02}", exponent.abs()));
    }
    text
}

/// Returns digits with the point in its place, and the zeros that this needs.
fn place(digits: &str, point: i32) -> String {
    let count = digits.len() as i32;
    if point <= 0 {
        return format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
    }
    if point >= count {
        return format!("{digits}{}", "0".repeat((point - count) as usize));
    }
    let (whole, fraction) = digits.split_at(point as usize);
    format!("{whole}.{fraction}")
}
