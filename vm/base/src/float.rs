//! The shortest decimal form of a Float.

use std::fmt;

/// A Float that displays as the shortest decimal number that reads back as the same Float, without
/// an exponent. Of two numbers that are equally near, it displays the one whose last digit is even.
///
/// ```
/// use vm_base::ShortestFloat;
/// assert_eq!(ShortestFloat(0.1).to_string(), "0.1");
/// assert_eq!(ShortestFloat(1e21).to_string(), "1000000000000000000000");
/// assert_eq!(ShortestFloat(1125899906842624.25).to_string(), "1125899906842624.2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShortestFloat(pub f64);

impl fmt::Display for ShortestFloat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ShortestFloat(value) = *self;
        match can_be_tie(value).then(|| to_even(value)).flatten() {
            Some(text) => f.write_str(&text),
            // The standard library prints the shortest number, but rounds ties away from zero.
            None => write!(f, "{value}"),
        }
    }
}

/// Returns true if the Float may lie halfway between two decimal numbers of up to 17 digits.
fn can_be_tie(value: f64) -> bool {
    /// The Float is halfway if it has exactly one digit more. 5^26 alone has more digits.
    const MAX_DECIMALS: i32 = 25;
    if !value.is_finite() || value == 0.0 {
        return false;
    }
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = (bits >> 52 & 0x7ff) as i32;
    if exponent == 0 {
        return false;
    }
    let trailing_zeros = (fraction | 1 << 52).trailing_zeros() as i32;
    // The Float is an odd number divided by 2^decimals, so it has as many decimals.
    let decimals = 1075 - exponent - trailing_zeros;
    (2..=MAX_DECIMALS).contains(&decimals)
}

/// Returns the Float rounded to as many decimals as its shortest form has, ties to even; `None` if
/// that does not read back as the same Float.
fn to_even(value: f64) -> Option<String> {
    let shortest = value.to_string();
    let (_, decimals) = shortest.split_once('.')?;
    let rounded = format!("{value:.*}", decimals.len());
    (rounded.parse() == Ok(value)).then_some(rounded)
}

#[cfg(test)]
#[allow(
    clippy::excessive_precision,
    reason = "all digits, to show what is halfway"
)]
mod tests {
    use super::ShortestFloat;

    #[track_caller]
    fn check(value: f64, text: &str) {
        assert_eq!(ShortestFloat(value).to_string(), text);
        assert_eq!(ShortestFloat(-value).to_string(), format!("-{text}"));
    }

    /// The expected texts are those of CPython's `repr`.
    #[test]
    fn ties_are_rounded_to_even() {
        check(1125899906842624.25, "1125899906842624.2");
        check(1125899906842624.75, "1125899906842624.8");
        check(562949953421312.25, "562949953421312.2");
        check(1855514808195110.25, "1855514808195110.2");
        check(1855514808195110.75, "1855514808195110.8");
        check(900719925474098.25, "900719925474098.2");
        check(629611718.33203125, "629611718.3320312");
    }

    #[test]
    fn other_numbers_are_the_nearest_of_the_shortest() {
        check(0.5, "0.5");
        check(0.25, "0.25");
        check(0.1 + 0.2, "0.30000000000000004");
        check(5e-324, &format!("0.{}5", "0".repeat(323)));
        check(f64::MAX, &format!("17976931348623157{}", "0".repeat(292)));
        check(140737488355328.03125, "140737488355328.03");
        // The interval of a power of two is narrower below: the nearest number reads back as another.
        check(2f64.powi(-44), "0.00000000000005684341886080802");
        check(0.0, "0");
        check(f64::INFINITY, "inf");
        assert_eq!(ShortestFloat(f64::NAN).to_string(), "NaN");
    }
}
