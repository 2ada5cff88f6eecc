"""A small, slow and complete `.mmm` machine in plain Python 3.

Written from `conformance/spec/mmm.md` alone, as a second opinion on it: it shares nothing with the
machine and the reference evaluator of this project. Numbers in brackets are the clauses.
"""

import math
import re
from decimal import Decimal

OPERANDS = {"constexpr", "bool", "string", "int", "float", "char", "byte", "bin_op", "printn", "call"}
BARE = {"stack_dump", "pop", "nop", "void", "breakpoint", "ret", "stack_size"}
QUOTED = re.compile(r"""(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')[^ \t]*""", re.S)
ESCAPE = r"""\\(?:[nrt0\\"']|u\{[0-9a-fA-F]{1,6}\})"""
ESCAPED = re.compile(ESCAPE)
NAMED = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
STR = re.compile(rf'"(?:[^"\\]|{ESCAPE})*"')
CHAR = re.compile(rf"'(?:[^'\\]|{ESCAPE})'")
INT = re.compile(r"[-+]?[0-9]+")
FLOAT = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
LIMITS = {"fuel": 2_000_000, "call_depth": 100_000, "output_bytes": 1 << 22, "heap_bytes": 1 << 26}


class Refused(Exception):
    """A load error, with the line it stands on."""


class Stop(Exception):
    """A fault, or a limit if it is one of the codes below."""


LIMIT_CODES = {"out-of-fuel", "call-depth", "output-limit", "memory-limit"}


# Loading


def words(line):
    """The words of a line, without its comment [mmm.source]."""
    found, at = [], 0
    while True:
        while at < len(line) and line[at] in " \t":
            at += 1
        if at == len(line) or line[at] == "#":
            return found
        if found and line[at] in "\"'":
            word = QUOTED.match(line, at)
            if not word:
                raise Refused("a quote is not closed")
        else:
            word = re.compile(r"[^ \t]+").match(line, at)
        found.append(word.group())
        at = word.end()


def check_operands(mnemonic, operands):
    """[mmm.instruction]"""
    if mnemonic not in OPERANDS | BARE:
        raise Refused("unknown instruction " + mnemonic)
    if len(operands) != (mnemonic in OPERANDS):
        raise Refused(mnemonic + " has an operand too few or too many")
    operand = operands[0] if operands else ""
    if mnemonic == "bin_op" and operand not in ("+", "-", "*", "/", "%"):
        raise Refused("no operator: " + operand)
    if mnemonic == "printn" and not re.fullmatch(r"\*|[0-9]+", operand):
        raise Refused("neither * nor an index: " + operand)
    if mnemonic == "call":
        path, hash_sign, name = operand.rpartition("#")
        if operand[0] in "\"'" or not (path and hash_sign and name):
            raise Refused("not PATH#NAME: " + operand)
    return operand


def parse(source):
    """The functions of a file by name, each a list of (line, mnemonic, operand)."""
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("not UTF-8") from None
    lines = text.removeprefix("\ufeff").split("\n")
    functions, name = {}, None
    for number, line in enumerate(lines, 1):
        if number < len(lines):  # a CR counts as an ending only before an LF
            line = line.removesuffix("\r")
        try:
            first, *operands = words(line) or [None]
            if first == "function":
                if name is not None:
                    raise Refused("a function inside a function")
                if len(operands) != 1 or re.search("[#\"']", operands[0]):
                    raise Refused("not a name")
                name = operands[0]
                if name in functions:
                    raise Refused("a second function " + name)
                functions[name] = []
            elif first == "end":
                if name is None or operands:
                    raise Refused("an end of nothing, or with an operand")
                name = None
            elif first is not None:
                operand = check_operands(first, operands)
                if name is None:
                    raise Refused("an instruction outside of a function")
                functions[name].append((number, first, operand))
        except Refused as why:
            raise Refused(f"line {number}: {why}") from None
    if name is not None:
        raise Refused("no end of the function " + name)
    return functions


def resolve(path, caller):
    """The file's name, or nothing if it leads out of the root [mmm.path]."""
    parts = [] if path.startswith("/") else caller.split("/")[:-1]
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or None


