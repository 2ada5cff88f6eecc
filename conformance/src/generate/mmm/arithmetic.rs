//! The results of operators, as far as they are known while a program is written.

use super::Item;

/// Returns the result of `bin_op` on two items, if it is known not to fault.
pub(super) fn operator_result(operator: u8, left: Item, right: Item) -> Option<Item> {
    let range = |item| match item {
        Item::Byte(value) => Some((i64::from(value), i64::from(value))),
        Item::Int(least, most) => Some((least, most)),
        Item::Bool | Item::Str | Item::Char | Item::Float => None,
    };
    let number = |item| matches!(item, Item::Float) || range(item).is_some();
    if left == Item::Float || right == Item::Float {
        return (number(left) && number(right)).then_some(Item::Float);
    }
    let (a, b) = range(left)?;
    let (c, d) = range(right)?;
    let (least, most) = match operator {
        b'+' => (a + c, b + d),
        b'-' => (a - d, b - c),
        b'*' => {
            let corners = [a * c, a * d, b * c, b * d];
            let most = corners.into_iter().fold(i64::MIN, i64::max);
            (corners.into_iter().fold(i64::MAX, i64::min), most)
        }
        // Division is only known for a divisor that is one known number.
        _ if c != d || c == 0 || (c == -1 && a == i64::from(i32::MIN)) => return None,
        b'/' if c > 0 => (a / c, b / c),
        b'/' => (b / c, a / c),
        _ if a == b => (a % c, a % c),
        _ => (1 - c.abs(), c.abs() - 1),
    };
    match (left, right) {
        (Item::Byte(_), Item::Byte(_)) => u8::try_from(least).ok().map(Item::Byte),
        _ => {
            let fits = i32::try_from(least).is_ok() && i32::try_from(most).is_ok();
            fits.then_some(Item::Int(least, most))
        }
    }
}
