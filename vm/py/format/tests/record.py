"""Writes formats and what CPython 3.9 makes of them, a line each:

    python3.9 vm/py/format/tests/record.py [SEED COUNT] > vm/py/format/tests/data/recorded.txt

A line has the operation, the value, the format and the result, separated by tabs, as literals.
"""

import random
import struct
import sys

seed, count = (int(word) for word in (sys.argv[1:] or ["1", "3000"]))
dice = random.Random(seed)

ints = [0, 1, -1, 7, -42, 255, 65, 1234567, -1234567, 10**15, -10**18, 2**63, -2**70, 10**30, 0x10ffff, 0x110000]
floats = [0.0, -0.0, 1.0, -1.5, 0.1, 123.456, 1e16, 9999999999999998.0, 1e-5, 0.0001, 1e22, 1e23, 5e-324,
          1.7976931348623157e308, 2.5, 0.5, 1234567.891, float("inf"), float("-inf"), float("nan"), 2251799813685248.25]
texts = ["", "a", "abc", "héllo", "漢字x", "\U0001f600", "\ud800", "a" * 20]


def a_float():
    pick = dice.random()
    if pick < 0.4:
        return dice.choice(floats)
    if pick < 0.7:
        return struct.unpack("<d", struct.pack("<Q", dice.getrandbits(64)))[0]
    return round(dice.uniform(-1e6, 1e6), dice.randrange(8))


def an_int():
    return dice.choice(ints) if dice.random() < 0.6 else dice.randrange(-10**dice.randrange(1, 30), 10**dice.randrange(1, 30))


def maybe(share, words):
    return dice.choice(words) if dice.random() < share else ""


def a_spec(codes):
    if dice.random() < 0.04:
        return "".join(dice.choice("<>=^+- #0159,_.dxegs%{}é٣") for _ in range(dice.randrange(6)))
    spec = maybe(0.35, ["<", ">", "^", "=", "*<", "x>", "0=", "é^", " =", "{<", "\ud800>"])
    spec += maybe(0.3, ["+", "-", " "]) + maybe(0.2, ["#"]) + maybe(0.25, ["0"])
    spec += maybe(0.45, ["1", "5", "10", "17", "30", "٣"]) + maybe(0.3, [",", "_", ",", "_", ",_", "_,"])
    spec += maybe(0.4, [".0", ".1", ".2", ".3", ".6", ".17", ".30", ".", ".99999999999"])
    return spec + maybe(0.8, codes)


def a_directive(codes):
    text = dice.choice(["", "", "é", "%%"]) + "%"
    text += maybe(0.3, ["-", "+", " ", "#", "0", "-0", "#0", "+ ", "#+0"]) + maybe(0.4, ["1", "5", "12", "30"])
    text += maybe(0.4, [".0", ".1", ".3", ".10", ".", ".17"]) + maybe(0.1, ["h", "l", "L"])
    return text + maybe(0.98, codes) + dice.choice(["", "", "x"])


def literal(value):
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    return ascii(value) if isinstance(value, str) else repr(value)


def outcome(make):
    try:
        return ascii(make())
    except (ValueError, OverflowError) as error:
        return f"{type(error).__name__}: {error}"
    except TypeError:
        return None


for _ in range(count):
    kind = dice.choice(["int", "int", "float", "float", "str", "complex", "%int", "%float", "%str"])
    if kind == "complex":
        real, imaginary = a_float(), a_float()
        value, shown = complex(real, imaginary), literal(real) + " " + literal(imaginary)
    else:
        value = {"int": an_int, "float": a_float, "str": lambda: dice.choice(texts)}[kind.lstrip("%")]()
        shown = literal(value)
    codes = {"int": list("bcdoxXn") + ["", "d", "x", "s"], "float": list("eEfFgGn%") + ["", "d"],
             "str": ["s", "", "s", "d"], "complex": list("eEfFgGn") + ["", "%"],
             "%int": list("diuoxX"), "%float": list("eEfFgG"), "%str": list("sss")}[kind]
    if kind[0] == "%":
        text = a_directive(codes)
        result = outcome(lambda: text % (value,))
    else:
        text = a_spec(codes)
        if kind == "int" and text[-1:] in list("eEfFgG%"):
            continue
        if text == "":
            continue
        result = outcome(lambda: format(value, text))
    if result is None or not result.isascii():
        continue
    print(kind, shown, ascii(text), result, sep="\t")