def load(entry, read):
    """Every file that the entry reaches: its functions, or the code of what a call of it faults
    with. `read` gives a file's bytes by its name under the root, or None."""
    source = read(entry)
    files = {entry: parse(source)}
    if "main" not in files[entry]:
        raise Refused("there is no function main")
    todo = [entry]
    while todo:
        file = todo.pop()
        for code in files[file].values():
            for _, mnemonic, operand in code:
                name = resolve(operand.rpartition("#")[0], file) if mnemonic == "call" else None
                if name is None or name in files:
                    continue
                source = read(name)
                try:
                    files[name] = "file-access" if source is None else parse(source)
                except Refused:
                    files[name] = "bad-file"
                if isinstance(files[name], dict):
                    todo.append(name)
    return files


# Values are pairs of a type's name and a Python value.


def unescape(text):
    """[mmm.literal.escape] [mmm.literal.unicode]"""

    def one(match):
        body = match.group()[1:]
        if body[0] != "u":
            return NAMED.get(body, body)
        number = int(body[2:-1], 16)
        if number > 0x10FFFF or 0xD800 <= number < 0xE000:
            raise Stop("bad-literal")
        return chr(number)

    return ESCAPED.sub(one, text)


def literal(kind, text):
    """The value of a literal of that type, or nothing [mmm.literal]."""
    if kind == "Str" and STR.fullmatch(text) or kind == "Char" and CHAR.fullmatch(text):
        return kind, unescape(text[1:-1])
    if kind == "Byte" and re.fullmatch("0b[01]+", text) and int(text, 2) < 256:
        return kind, int(text, 2)
    if kind == "Int" and INT.fullmatch(text) and len(text.lstrip("-+").lstrip("0")) < 11:
        return (kind, int(text)) if -(2**31) <= int(text) < 2**31 else None
    if kind == "Float" and FLOAT.fullmatch(text):
        return kind, float(text)
    return (kind, text == "true") if kind == "Bool" and text in ("true", "false") else None


def constant(mnemonic, text):
    """[mmm.constexpr]"""
    kinds = [{"string": "Str"}.get(mnemonic, mnemonic.title())]
    if mnemonic == "constexpr":
        kinds = ["Str", "Byte", "Char", "Int", "Float", "Bool"]
        if INT.fullmatch(text):
            kinds.remove("Float")
    for kind in kinds:
        value = literal(kind, text)
        if value is not None:
            return value
    raise Stop("bad-literal")


def show_float(number):
    """As repr, but without an exponent and without a trailing .0 [mmm.print.float]"""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "inf" if number > 0 else "-inf"
    return format(Decimal(repr(number)).normalize(), "f")


def show(value):
    """[mmm.print]"""
    kind, value = value
    if kind == "Str":
        named = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", '"': '\\"'}
        control = lambda c: c < " " or "\x7f" <= c <= "\x9f"
        escape = lambda c: named.get(c) or (f"\\u{{{ord(c):x}}}" if control(c) else c)
        return '"' + "".join(map(escape, value)) + '"'
    if kind == "Float":
        return show_float(value)
    return {"Bool": str(value).lower(), "Byte": f"{value:#b}" if kind == "Byte" else ""}.get(kind, str(value))


def arithmetic(operator, left, right):
    """[mmm.bin_op]"""
    kinds = {left[0], right[0]}
    a, b = left[1], right[1]
    if not kinds <= {"Int", "Float", "Byte"}:
        raise Stop("type-mismatch")
    if "Float" in kinds:
        a, b = float(a), float(b)
        if operator in "+-*":
            return "Float", a + b if operator == "+" else a - b if operator == "-" else a * b
        if operator == "%":
            nothing = math.isinf(a) or b == 0 or math.isnan(a) or math.isnan(b)
            return "Float", math.nan if nothing else math.fmod(a, b)
        if b == 0:
            sign = math.copysign(1, a) * math.copysign(1, b)
            return "Float", math.nan if a == 0 or math.isnan(a) else sign * math.inf
        return "Float", a / b
    kind, low, high = ("Int", -(2**31), 2**31) if "Int" in kinds else ("Byte", 0, 256)
    if operator in "/%":
        if b == 0:
            raise Stop("divide-by-zero")
        quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        if not low <= quotient < high:
            raise Stop("overflow")
        return kind, quotient if operator == "/" else a - b * quotient
    result = a + b if operator == "+" else a - b if operator == "-" else a * b
    if not low <= result < high:
        raise Stop("overflow")
    return kind, result


