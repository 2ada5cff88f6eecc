def inner():
    got = yield 1
    print("got", got)
    return "done"


def outer():
    result = yield from inner()
    yield result


g = outer()
print(next(g))
print(g.send("x"))
print([n * n for n in range(10) if n % 2], {k: v for k, v in zip("ab", (1, 2))}, sorted({c for c in "hello"}))
