//! Methods of `str`.

use super::sequence::range;
use super::str::{exact, find_bytes};
use crate::floor::unicode;
use crate::native::{Kw, Native, Sig, f, kw, params};
use crate::text::{Text, push_point};
use crate::value::{R, Raise, Value};
use crate::vm::Vm;

pub(crate) const ROWS: [Native; 47] = [
    f("capitalize", Sig::None, |vm, a| {
        mapped(vm, a[0], capitalize)
    }),
    f("casefold", Sig::None, |vm, a| {
        mapped(vm, a[0], |points| {
            points
                .iter()
                .flat_map(|&point| unicode::fold_case(point))
                .collect()
        })
    }),
    f("center", Sig::Pos(1, 2), |vm, a| justify(vm, a, "center")),
    f("count", Sig::Parse(1, 3), count),
    f(
        "encode",
        params(&["encoding", "errors"], 0),
        super::bytes::encode,
    ),
    f("endswith", Sig::Parse(1, 3), |vm, a| affix(vm, a, true)),
    f("expandtabs", params(&["tabsize"], 0), expandtabs),
    f("find", Sig::Parse(1, 3), |vm, a| {
        Ok(Value::Int(find(vm, a, "find", false)?))
    }),
    kw("format", |vm, a, kw| {
        crate::format::str_format(vm, a[0], &a[1..], kw)
    }),
    f("format_map", Sig::One, |vm, a| {
        crate::format::format_map(vm, a[0], a[1])
    }),
    f("index", Sig::Parse(1, 3), |vm, a| {
        found(vm, a, "index", false)
    }),
    f("isalnum", Sig::None, |vm, a| {
        all(vm, a[0], unicode::is_alphanumeric)
    }),
    f("isalpha", Sig::None, |vm, a| {
        all(vm, a[0], unicode::is_alphabetic)
    }),
    f("isascii", Sig::None, |vm, a| {
        Ok(Value::bool(vm.as_str(a[0]).is_some_and(Text::is_ascii)))
    }),
    f("isdecimal", Sig::None, |vm, a| {
        all(vm, a[0], |point| unicode::decimal(point).is_some())
    }),
    f("isdigit", Sig::None, |vm, a| {
        all(vm, a[0], |point| unicode::digit(point).is_some())
    }),
    f("isidentifier", Sig::None, isidentifier),
    f("islower", Sig::None, |vm, a| {
        cased(vm, a[0], unicode::is_lowercase, |point| {
            unicode::is_uppercase(point) || unicode::is_titlecase(point)
        })
    }),
    f("isnumeric", Sig::None, |vm, a| {
        all(vm, a[0], |point| unicode::numeric(point).is_some())
    }),
    f("isprintable", Sig::None, |vm, a| {
        Ok(Value::bool(
            points(vm, a[0]).into_iter().all(unicode::is_printable),
        ))
    }),
    f("isspace", Sig::None, |vm, a| {
        all(vm, a[0], unicode::is_space)
    }),
    f("istitle", Sig::None, istitle),
    f("isupper", Sig::None, |vm, a| {
        cased(vm, a[0], unicode::is_uppercase, |point| {
            unicode::is_lowercase(point) || unicode::is_titlecase(point)
        })
    }),
    f("join", Sig::One, join),
    f("ljust", Sig::Pos(1, 2), |vm, a| justify(vm, a, "ljust")),
    f("lower", Sig::None, |vm, a| mapped(vm, a[0], lower)),
    f("lstrip", Sig::Pos(0, 1), |vm, a| strip(vm, a, true, false)),
    f("maketrans", Sig::Pos(1, 3), maketrans).fixed(),
    f("partition", Sig::One, |vm, a| partition(vm, a, false)),
    f("removeprefix", Sig::One, |vm, a| remove_affix(vm, a, false)),
    f("removesuffix", Sig::One, |vm, a| remove_affix(vm, a, true)),
    f("replace", Sig::Pos(2, 3), replace),
    f("rfind", Sig::Parse(1, 3), |vm, a| {
        Ok(Value::Int(find(vm, a, "rfind", true)?))
    }),
    f("rindex", Sig::Parse(1, 3), |vm, a| {
        found(vm, a, "rindex", true)
    }),
    f("rjust", Sig::Pos(1, 2), |vm, a| justify(vm, a, "rjust")),
    f("rpartition", Sig::One, |vm, a| partition(vm, a, true)),
    f("rsplit", params(&["sep", "maxsplit"], 0), |vm, a| {
        split(vm, a, true)
    }),
    f("rstrip", Sig::Pos(0, 1), |vm, a| strip(vm, a, false, true)),
    f("split", params(&["sep", "maxsplit"], 0), |vm, a| {
        split(vm, a, false)
    }),
    f("splitlines", params(&["keepends"], 0), splitlines),
    f("startswith", Sig::Parse(1, 3), |vm, a| affix(vm, a, false)),
    f("strip", Sig::Pos(0, 1), |vm, a| strip(vm, a, true, true)),
    f("swapcase", Sig::None, |vm, a| mapped(vm, a[0], swapcase)),
    f("title", Sig::None, |vm, a| mapped(vm, a[0], title)),
    f("translate", Sig::One, translate),
    f("upper", Sig::None, |vm, a| {
        mapped(vm, a[0], |points| {
            points
                .iter()
                .flat_map(|&point| unicode::to_upper(point))
                .collect()
        })
    }),
    f("zfill", Sig::One, zfill),
];