# Running


class Frame:
    def __init__(self, file, name, code):
        self.file, self.name, self.code = file, name, code
        self.next, self.stack = 0, []


class Run:
    """A run of a loaded program, and what is seen of it [mmm.observe]."""

    def __init__(self, files, entry, limits, steps=0):
        self.files, self.limits, self.steps = files, {**LIMITS, **limits}, steps
        self.fuel, self.room = self.limits["fuel"], self.limits["output_bytes"]
        self.items, self.output, self.trace = 0, [], []
        self.value = self.fault = self.at = None
        self.frames = [Frame(entry, "main", files[entry]["main"])]
        try:
            while self.frames:
                self.step(self.frames[-1])
        except Stop as why:
            self.fault = str(why)
        self.ending = "returned"
        if self.fault:
            self.value, self.ending = None, "limited" if self.fault in LIMIT_CODES else "faulted"

    def step(self, frame):
        if frame.next == len(frame.code):
            self.leave(frame)
            return
        line, mnemonic, operand = frame.code[frame.next]
        self.at = f"{frame.file}#{frame.name}:{line}"
        if len(self.trace) < self.steps:
            self.trace.append({"at": self.at, "state": [show(value) for value in frame.stack]})
        if self.fuel == 0:
            raise Stop("out-of-fuel")
        self.fuel -= 1
        frame.next += 1
        action = getattr(self, mnemonic, None)
        if action:
            action(frame, operand)
        else:
            self.push(frame, constant(mnemonic, operand))

    def leave(self, frame):
        self.frames.pop()
        self.items -= len(frame.stack)
        if not self.frames:
            self.at = None

    def need_room(self):
        """Room for one item or call more [mmm.limit.memory]"""
        if 16 * (len(self.frames) + self.items + 1) > self.limits["heap_bytes"]:
            raise Stop("memory-limit")

    def push(self, frame, value):
        self.need_room()
        frame.stack.append(value)
        self.items += 1

    def pop(self, frame, _):
        if not frame.stack:
            raise Stop("stack-size")
        self.items -= 1
        return frame.stack.pop()

    def void(self, frame, _):
        self.items -= len(frame.stack)
        frame.stack.clear()

    def nop(self, frame, _):
        pass

    breakpoint = nop

    def bin_op(self, frame, operator):
        if len(frame.stack) != 2:
            raise Stop("stack-size")
        result = arithmetic(operator, *frame.stack)
        self.void(frame, None)
        self.push(frame, result)

    def ret(self, frame, _):
        if len(frame.stack) != 1:
            raise Stop("stack-size")
        value = frame.stack[0]
        self.leave(frame)
        if self.frames:
            self.push(self.frames[-1], value)
        else:
            self.value = show(value)

    def print(self, text):
        size = len(text.encode("utf-8"))
        if size > self.room:
            raise Stop("output-limit")
        self.room -= size
        self.output.append(text)

    def printn(self, frame, operand):
        if operand == "*":
            self.print(", ".join(map(show, frame.stack)) + "\n" if frame.stack else "")
            return
        index = operand.lstrip("0") or "0"
        if len(index) > 18 or int(index) >= len(frame.stack):
            raise Stop("out-of-range")
        self.print(show(frame.stack[int(index)]) + "\n")

    def stack_size(self, frame, _):
        self.push(frame, ("Int", len(self.frames)))

    def stack_dump(self, frame, _):
        calls = [f"  {call.file}#{call.name}" for call in reversed(self.frames)]
        items = [f"  {value[0]} {show(value)}" for value in frame.stack]
        self.print("\n".join([f"in {frame.name}, called by", *calls[1:], "with", *items]) + "\n")

    def call(self, frame, operand):
        path, _, name = operand.rpartition("#")
        file = resolve(path, frame.file)
        functions = self.files[file] if file else "file-access"
        if isinstance(functions, str):
            raise Stop(functions)
        if name not in functions:
            raise Stop("unknown-function")
        if len(self.frames) >= max(self.limits["call_depth"], 1):
            raise Stop("call-depth")
        self.need_room()
        self.frames.append(Frame(file, name, functions[name]))
