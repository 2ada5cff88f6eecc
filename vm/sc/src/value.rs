//! Values: equality, order and printing form.

use super::insn::Fault;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;
use vm_base::ShortestFloat;

/// A value of the machine.
#[derive(Clone, Debug)]
pub enum Value {
    /// nil.
    Nil,
    /// A Bool.
    Bool(bool),
    /// An Int.
    Int(i64),
    /// A Float.
    Float(f64),
    /// A Str.
    Str(Text),
}

/// The text of a Str. It is cheap to clone, and grows in place unless it is shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text(Rc<String>);

impl Text {
    /// Appends a text, and copies only if this one is shared.
    pub(super) fn push(&mut self, more: &str) {
        match Rc::get_mut(&mut self.0) {
            Some(own) => own.push_str(more),
            None => *self = Text::join(self, more),
        }
    }

    pub(super) fn join(left: &str, right: &str) -> Text {
        let mut joined = String::with_capacity(left.len() + right.len());
        joined.push_str(left);
        joined.push_str(right);
        Text(Rc::new(joined))
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Text {
        Text(Rc::new(text.into()))
    }
}

impl Value {
    /// Returns the name of its type, as the function `type` does.
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Nil => "nil",
            Value::Bool(_) => "bool",
            Value::Int(_) => "int",
            Value::Float(_) => "float",
            Value::Str(_) => "str",
        }
    }

    /// Returns the length of the text in bytes if it is a Str, and 0 otherwise.
    pub(super) fn text_bytes(&self) -> u64 {
        match self {
            Value::Str(text) => text.len() as u64,
            Value::Nil | Value::Bool(_) | Value::Int(_) | Value::Float(_) => 0,
        }
    }

    /// Returns true if the operator eq finds the values equal: an Int and a Float by exact value,
    /// and values of other different types never.
    pub fn equals(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Nil, Value::Nil) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Str(a), Value::Str(b)) => a == b,
            _ => self.number_order(other) == Some(Ordering::Equal),
        }
    }

    /// Compares two values as the operator lt does. `Ok(None)` means that one of them is NaN.
    pub fn order(&self, other: &Value) -> Result<Option<Ordering>, Fault> {
        match (self, other) {
            (Value::Str(a), Value::Str(b)) => Ok(Some(a.as_bytes().cmp(b.as_bytes()))),
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
                Ok(self.number_order(other))
            }
            _ => Err(Fault::TypeMismatch),
        }
    }

    fn number_order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
            (Value::Float(a), Value::Float(b)) => a.partial_cmp(b),
            (Value::Int(a), Value::Float(b)) => int_order(*a, *b),
            (Value::Float(a), Value::Int(b)) => int_order(*b, *a).map(Ordering::reverse),
            _ => None,
        }
    }
}

/// Compares an Int with a Float by exact value; returns `None` for NaN.
fn int_order(int: i64, float: f64) -> Option<Ordering> {
    /// 2^63, the least float above all Ints.
    const ABOVE: f64 = 9_223_372_036_854_775_808.0;
    if float.is_nan() {
        None
    } else if float >= ABOVE {
        Some(Ordering::Less)
    } else if float < -ABOVE {
        Some(Ordering::Greater)
    } else {
        // In this range the integral part is exactly an Int.
        let whole = float.trunc();
        Some(int.cmp(&(whole as i64)).then_with(|| {
            0.0f64
                .partial_cmp(&(float - whole))
                .unwrap_or(Ordering::Equal)
        }))
    }
}

/// The printing form, in which a Str is raw.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nil => f.write_str("nil"),
            Value::Bool(value) => f.write_str(if *value { "1b" } else { "0b" }),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) if value.is_finite() && value.fract() == 0.0 => {
                write!(f, "{value}.0")
            }
            Value::Float(value) => write!(f, "{}", ShortestFloat(*value)),
            Value::Str(value) => f.write_str(value),
        }
    }
}

/// Parses an Int as the function `int` does: an optional sign and decimal digits.
pub(super) fn parse_int(text: &str) -> Option<i64> {
    // `i64::from_str` accepts exactly this.
    text.parse().ok()
}

/// Parses a Float as the function `float` does: an optional sign, digits with an optional fraction,
/// an optional exponent, but no words.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let whole = digits(unsigned);
    let mut rest = &unsigned[whole..];
    let mut count = whole;
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = digits(fraction);
        count += length;
        rest = &fraction[length..];
    }
    if count == 0 {
        return None;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let length = digits(exponent);
        if length == 0 {
            return None;
        }
        rest = &exponent[length..];
    }
    if !rest.is_empty() {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_takes_sixteen_bytes() {
        assert_eq!(size_of::<Value>(), 16);
        assert_eq!(size_of::<Option<Value>>(), 16);
    }

    #[track_caller]
    fn check_form(value: Value, form: &str) {
        assert_eq!(value.to_string(), form);
    }

    #[test]
    fn printing_forms() {
        check_form(Value::Nil, "nil");
        check_form(Value::Bool(true), "1b");
        check_form(Value::Bool(false), "0b");
        check_form(Value::Int(i64::MIN), "-9223372036854775808");
        check_form(Value::Float(5.0), "5.0");
        check_form(Value::Float(-0.0), "-0.0");
        check_form(Value::Float(0.1), "0.1");
        check_form(Value::Float(1e21), "1000000000000000000000.0");
        check_form(Value::Float(f64::INFINITY), "inf");
        check_form(Value::Float(-f64::INFINITY), "-inf");
        check_form(Value::Float(-f64::NAN), "NaN");
        check_form(Value::Str("a\n".into()), "a\n");
    }

    #[track_caller]
    fn check_order(int: i64, float: f64, order: Option<Ordering>) {
        let (int, float) = (Value::Int(int), Value::Float(float));
        assert_eq!(int.order(&float).unwrap(), order, "{int} {float}");
        let reversed = order.map(Ordering::reverse);
        assert_eq!(float.order(&int).unwrap(), reversed, "{float} {int}");
        assert_eq!(int.equals(&float), order == Some(Ordering::Equal));
    }

    #[test]
    fn ints_and_floats_compare_by_exact_value() {
        use Ordering::*;
        check_order(1, 1.0, Some(Equal));
        check_order(0, -0.0, Some(Equal));
        check_order(1, 1.5, Some(Less));
        check_order(-1, -1.5, Some(Greater));
        check_order(0, 5e-324, Some(Less));
        check_order((1 << 53) + 1, 9_007_199_254_740_992.0, Some(Greater));
        check_order(i64::MAX, 9_223_372_036_854_775_808.0, Some(Less));
        check_order(i64::MIN, -9_223_372_036_854_775_808.0, Some(Equal));
        check_order(i64::MIN, f64::NEG_INFINITY, Some(Greater));
        check_order(0, f64::NAN, None);
    }

    #[track_caller]
    fn check_float(text: &str, value: Option<f64>) {
        assert_eq!(parse_float(text).map(f64::to_bits), value.map(f64::to_bits));
    }

    #[test]
    fn floats_are_read_as_literals_and_words_are_not() {
        check_float("5", Some(5.0));
        check_float("5.", Some(5.0));
        check_float(".5", Some(0.5));
        check_float("-5.25e-1", Some(-0.525));
        check_float("+1E3", Some(1000.0));
        check_float("1e999", Some(f64::INFINITY));
        for text in [
            "", ".", "-", "e5", "1e", "inf", "nan", " 1", "1 ", "1_0", "0x1", "--1",
        ] {
            check_float(text, None);
        }
    }
}
