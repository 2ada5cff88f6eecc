"""Writes the tables of Unicode 13.0 as CPython 3.9 has them:

    python3.9 vm/py/unicode/tables.py

Each property is asked of the interpreter itself, so that the tables are what its str methods do.
"""

import hashlib
import os
import sys
import unicodedata

assert sys.version_info[:2] == (3, 9) and unicodedata.unidata_version == "13.0.0"

ALL = range(0x110000)
HERE = os.path.dirname(os.path.abspath(__file__))


def is_cased(c):
    return (c + "a").title()[-1] == "a"


def is_case_ignorable(c):
    final = lambda text: text.lower()[-1] == "\u03c2"
    return final("A" + c + "\u03a3") and not final(c + "\u03a3")


def number(default, get):
    def of(c):
        found = get(c, None)
        return default if found is None else found
    return of


BOOLS = {
    "LOWERCASE": str.islower,
    "UPPERCASE": str.isupper,
    "CASED": is_cased,
    "CASE_IGNORABLE": is_case_ignorable,
    "SPACE": str.isspace,
    "PRINTABLE": str.isprintable,
    "LINE_BREAK": lambda c: len((c + "a").splitlines()) == 2,
    "XID_START": str.isidentifier,
    "XID_CONTINUE": lambda c: ("a" + c).isidentifier(),
    "MIRRORED": lambda c: unicodedata.mirrored(c) == 1,
}

CLASSES = {
    "CATEGORY": unicodedata.category,
    "BIDIRECTIONAL": unicodedata.bidirectional,
    "EAST_ASIAN_WIDTH": unicodedata.east_asian_width,
}


def rows(items, per=8):
    items = list(items)
    for at in range(0, len(items), per):
        yield "    " + ", ".join(items[at:at + per]) + ","


def bools(name, of):
    """The code points at which the property changes; it begins as false."""
    last, out = False, []
    for point in ALL:
        now = bool(of(chr(point)))
        if now != last:
            out.append(point)
            last = now
    yield f"pub(crate) static {name}: &[u32] = &["
    yield from rows(map(hex, out), 12)
    yield "];"


def classes(name, of):
    """The first code point of each run of a class, and the class's index among the names."""
    names = sorted({of(chr(point)) for point in ALL})
    last, out = None, []
    for point in ALL:
        now = of(chr(point))
        if now != last:
            out.append((point, names.index(now)))
            last = now
    yield f"pub(crate) static {name}_NAMES: &[&str] = &["
    yield from rows((f'"{each}"' for each in names), 12)
    yield "];"
    yield f"pub(crate) static {name}: &[(u32, u8)] = &["
    yield from rows((f"({hex(point)}, {index})" for point, index in out))
    yield "];"


def mappings(name, of):
    """Runs of code points that a mapping moves by the same distance, every one or every second
    one; and the code points that it maps to several."""
    single, several = [], []
    for point in ALL:
        if 0xD800 <= point < 0xE000:
            continue
        to = of(chr(point))
        if len(to) != 1:
            several.append((point, to))
        elif ord(to) != point:
            single.append((point, ord(to) - point))
    runs = []
    for point, delta in single:
        if runs:
            first, last, step, distance = runs[-1]
            gap = point - last
            if distance == delta and (gap == step or (first == last and gap in (1, 2))):
                runs[-1] = (first, point, gap, delta)
                continue
        runs.append((point, point, 1, delta))
    yield "/// First and last code point, step, and distance."
    yield f"pub(crate) static {name}: &[(u32, u32, u8, i32)] = &["
    yield from rows((f"({hex(a)}, {hex(b)}, {s}, {d})" for a, b, s, d in runs), 5)
    yield "];"
    yield f"pub(crate) static {name}_SEVERAL: &[(u32, &[u32])] = &["
    yield from rows((f"({hex(p)}, &[{', '.join(hex(ord(c)) for c in to)}])" for p, to in several), 3)
    yield "];"


def numbers():
    """Runs of decimal digits by their zero; digits and numbers that are no decimals."""
    decimals, digits, numeric = [], [], []
    for point in ALL:
        c = chr(point)
        decimal, digit, value = (get(c, None) for get in (unicodedata.decimal, unicodedata.digit, unicodedata.numeric))
        if decimal == 0:
            assert [unicodedata.decimal(chr(point + i)) for i in range(10)] == list(range(10))
            decimals.append(point)
        if digit is not None and decimal is None:
            digits.append((point, digit))
        if value is not None and decimal is None:
            numeric.append((point, value))
    count = sum(unicodedata.decimal(chr(point), None) is not None for point in ALL)
    assert count == 10 * len(decimals)
    yield "pub(crate) static DECIMAL_ZEROS: &[u32] = &["
    yield from rows(map(hex, decimals), 12)
    yield "];"
    yield "pub(crate) static DIGITS: &[(u32, u8)] = &["
    yield from rows(f"({hex(p)}, {d})" for p, d in digits)
    yield "];"
    yield "pub(crate) static NUMERIC: &[(u32, f64)] = &["
    yield from rows((f"({hex(p)}, {v!r})" for p, v in numeric), 6)
    yield "];"


def digests():
    """A digest of each method over all code points, so that the tables can be checked whole."""
    methods = "isalpha isdecimal isdigit isnumeric isalnum islower isupper istitle isspace isprintable isidentifier"
    for name in methods.split():
        bits = bytes(getattr(chr(point), name)() for point in ALL)
        yield f"{name} {hashlib.sha256(bits).hexdigest()}"
    for name in "upper lower title casefold swapcase capitalize".split():
        text = "\n".join(getattr(chr(point), name)() for point in ALL)
        yield f"{name} {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
    for name in "category bidirectional east_asian_width combining mirrored".split():
        text = "\n".join(str(getattr(unicodedata, name)(chr(point))) for point in ALL)
        yield f"{name} {hashlib.sha256(text.encode()).hexdigest()}"
    for form in "NFC NFD NFKC NFKD".split():
        text = "\n".join(unicodedata.normalize(form, chr(point)) for point in ALL)
        yield f"{form} {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
    for name in "decimal digit name".split():
        text = "\n".join(str(getattr(unicodedata, name)(chr(point), None)) for point in ALL)
        yield f"{name} {hashlib.sha256(text.encode()).hexdigest()}"


def main():
    out = ["//! Tables of Unicode 13.0, as CPython 3.9 has them.", "//!",
           "//! Written by `vm/py/unicode/tables.py`; not by hand.", ""]
    for name, of in BOOLS.items():
        out += bools(name, of)
    for name, of in CLASSES.items():
        out += classes(name, of)
    for name in ("UPPER", "LOWER", "TITLE", "CASEFOLD"):
        out += mappings(name, getattr(str, name.lower()))
    out += numbers()
    with open(os.path.join(HERE, "src/tables.rs"), "w") as file:
        file.write("\n".join(out) + "\n")
    with open(os.path.join(HERE, "tests/data/digests.txt"), "w") as file:
        file.write("\n".join(digests()) + "\n")


main()
