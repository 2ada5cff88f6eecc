"""Records how the real Python 3.9 writes and reads literals.

    PYTHONHASHSEED=0 python3.9 vm/py/text/tests/data/literals.py > vm/py/text/tests/data/literals.txt

Each line is a kind, an input and what Python makes of it, with tabs between:
`float` (bits, its repr), `str` (code points, its repr), `literal` (a text, the repr of what it
means, or `refused`), `order` (a tuple, the repr of a frozenset of its items in that order).
"""
import os
import struct
import sys
import warnings

assert sys.version_info[:2] == (3, 9) and os.environ.get("PYTHONHASHSEED") == "0"
warnings.simplefilter("ignore")


def tell(*words):
    line = "\t".join(words)
    assert line.count("\t") == 2 and "\n" not in line
    sys.stdout.buffer.write(line.encode() + b"\n")


FLOATS = """
    0.0 -0.0 1.0 0.1 0.3 1e15 9999999999999998.0 1e16 1e17 1e21 1e22 1e23 123456789012345680.0
    0.001 0.0001 0.00012345 0.00001 1e-7 1.5e-10 5e-324 2.2250738585072014e-308
    1.7976931348623157e308 1e100 -1e-100 1855514808195110.25 2251799813685248.25 4503599627370497.5
    9007199254740993.0 5e15 inf -inf nan -nan
""".split()
for value in [float(text) for text in FLOATS] + [2.0**n for n in range(-1074, 1024, 61)] + [2.0**-44]:
    tell("float", struct.pack(">d", value).hex(), repr(value))

STRINGS = ["", "'", '"', "'\"", "\\", "\t\n\r", "\0\x1f\x7f", "\x80\xa0\xad\xff", "aé漢😀", "\u0378\u200b",
           "\u2028\ud800\udcff\udfff", "\ue000\uffff\U0001f9ff\U0001fae0\U000e0001\U0010ffff"]
for text in STRINGS:
    tell("str", " ".join(f"{ord(c):x}" for c in text), repr(text))

LITERALS = r"""
None
True
 ( False )
...
Ellipsis
0
00
-0
+5
1_000
9223372036854775807
9223372036854775808
-9223372036854775808
-9223372036854775809
0xFF
0X_f_f
0o17
0b1_01
123456789012345678901234567890123456789012345678901234567890
01
0_1
00_0
1_
1__0
_1
0x
0o8
0b2
0x_
1a
--1
1.5
1.
.5
-.5e-3
1_0.0_1e1_0
1e5
1E+5
1e999
-1e999
1e-400
01.5
1._5
1e
1e+
1.5.5
1e_5
1j
-1j
1.5J
0j
-0j
01j
1+2j
1-2j
-1+2j
-1-0j
-0.0+2j
1e3-1e999j
10000000000000000000000+1j
1j+1j
1+2
True+1j
'a'+1j
(1)+2j
-(1+2j)
complex(-0.0, 1.0)
complex(0.0, -0.0)
complex(1, float('nan'))
complex(float('-inf'), -0.0)
float('inf')
float(' -Infinity ')
float('1e3')
float('x')
float.fromhex('-0x1.8p-3')
float.fromhex('0x1.00000000000008p0')
float.fromhex('0x1p-1075')
float.fromhex('0x1p1024')
float.fromhex('x')
'a'
"a'b"
'''a'b"c'''
"a" 'b' r"\c"
u'a'
U"a"
R'\n'
r'\''
r'\\'
'\\ \' \" \a\b\f\n\r\t\v'
'\0\01\012\777\8'
'\x41\x00\xff'
'\u00e9\ud83d\ude00\U0001f600'
'\q\é'
'é漢😀'
'\x4'
'\xg0'
'\u123'
'\U00110000'
'\U0000004'
'a
'a\'
''
''''''
''''
'a" b
b''
b'a\x00\xff\101\400\777'
B"'"
b"'\""
Rb'\n'
bR"\x41"
b'\u0041\N{x}'
b'é'
b'\xg'
b'a' b'b'
'a' b'b'
ub'a'
rr'a'
()
(1)
(1,)
(1, 2)
1, 2
1,
(,)
(1,,2)
(1 2)
((1, (2,)), ())
(1
1)
[1, [2], ]
[]
{}
{1: 2, 'a': (3,)}
{1, 2}
{1: 2, 3}
{1, 2: 3}
{1: }
{:}
{,}
set()
frozenset()
frozenset({3})
frozenset((1, 2))
frozenset({frozenset({1}), 1})
frozenset(1)
frozenset({}, {})
complex(1)
complex()
Non
true
1;
1 # no comment
1 if 1 else 2
"""
NAMES = {"__builtins__": {}, "float": float, "complex": complex, "set": set, "frozenset": frozenset,
         "Ellipsis": Ellipsis}
# What means something to Python and is no literal, or has no meaning that is looked for here.
NOT_OURS = ["1j+1j", "1+2", "True+1j", "complex(1)", "complex()", "--1", "1 # no comment",
            "1 if 1 else 2"]
for text in LITERALS.strip("\n").split("\n"):
    try:
        found = "refused" if text in NOT_OURS else repr(eval(text, NAMES))
    except (SyntaxError, ValueError, TypeError, OverflowError, NameError):
        found = "refused"
    tell("literal", text, found)

ORDERS = [
    (3, 1, 2), (8, 0, 16, 24, 1), tuple(range(20, 0, -1)), (1, 1.0, True, 2), (-1, -2, 2**61 - 1, 0),
    (2**61, 2**100, -2**100, 2**64), (0.5, 1e300, -1e-300, float("inf"), 2.5), (1j, 1 + 2j, 2 - 1j),
    ("a", "b", "c"), ("", "é", "漢字", "😀", "\ud800"), (b"a", b"b", b"", b"12345678", b"123456789"),
    ((), (1,), (1, 2), ("a", (2.5, b"x"))), (frozenset(), frozenset({1, 2}), frozenset({2, "a"}), 7),
    tuple("alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu".split()),
    tuple(range(0, 3000, 50)),
]
for items in ORDERS:
    tell("order", repr(items).replace("inf", "1e999"), repr(frozenset(items)))