fn points(vm: &Vm, value: Value) -> Vec<u32> {
    vm.as_str(value)
        .map_or(Vec::new(), |text| text.iter().collect())
}

fn bytes(vm: &Vm, value: Value) -> Vec<u8> {
    vm.as_str(value)
        .map_or(Vec::new(), |text| text.bytes().to_vec())
}

fn mapped(vm: &mut Vm, value: Value, map: impl Fn(&[u32]) -> Vec<u32>) -> R {
    let points = points(vm, value);
    vm.work(points.len())?;
    let text = Text::from_points(map(&points));
    Ok(if text.len() == 0 {
        vm.names.empty
    } else {
        vm.text(text)
    })
}

fn lower_at(points: &[u32], at: usize) -> Vec<u32> {
    if points[at] == 0x3a3 {
        return vec![unicode::lower_sigma(points, at)];
    }
    unicode::to_lower(points[at]).collect()
}

fn lower(points: &[u32]) -> Vec<u32> {
    (0..points.len())
        .flat_map(|at| lower_at(points, at))
        .collect()
}

fn capitalize(points: &[u32]) -> Vec<u32> {
    let Some(&first) = points.first() else {
        return Vec::new();
    };
    let rest = (1..points.len()).flat_map(|at| lower_at(points, at));
    unicode::to_title(first).chain(rest).collect()
}

fn swapcase(points: &[u32]) -> Vec<u32> {
    let swap = |at: usize| -> Vec<u32> {
        let point = points[at];
        if unicode::is_uppercase(point) {
            lower_at(points, at)
        } else if unicode::is_lowercase(point) {
            unicode::to_upper(point).collect()
        } else {
            vec![point]
        }
    };
    (0..points.len()).flat_map(swap).collect()
}

fn title(points: &[u32]) -> Vec<u32> {
    let mut out = Vec::new();
    let mut inside = false;
    for at in 0..points.len() {
        if inside {
            out.extend(lower_at(points, at));
        } else {
            out.extend(unicode::to_title(points[at]));
        }
        inside = unicode::is_cased(points[at]);
    }
    out
}

fn all(vm: &mut Vm, value: Value, fits: impl Fn(u32) -> bool) -> R {
    let points = points(vm, value);
    Ok(Value::bool(
        !points.is_empty() && points.into_iter().all(fits),
    ))
}

fn cased(vm: &mut Vm, value: Value, is: fn(u32) -> bool, other: impl Fn(u32) -> bool) -> R {
    let mut any = false;
    for point in points(vm, value) {
        if other(point) {
            return Ok(Value::False);
        }
        any |= is(point);
    }
    Ok(Value::bool(any))
}

