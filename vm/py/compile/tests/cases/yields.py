def f():
    x = yield
    y = yield x, 1
    z = yield from y
    return z
def g():
    return (yield)
async def h():
    yield 1
    await x
