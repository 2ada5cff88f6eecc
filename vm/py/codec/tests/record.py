"""Writes what CPython 3.9's codecs and its module struct make of random input, a line each:

    python3.9 vm/py/codec/tests/record.py [SEED COUNT] > vm/py/codec/tests/data/recorded.txt

A line has the operation, the input in hexadecimal digits and the result, separated by tabs. Text is
UTF-8 with surrogates.
"""

import codecs
import random
import struct
import sys
import warnings

warnings.simplefilter("ignore")
seed, count = (int(word) for word in (sys.argv[1:] or ["1", "1500"]))
dice = random.Random(seed)

CODECS = ["utf_8", "utf_16_le", "utf_16_be", "utf_32_le", "utf_32_be", "ascii", "latin_1", "unicode_escape",
          "raw_unicode_escape"]
PIECES = {
    "utf_8": [b"a", b"\xc3\xa9", b"\xe6\xbc\xa2", b"\xf0\x9f\x98\x80", b"\x80", b"\xc0", b"\xe0\x80", b"\xed\xa0", b"\xed\x9f\xbf",
              b"\xf4\x90", b"\xf4\x8f\xbf\xbf", b"\xf5", b"\xe6", b"\xf0\x9f"],
    "utf_16_le": [b"a\0", b"\0\xd8", b"\0\xdc", b"\xff\xff", b"\1"],
    "utf_16_be": [b"\0a", b"\xd8\0", b"\xdc\0", b"\xff\xff", b"\1"],
    "utf_32_le": [b"a\0\0\0", b"\0\xd8\0\0", b"\0\0\x11\0", b"\xff\xff\x10\0", b"\1"],
    "utf_32_be": [b"\0\0\0a", b"\0\0\xd8\0", b"\0\x11\0\0", b"\0\x10\xff\xff", b"\1"],
    "ascii": [b"a", b"bc", b"\x80", b"\xff"],
    "latin_1": [b"a", b"\xe9"],
}
ESCAPES = [b"a", b"\\", b"\\n", b"\\x41", b"\\x4", b"\\u00e9", b"\\u12", b"\\U0001f600", b"\\U00110000", b"\\N{BULLET}", b"\\N{",
           b"\\N{}", b"\\N{no}", b"\\101", b"\\777", b"\\8", b"\\\n", b"\\\\", b"\xe9", b"}", b"{", b"\\'", b"\\q"]


def text_hex(text):
    return text.encode("utf-8", "surrogatepass").hex()


def a_decoding():
    name = dice.choice(CODECS)
    pieces = PIECES.get(name, ESCAPES)
    raw = b"".join(dice.choice(pieces) for _ in range(dice.randrange(6)))
    decode = getattr(codecs, name + "_decode")
    complete = dice.random() < 0.7 or name in ("ascii", "latin_1", "unicode_escape", "raw_unicode_escape")
    extra = (complete,) if name.startswith("utf") else ()
    try:
        text, used = decode(raw, "strict", *extra)
        result = f"{text_hex(text)} {used}"
    except UnicodeDecodeError as error:
        result = f"{error.encoding} {error.start} {error.end} {error.reason}"
    return f"decode {name} {int(complete)}", raw.hex(), result


def an_encoding():
    name = dice.choice(CODECS)
    text = "".join(dice.choice("ab\n\t\\'\x00\x7f\xa0é\u0100漢\U0001f600\ud800\udfff") for _ in range(dice.randrange(7)))
    try:
        result = getattr(codecs, name + "_encode")(text)[0].hex()
    except UnicodeEncodeError as error:
        result = f"{error.encoding} {error.start} {error.end} {error.reason}"
    return f"encode {name}", text_hex(text), result


def a_format():
    order = dice.choice(["", "@", "=", "<", ">", "!"])
    codes = "".join(dice.choice(["", "", "2", "3", "0", " "]) + dice.choice("xcbB?hHiIlLqQnNefdspPy") for _ in range(dice.randrange(5)))
    form = order + codes
    try:
        layout = struct.calcsize(form)
    except struct.error as error:
        return f"format {form}", "", str(error)
    raw = bytes(dice.getrandbits(8) for _ in range(layout))
    shown = []
    try:
        values = struct.unpack(form, raw)
    except SystemError:  # 0p, of which CPython makes nothing
        return a_format()
    for value in values:
        if isinstance(value, float):
            shown.append("nan" if value != value else struct.pack(">d", value).hex())
        else:
            shown.append(value.hex() if isinstance(value, bytes) else repr(value))
    return f"format {form}", raw.hex(), " ".join([str(layout)] + shown)


def a_packing():
    form = dice.choice("@<>") + dice.choice("bBhHiIlLqQefd")
    if form[1] in "efd":
        value = dice.choice([0.0, -0.0, 1.5, 65504.0, 65519.9, 65520.0, 1e39, 3.4e38, 5.96e-8, 2.98e-8, 1e-7, float("inf"),
                             dice.uniform(-70000, 70000), dice.uniform(-1e-4, 1e-4), 2.0**-24 * 1.5])
        shown = struct.pack(">d", value).hex()
    else:
        value = dice.choice([0, -1, 127, 128, -128, -129, 255, 256, 2**15, 2**16, 2**31 - 1, -2**31, 2**32, 2**63, -2**63 - 1, 2**64])
        shown = str(value)
    try:
        result = struct.pack(form, value).hex()
    except (struct.error, OverflowError) as error:
        result = str(error)
    return f"pack {form}", shown, result


for _ in range(count):
    print(*dice.choice([a_decoding, a_decoding, an_encoding, a_format, a_packing])(), sep="\t")