fn istitle(vm: &mut Vm, a: &[Value]) -> R {
    let (mut any, mut inside) = (false, false);
    for point in points(vm, a[0]) {
        if unicode::is_uppercase(point) || unicode::is_titlecase(point) {
            if inside {
                return Ok(Value::False);
            }
            (inside, any) = (true, true);
        } else if unicode::is_lowercase(point) {
            if !inside {
                return Ok(Value::False);
            }
            any = true;
        } else {
            inside = false;
        }
    }
    Ok(Value::bool(any))
}

fn isidentifier(vm: &mut Vm, a: &[Value]) -> R {
    let points = points(vm, a[0]);
    let Some((&first, rest)) = points.split_first() else {
        return Ok(Value::False);
    };
    let start = first == u32::from(b'_') || unicode::is_identifier_start(first);
    Ok(Value::bool(
        start
            && rest
                .iter()
                .all(|&point| unicode::is_identifier_continue(point)),
    ))
}

/// The fill character of `center` and the like.
fn fill(vm: &mut Vm, value: Option<&Value>) -> R<u32> {
    let Some(&value) = value else {
        return Ok(u32::from(b' '));
    };
    match vm.as_str(value) {
        Some(text) if text.len() == 1 => Ok(text.get(0)),
        Some(_) => Err(vm.type_error("The fill character must be exactly one character long")),
        None => {
            let kind = vm.type_name(value);
            Err(vm.type_error(format!(
                "The fill character must be a unicode character, not {kind}"
            )))
        }
    }
}

fn justify(vm: &mut Vm, a: &[Value], how: &str) -> R {
    let width = vm.size_arg(a[1])?;
    let fill = fill(vm, a.get(2))?;
    let len = vm.as_str(a[0]).map_or(0, Text::len);
    let width = usize::try_from(width).unwrap_or(0);
    if width <= len {
        return Ok(exact(vm, a[0]));
    }
    vm.room(width)?;
    let pad = width - len;
    let left = match how {
        "ljust" => 0,
        "rjust" => pad,
        _ => pad / 2 + (pad & width & 1),
    };
    let mut out = Vec::new();
    (0..left).for_each(|_| push_point(&mut out, fill));
    out.extend(bytes(vm, a[0]));
    (left..pad).for_each(|_| push_point(&mut out, fill));
    Ok(vm.str_bytes(out))
}

fn zfill(vm: &mut Vm, a: &[Value]) -> R {
    let width = usize::try_from(vm.size_arg(a[1])?).unwrap_or(0);
    let text = bytes(vm, a[0]);
    let len = vm.as_str(a[0]).map_or(0, Text::len);
    if width <= len {
        return Ok(exact(vm, a[0]));
    }
    vm.room(width)?;
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let mut out = text[..sign].to_vec();
    out.resize(out.len() + width - len, b'0');
    out.extend_from_slice(&text[sign..]);
    Ok(vm.str_bytes(out))
}

/// Returns a string argument's bytes.
fn arg(vm: &mut Vm, value: Value, message: impl Fn(&str) -> String) -> R<Vec<u8>> {
    match vm.as_str(value) {
        Some(text) => Ok(text.bytes().to_vec()),
        None => {
            let kind = vm.type_name(value);
            Err(vm.type_error(message(&kind)))
        }
    }
}

fn must_be_str(kind: &str) -> String {
    format!("must be str, not {kind}")
}

/// The part of a string that `find` and `count` look at: its bytes, and where it begins.
fn window(vm: &mut Vm, a: &[Value]) -> R<Option<(Vec<u8>, usize)>> {
    let len = vm.as_str(a[0]).map_or(0, Text::len);
    let (start, stop) = range(vm, &a[2.min(a.len())..], len)?;
    if start > stop {
        return Ok(None);
    }
    vm.work(stop - start)?;
    let Some(text) = vm.as_str(a[0]) else {
        return Err(Raise);
    };
    let (from, to) = (text.offset(start.min(len)), text.offset(stop));
    Ok(Some((text.bytes()[from..to].to_vec(), start)))
}

