if a and b or c: d
if not (a or b) and c: d
elif a if b else c: e
else: f
if a < b <= c: d
if not a < b < c: d
x = a and b or c
x = a if b else c
x = a < b < c
x = not a in b
x = not a is b
if 1: a
else: b
if 0: a
else: b
if "": a
assert a, b
assert not a
x = a or b and c or (d and e)
while a or b: c
