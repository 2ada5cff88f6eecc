a = b = c = 1
a, b = b, a
a, b, c = c, b, a
[a, (b, c)] = x
a, *b, c = x
*a, = x
a.b = a[1] = a[1:2] = a[1:2, ::3] = y
x += 1
x.y -= 2
x[y] **= 3
x @= y
a: int
b: int = 1
(c): int = 2
d.e: f
g[h]: i = j
del a, b.c, d[e], (f, g), [h]