fn find(vm: &mut Vm, a: &[Value], name: &str, last: bool) -> R<i64> {
    let _ = name;
    let part = arg(vm, a[1], must_be_str)?;
    let Some((text, start)) = window(vm, a)? else {
        return Ok(-1);
    };
    let len = vm.as_str(a[0]).map_or(0, Text::len);
    if start > len {
        return Ok(-1);
    }
    let at = if last {
        rfind_bytes(&text, &part)
    } else {
        find_bytes(&text, &part)
    };
    Ok(at.map_or(-1, |at| {
        let before = text[..at]
            .iter()
            .filter(|&&byte| byte & 0xc0 != 0x80)
            .count();
        (start + before) as i64
    }))
}

/// Returns where one string of bytes is in another for the last time.
pub(crate) fn rfind_bytes(text: &[u8], part: &[u8]) -> Option<usize> {
    let last = text.len().checked_sub(part.len())?;
    (0..=last).rev().find(|&at| text[at..].starts_with(part))
}

fn found(vm: &mut Vm, a: &[Value], name: &str, last: bool) -> R {
    match find(vm, a, name, last)? {
        -1 => Err(vm.value_error("substring not found")),
        at => Ok(Value::Int(at)),
    }
}

fn count(vm: &mut Vm, a: &[Value]) -> R {
    let part = arg(vm, a[1], must_be_str)?;
    let Some((text, start)) = window(vm, a)? else {
        return Ok(Value::Int(0));
    };
    let len = vm.as_str(a[0]).map_or(0, Text::len);
    if start > len {
        return Ok(Value::Int(0));
    }
    if part.is_empty() {
        let points = text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        return Ok(Value::from(points + 1));
    }
    let (mut at, mut count) = (0, 0);
    while let Some(found) = find_bytes(&text[at..], &part) {
        count += 1;
        at += found + part.len();
    }
    Ok(Value::Int(count))
}

fn affix(vm: &mut Vm, a: &[Value], end: bool) -> R {
    let name = if end { "endswith" } else { "startswith" };
    let parts = match vm.as_tuple(a[1]) {
        Some(parts) => parts.to_vec(),
        None => vec![a[1]],
    };
    let in_tuple = vm.as_tuple(a[1]).is_some();
    let window = window(vm, a)?;
    for part in parts {
        let part = arg(vm, part, |kind| {
            if in_tuple {
                format!("tuple for {name} must only contain str, not {kind}")
            } else {
                format!("{name} first arg must be str or a tuple of str, not {kind}")
            }
        })?;
        let Some((text, start)) = &window else {
            continue;
        };
        let inside = *start <= vm.as_str(a[0]).map_or(0, Text::len);
        if inside
            && if end {
                text.ends_with(&part)
            } else {
                text.starts_with(&part)
            }
        {
            return Ok(Value::True);
        }
    }
    Ok(Value::False)
}

fn remove_affix(vm: &mut Vm, a: &[Value], end: bool) -> R {
    let name = if end { "removesuffix" } else { "removeprefix" };
    let part = arg(vm, a[1], |kind| {
        format!("{name}() argument must be str, not {kind}")
    })?;
    let text = bytes(vm, a[0]);
    let rest = if end {
        text.strip_suffix(&part[..])
    } else {
        text.strip_prefix(&part[..])
    };
    match rest {
        Some(rest) if !part.is_empty() => Ok(vm.str_bytes(rest.to_vec())),
        _ => Ok(exact(vm, a[0])),
    }
}

fn expandtabs(vm: &mut Vm, a: &[Value]) -> R {
    let size = if a[1].is_unset() {
        8
    } else {
        vm.size_arg(a[1])?
    };
    let mut out = Vec::new();
    let mut column = 0;
    for point in points(vm, a[0]) {
        match point {
            0x09 if size > 0 => {
                let count = size - column % size;
                vm.room(out.len() + count as usize)?;
                out.resize(out.len() + count as usize, b' ');
                column += count;
            }
            0x09 => {}
            _ => {
                push_point(&mut out, point);
                column = if matches!(point, 0x0a | 0x0d) {
                    0
                } else {
                    column + 1
                };
            }
        }
    }
    Ok(vm.str_bytes(out))
}

