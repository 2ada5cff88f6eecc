"""Writes compiled expressions and what CPython 3.9 finds with them, a line each:

    python3.9 vm/py/sre/tests/record.py [SEED COUNT] > vm/py/sre/tests/data/recorded.txt

A line has the expression, its code, its number of groups, the text, the operation, the range and the
result, separated by tabs.
"""

import random
import re
import sre_compile
import sre_parse
import sys
import warnings

warnings.simplefilter("ignore")
seed, count = (int(word) for word in (sys.argv[1:] or ["1", "1200"]))
dice = random.Random(seed)
LETTERS = "aabbcA é\n_0ſK1\u0130ßΣσ"


def atom(depth, groups):
    pick = dice.random()
    if depth > 0 and pick < 0.3:
        kind = dice.choice(["(", "(", "(?:", "(?=", "(?!", "(?P<g%d>" % groups[0], "(?i:", "(?s-i:", "(?m:"])
        if kind == "(" or kind.startswith("(?P"):
            groups[0] += 1
        return kind + expression(depth - 1, groups) + ")"
    if pick < 0.36:
        return dice.choice(["(?<=a)", "(?<!b)", "(?<=ab)", "(?<!\\w)"])
    if pick < 0.42 and groups[0] > 1:
        return "\\%d" % dice.randrange(1, groups[0])
    if pick < 0.46 and groups[0] > 1:
        return "(?(%d)a|b)" % dice.randrange(1, groups[0])
    if pick < 0.56:
        return dice.choice(["^", "$", "\\b", "\\B", "\\A", "\\Z"])
    if pick < 0.66:
        return dice.choice(["\\w", "\\W", "\\d", "\\D", "\\s", "\\S", "."])
    if pick < 0.8:
        inside = "".join(dice.choice(["a", "b", "a-c", "\\w", "\\d", "é", "A-Z", "\u0100-\u0180", "\\s", "^", "_", "ſ", "K"])
                         for _ in range(dice.randrange(1, 4)))
        return "[" + dice.choice(["", "", "^"]) + inside.lstrip("^") + "a]"
    return re.escape(dice.choice(LETTERS))


def expression(depth, groups):
    branches = []
    for _ in range(dice.choice([1, 1, 1, 2, 3])):
        parts = []
        for _ in range(dice.randrange(0, 4)):
            one = atom(depth, groups)
            if dice.random() < 0.45 and one not in ("^", "$", "\\b", "\\B", "\\A", "\\Z"):
                one += dice.choice(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}?", "{2,}"])
            parts.append(one)
        branches.append("".join(parts))
    return "|".join(branches)


def spans(match):
    if match is None:
        return "-"
    groups = [match.span(i) for i in range(match.re.groups + 1)]
    return " ".join(f"{a},{b}" for a, b in groups) + f" {match.lastindex or 0}"


made = 0
while made < count:
    source = expression(dice.randrange(4), [1])
    flags = dice.choice([0, 0, 0, re.I, re.M, re.S, re.A, re.I | re.A, re.I | re.M])
    try:
        parsed = sre_parse.parse(source, flags)
        code = [int(word) for word in sre_compile._code(parsed, flags)]
        compiled = re.compile(source, flags)
    except (re.error, OverflowError):
        continue
    made += 1
    text = "".join(dice.choice(LETTERS) for _ in range(dice.randrange(0, 9)))
    operation = dice.choice(["match", "search", "search", "fullmatch", "finditer", "finditer"])
    start, end = 0, len(text)
    if dice.random() < 0.2:
        start, end = dice.randrange(0, 4), dice.randrange(0, 10)
    if operation == "finditer":
        result = ";".join(map(spans, compiled.finditer(text, start, end)))
    else:
        result = spans(getattr(compiled, operation)(text, start, end))
    fields = [ascii(source), " ".join(map(str, code)), compiled.groups,
              " ".join(str(ord(c)) for c in text), operation, f"{start} {end}", result]
    print(*fields, sep="\t")
