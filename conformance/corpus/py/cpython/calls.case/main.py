def f(a, /, b=2, *rest, k, d="d", **more):
    return a, b, rest, k, d, more


print(f(1, k=3))
print(f(*(1, 2, 3), k=4, **{"z": 5}))
print(f(1, *[2], *(3, 4), **{"k": 5}, **{"y": 6}))
print((lambda *a, **k: (a, k))(1, x=2))
head, *middle, tail = "abcde"
print(head, middle, tail, [*middle, *tail], {**{"a": 1}, "b": 2})