fn join(vm: &mut Vm, a: &[Value]) -> R {
    let between = bytes(vm, a[0]);
    let class = vm.class_of(a[1]);
    let known = class == vm.types.list || class == vm.types.tuple;
    if !known
        && vm.special(a[1], vm.names.iter).is_none()
        && vm.special(a[1], vm.names.getitem).is_none()
    {
        return Err(vm.type_error("can only join an iterable"));
    }
    let items = vm.list_of(a[1])?;
    let mut out = Vec::new();
    for (at, &item) in items.iter().enumerate() {
        let Some(text) = vm.as_str(item) else {
            let kind = vm.type_name(item);
            return Err(vm.type_error(format!(
                "sequence item {at}: expected str instance, {kind} found"
            )));
        };
        if at > 0 {
            out.extend_from_slice(&between);
        }
        out.extend_from_slice(text.bytes());
        if out.len() > 1 << 20 {
            vm.room(out.len())?;
        }
    }
    vm.work(out.len())?;
    if let [only] = items[..]
        && vm.class_of(only) == vm.types.str
    {
        return Ok(only);
    }
    Ok(vm.str_bytes(out))
}

fn strip(vm: &mut Vm, a: &[Value], left: bool, right: bool) -> R {
    let set: Option<Vec<u32>> = match a.get(1) {
        Some(&chars) if !chars.is_none() => match vm.as_str(chars) {
            Some(text) => Some(text.iter().collect()),
            None => {
                let name = match (left, right) {
                    (true, true) => "strip",
                    (true, false) => "lstrip",
                    _ => "rstrip",
                };
                return Err(vm.type_error(format!("{name} arg must be None or str")));
            }
        },
        _ => None,
    };
    let fits = |point: u32| match &set {
        Some(set) => set.contains(&point),
        None => unicode::is_space(point),
    };
    let points = points(vm, a[0]);
    let start = if left {
        points.iter().take_while(|&&point| fits(point)).count()
    } else {
        0
    };
    let mut end = points.len();
    while right && end > start && fits(points[end - 1]) {
        end -= 1;
    }
    if start == 0 && end == points.len() {
        return Ok(exact(vm, a[0]));
    }
    let text = Text::from_points(points[start..end].iter().copied());
    Ok(if text.len() == 0 {
        vm.names.empty
    } else {
        vm.text(text)
    })
}

fn partition(vm: &mut Vm, a: &[Value], last: bool) -> R {
    let part = arg(vm, a[1], must_be_str)?;
    if part.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let text = bytes(vm, a[0]);
    let at = if last {
        rfind_bytes(&text, &part)
    } else {
        find_bytes(&text, &part)
    };
    let whole = exact(vm, a[0]);
    let empty = vm.names.empty;
    let items = match at {
        Some(at) => {
            let before = vm.str_bytes(text[..at].to_vec());
            let after = vm.str_bytes(text[at + part.len()..].to_vec());
            vec![before, a[1], after]
        }
        None if last => vec![empty, empty, whole],
        None => vec![whole, empty, empty],
    };
    Ok(vm.tuple(items))
}

