"""Records what CPython 3.9's marshal.loads makes of bytes: `python3.9 marshal.py > marshal.txt`.

A line has the bytes in hexadecimal, a tab, and what came of it: the repr of the value, or `!` and
the exception's type, or `! crash`. `a*3` is `a` three times.
"""
import marshal
import os
import struct
import sys
import types

sys.setrecursionlimit(10000)


def long(number):
    return struct.pack("<i", number)


def text(content):
    return b"z" + bytes([len(content)]) + content


def tuple_of(*items):
    return b")" + bytes([len(items)]) + b"".join(items)


def code(**fields):
    values = dict(
        argcount=0, posonly=0, kwonly=0, nlocals=0, stacksize=1, flags=64,
        code=b"s" + long(4) + b"d\0S\0", consts=tuple_of(b"N"), names=tuple_of(),
        varnames=tuple_of(), freevars=tuple_of(), cellvars=tuple_of(), filename=text(b"f"),
        name=text(b"n"), line=1, lnotab=b"s" + long(0), flag=0,
    )
    values.update(fields)
    out = bytes([ord("c") | values.pop("flag")])
    for value in values.values():
        out += long(value) if isinstance(value, int) else value
    return out


def float_text(content):
    return b"f" + bytes([len(content)]) + content


FLOATS = [
    b"1.5", b"1.5\0junk", b"1.", b".5", b"", b".", b"1e", b"-nan", b"nan", b"+Inf", b"INFINITY",
    b"infi", b" 1", b"1 ", b"1_0", b"1e999", b"0e99999999999999999999999", b"0x1p3", b"\xff",
    b"1e-400", b"1e99999999999999999999", b"-0", b"2.2250738585072011e-308", b"+1", b"--1",
]

