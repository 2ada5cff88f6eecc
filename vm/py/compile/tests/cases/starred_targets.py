for a, *b in c: pass
with a as (b, *c): pass
[*a, b], c = d
