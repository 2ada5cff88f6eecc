from __future__ import annotations
def f(a: int, *b: x[1, 2:3], c: 'd' = 1, **e: -1 + f(2)) -> lambda x, *y, z=1, **w: (x, y): pass
g: {1: 2, **a} = 1
h: [x for x in y if z] and not (a or b)
i: f"{a!r:>{b}}c{{" or u"d"
j: a if b else c
k: (yield)
l: a.b(*c, d=1, **e)[1:2, ::3]
m: 1 .real + 2.0 ** -3 ** x
n: {a, *b} | {c: d for c in d} < (x := 1)
o: (1 + 2) * 3 - (4 - 5)