fn replace(vm: &mut Vm, a: &[Value]) -> R {
    let message = |place: u32| {
        move |kind: &str| format!("replace() argument {place} must be str, not {kind}")
    };
    let (old, new) = (arg(vm, a[1], message(1))?, arg(vm, a[2], message(2))?);
    let most = match a.get(3) {
        Some(&count) => vm.size_arg(count)?,
        None => -1,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let text = bytes(vm, a[0]);
    vm.work(text.len())?;
    match replace_bytes(vm, &text, &old, &new, most, true)? {
        Some(out) => Ok(vm.str_bytes(out)),
        None => Ok(exact(vm, a[0])),
    }
}

/// Replaces parts; none if there is nothing to replace.
pub(crate) fn replace_bytes(
    vm: &mut Vm,
    text: &[u8],
    old: &[u8],
    new: &[u8],
    most: usize,
    is_text: bool,
) -> R<Option<Vec<u8>>> {
    let mut out = Vec::new();
    let mut left = most;
    if old.is_empty() {
        if left == 0 {
            return Ok(None);
        }
        for (at, &byte) in text.iter().enumerate() {
            if left > 0 && (!is_text || byte & 0xc0 != 0x80) {
                out.extend_from_slice(new);
                left -= 1;
            }
            out.push(byte);
            if at % 4096 == 0 {
                vm.room(out.len())?;
            }
        }
        if left > 0 {
            out.extend_from_slice(new);
        }
        return Ok(Some(out));
    }
    let mut at = 0;
    while left > 0
        && let Some(found) = find_bytes(&text[at..], old)
    {
        out.extend_from_slice(&text[at..at + found]);
        out.extend_from_slice(new);
        at += found + old.len();
        left -= 1;
        if out.len() > 1 << 16 {
            vm.room(out.len())?;
        }
    }
    if left == most {
        return Ok(None);
    }
    out.extend_from_slice(&text[at..]);
    Ok(Some(out))
}

fn split(vm: &mut Vm, a: &[Value], last: bool) -> R {
    let most = if a[2].is_unset() {
        -1
    } else {
        vm.size_arg(a[2])?
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let text = bytes(vm, a[0]);
    vm.work(text.len())?;
    let parts = if a[1].is_unset() || a[1].is_none() {
        let Some(text) = vm.as_str(a[0]) else {
            return Err(Raise);
        };
        blanks(text, most, last)
    } else {
        let separator = arg(vm, a[1], |kind| format!("must be str or None, not {kind}"))?;
        if separator.is_empty() {
            return Err(vm.value_error("empty separator"));
        }
        split_bytes(&text, &separator, most, last)
    };
    let items = parts.into_iter().map(|part| vm.str_bytes(part)).collect();
    Ok(vm.list(items))
}

/// Splits at runs of white space.
fn blanks(text: &Text, most: usize, last: bool) -> Vec<Vec<u8>> {
    if text.is_ascii() {
        let bytes = text.bytes();
        let blank = |at: usize| matches!(bytes[at], 9..=13 | 0x1c..=0x20);
        return words(bytes.len(), blank, most, last)
            .into_iter()
            .map(|(start, end)| bytes[start..end].to_vec())
            .collect();
    }
    let points: Vec<u32> = text.iter().collect();
    let word = |(start, end): (usize, usize)| {
        let mut out = Vec::new();
        points[start..end]
            .iter()
            .for_each(|&point| push_point(&mut out, point));
        out
    };
    let blank = |at: usize| unicode::is_space(points[at]);
    words(points.len(), blank, most, last)
        .into_iter()
        .map(word)
        .collect()
}

/// Returns where words are among `len` characters.
fn words(
    len: usize,
    blank: impl Fn(usize) -> bool,
    most: usize,
    last: bool,
) -> Vec<(usize, usize)> {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    if last {
        let mut end = len;
        loop {
            while end > 0 && blank(end - 1) {
                end -= 1;
            }
            if end == 0 {
                break;
            }
            if parts.len() == most {
                parts.push((0, end));
                break;
            }
            let mut start = end;
            while start > 0 && !blank(start - 1) {
                start -= 1;
            }
            parts.push((start, end));
            end = start;
        }
        parts.reverse();
        return parts;
    }
    let mut start = 0;
    loop {
        while start < len && blank(start) {
            start += 1;
        }
        if start == len {
            return parts;
        }
        if parts.len() == most {
            parts.push((start, len));
            return parts;
        }
        let mut end = start;
        while end < len && !blank(end) {
            end += 1;
        }
        parts.push((start, end));
        start = end;
    }
}

/// Splits at a separator.
pub(crate) fn split_bytes(text: &[u8], separator: &[u8], most: usize, last: bool) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while parts.len() < most {
        let at = if last {
            rfind_bytes(rest, separator)
        } else {
            find_bytes(rest, separator)
        };
        let Some(at) = at else { break };
        if last {
            parts.push(rest[at + separator.len()..].to_vec());
            rest = &rest[..at];
        } else {
            parts.push(rest[..at].to_vec());
            rest = &rest[at + separator.len()..];
        }
    }
    parts.push(rest.to_vec());
    if last {
        parts.reverse();
    }
    parts
}

fn splitlines(vm: &mut Vm, a: &[Value]) -> R {
    let keep = !a[1].is_unset() && vm.truth(a[1])?;
    let points = points(vm, a[0]);
    let mut items = Vec::new();
    let mut start = 0;
    while start < points.len() {
        let mut end = start;
        while end < points.len() && !unicode::is_line_break(points[end]) {
            end += 1;
        }
        let mut next = end;
        if end < points.len() {
            next += 1;
            if points[end] == 0x0d && points.get(next) == Some(&0x0a) {
                next += 1;
            }
        }
        let stop = if keep { next } else { end };
        let text = Text::from_points(points[start..stop].iter().copied());
        items.push(if text.len() == 0 {
            vm.names.empty
        } else {
            vm.text(text)
        });
        start = next;
    }
    Ok(vm.list(items))
}

fn maketrans(vm: &mut Vm, a: &[Value]) -> R {
    let dict = vm.dict();
    if let [only] = *a {
        if vm.as_dict(only).is_none() {
            let message = "if you give only one argument to maketrans it must be a dict";
            return Err(vm.type_error(message));
        }
        for (key, value) in vm.dict_pairs(only) {
            let key = match vm.as_str(key) {
                Some(text) if text.len() == 1 => Value::Int(i64::from(text.get(0))),
                Some(_) => {
                    let message = "string keys in translate table must be of length 1";
                    return Err(vm.value_error(message));
                }
                None if super::int::is_int(vm, key) => key,
                None => {
                    let message = "keys in translate table must be strings or integers";
                    return Err(vm.type_error(message));
                }
            };
            vm.dict_set(dict, key, value)?;
        }
        return Ok(dict);
    }
    let (from, to) = (points(vm, a[0]), points(vm, a[1]));
    if vm.as_str(a[0]).is_none() {
        let message = "first maketrans argument must be a string if there is a second argument";
        return Err(vm.type_error(message));
    }
    if from.len() != to.len() {
        let message = "the first two maketrans arguments must have equal length";
        return Err(vm.value_error(message));
    }
    for (from, to) in from.into_iter().zip(to) {
        vm.dict_set(dict, Value::Int(from.into()), Value::Int(to.into()))?;
    }
    if let Some(&gone) = a.get(2) {
        for point in points(vm, gone) {
            vm.dict_set(dict, Value::Int(point.into()), Value::None)?;
        }
    }
    Ok(dict)
}

fn translate(vm: &mut Vm, a: &[Value]) -> R {
    let mut out = Vec::new();
    for point in points(vm, a[0]) {
        vm.work(8)?;
        match vm.get_item(a[1], Value::Int(point.into())) {
            Err(Raise) => {
                if vm.catch(vm.exc.lookup_error).is_none() {
                    return Err(Raise);
                }
                push_point(&mut out, point);
            }
            Ok(Value::None) => {}
            Ok(value) => {
                if let Some(text) = vm.as_str(value) {
                    out.extend_from_slice(text.bytes());
                } else if let Some(point) = super::int::to_i64(vm, value) {
                    match u32::try_from(point).ok().filter(|&point| point < 0x11_0000) {
                        Some(point) => push_point(&mut out, point),
                        None => {
                            let message = "character mapping must be in range(0x110000)";
                            return Err(vm.value_error(message));
                        }
                    }
                } else {
                    let message = "character mapping must return integer, None or str";
                    return Err(vm.type_error(message));
                }
            }
        }
    }
    Ok(vm.str_bytes(out))
}

/// A row that refuses named arguments, for other files.
pub(crate) fn no_kw(vm: &mut Vm, name: &str, kw: Kw<'_>) -> R<()> {
    if kw.is_empty() {
        return Ok(());
    }
    Err(vm.type_error(format!("{name}() takes no keyword arguments")))
}