CASES = [
    b"N", b"T", b"F", b".", b"S", b"\xce", b"\xae", b"?", b"\0", b"", b"0", b"\xb0", b"Nxyz",
    b"i" + long(-1), b"i" + long(-2**31), b"i\0\0\0", b"I" + b"\xff" * 8, b"I" + b"\0" * 7,
    b"I" + struct.pack("<q", 2**63 - 1),
    b"l" + long(0), b"l" + long(1) + b"\0\0", b"l" + long(2) + b"\0\0\1\0", b"l" + long(1) + b"\0\x80",
    b"l" + long(-1) + b"\1\0", b"l" + long(-2**31), b"l" + long(2**31 - 1), b"l" + long(-5) + b"\xff\x7f" * 5,
    b"l" + long(4) + b"\xff\x7f" * 4, b"l" + long(5) + b"\0\0" * 4 + b"\x08\0",
    b"l" + long(-5) + b"\0\0" * 4 + b"\x08\0", b"l" + long(9) + b"\1\0" * 9, b"l" + long(3) + b"\1\0" * 2,
    *map(float_text, FLOATS), b"f", b"f\5abc", b"g" + struct.pack("<d", 0.1), b"g\0\0",
    b"y" + struct.pack("<dd", 1.5, -0.0), b"x" + b"\x011\x03nan", b"x\x011", b"y" + b"\0" * 15,
    b"s" + long(3) + b"a\0\xff", b"s" + long(-1), b"s" + long(2**31 - 1) + b"a", b"s" + long(4) + b"abc",
    b"z\x02\xe9\xff", b"Z\x01\xe9", b"z\3ab", b"z", b"a" + long(2) + b"ab", b"A" + long(2) + b"ab", b"a" + long(-1),
    b"u" + long(3) + b"\xed\xa0\x80", b"t" + long(6) + b"\xed\xa0\x80\xed\xb0\x80", b"u" + long(3) + b"\xed\0\x80",
    b"u" + long(2) + b"\xc0\x80", b"u" + long(0), b"u" + long(1) + b"\xff", b"u" + long(4) + b"\xf0\x9f\x90\x8d",
    b"u" + long(4) + b"\xf4\x90\x80\x80", b"u" + long(-1), b"u" + long(3) + b"ab",
    b")", b")\0", b"(", b"(" + long(0), b"(" + long(1) + b"N", b"(" + long(-1), b"(" + long(2**31 - 1), b")\1", b")\0010",
    b"[" + long(1) + b"N", b"[" + long(1) + b"0", b"[" + long(2**31 - 1) + b"N", b"[" + long(-1),
    b"{0", b"{\xb0", b"{NT0", b"{N0", b"{", b"{N", b"{NT", b"{[" + long(0) + b"N0", b"{N[" + long(0) + b"0",
    b"<" + long(1) + b"N", b"<" + long(0), b">" + long(0), b">" + long(1) + b"N", b">" + long(1) + b"[" + long(0),
    b"<" + long(1) + b"<" + long(0), b"<" + long(1) + b">" + long(0), b">" + long(-1), b">" + long(1) + b"0",
    b">" + long(1) + tuple_of(tuple_of(b"{0")), b"<" + long(2) + b"TT",
    b"r" + long(0), b"\xfa\1ar" + long(0), b")\2\xfa\1ar" + long(0), b")\2\xfa\1ar" + long(1), b")\2\xfa\1ar" + long(-1),
    b")\2\xceNr" + long(0), b")\2\xcer" + long(0), b")\2\xe9" + long(1) + b"r" + long(0), b"r\0\0",
    b"\xa9\1r" + long(0), b"\xdb" + long(1) + b"r" + long(0), b"\xfbNr" + long(0) + b"0", b"\xbe" + long(1) + b"r" + long(0),
    b"\xfb" + b"r" + long(0) + b"N0", b"\xbc" + long(1) + b"r" + long(0),
    b")\2\xbe" + long(1) + b"Tr" + long(0), b")\2\xbe" + long(0) + b"r" + long(0),
    b"\xa9\1>" + long(1) + b"r" + long(0), tuple_of(b"\xa9\1r" + long(0), b">" + long(1) + b"r" + long(0)),
    code(), code(nlocals=3), code(flags=-1), code(stacksize=-1), code(nlocals=-1), code(argcount=-1),
    code(posonly=1), code(posonly=-1), code(kwonly=-1), code(argcount=1, nlocals=1), code(line=-5),
    code(argcount=1, varnames=tuple_of(text(b"a"))), code(flags=4), code(kwonly=1), code(flags=12, varnames=tuple_of(text(b"a"))),
    code(argcount=2**31 - 1, kwonly=2**31 - 1),
    *(code(**{field: b"N"}) for field in "code consts names varnames freevars cellvars filename name lnotab".split()),
    *(code(**{field: b"0"}) for field in "code consts names varnames freevars cellvars filename name lnotab".split()),
    *(code(**{field: tuple_of(b"N")}) for field in "names varnames freevars cellvars".split()),
    code(consts=b"[" + long(0)), code(filename=b"s" + long(0)), code(code=b"s" + long(3) + b"d\0S"),
    code(code=b"s" + long(0)), code(names=tuple_of(b"u" + long(3) + b"\xed\xa0\x80")), code(consts=tuple_of(b".", b"S", b"{0")),
    code(consts=b"\xa9\1r" + long(0)), code(consts=tuple_of(b"\xa9\1r" + long(0))),
    code(consts=tuple_of(b"[" + long(1) + b"\xa9\1r" + long(0))), code(consts=tuple_of(b">" + long(1) + b"[" + long(0))),
    code(flag=128, consts=tuple_of(b"r" + long(0))), b"\xa9\1" + code(consts=tuple_of(b"r" + long(0))),
    b"\xa9\1" + code(names=b"r" + long(0)), code(consts=tuple_of(code())), b">" + long(1) + code(),
    b">" + long(1) + code(consts=tuple_of(b"[" + long(0))), b"c" + long(0) * 3, code()[:-1], code()[:-6],
]

REPEATED = [(b")\1", 1999, b"N"), (b")\1", 2000, b"N"), (b")\1", 1999, b")\1"), (b"[" + long(1), 2000, b"N"),
            (b"[" + long(1), 1999, b"T"), (b"{N", 2000, b"N"), (b">" + long(1), 2000, b"N"), (b"(" + long(2**31 - 1), 3000, b"")]


def outcome(data, shown):
    """In a child process, since marshal.loads may not survive it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            value = marshal.loads(data)
            if isinstance(value, types.CodeType):
                told = "code " + value.co_name
            else:
                told = repr(value) if shown else "deep"
                told = "with code" if "<code object" in told else told
        except BaseException as error:
            told = "! " + type(error).__name__
        os.write(write, told.encode("utf-8", "surrogatepass"))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read().decode("utf-8", "surrogatepass")
    _, status = os.waitpid(child, 0)
    return told if status == 0 else "! crash"


for case in CASES:
    print(case.hex(), outcome(case, True).encode("unicode_escape").decode(), sep="\t")
for start, times, end in REPEATED:
    told = outcome(start * times + end, False)
    print(f"{start.hex()}*{times}+{end.hex()}", told, sep="\t")
