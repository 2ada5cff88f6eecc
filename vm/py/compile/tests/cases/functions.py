def f(): pass
def g(a, b=1, *args, c, d=2, **kwargs): return a
def h(a, /, b, *, c): yield a
async def i(a: int, *b: str, c: 1 = 2, **d: 3) -> 4: await a
@x.y
@z(1)
def j(a=1, b="s"):
    """doc"""
    return
k = lambda: 0
l = lambda a, *b, c=1, **d: (yield)
m = lambda a=(1, 2): a, lambda a=(1, 2): a
