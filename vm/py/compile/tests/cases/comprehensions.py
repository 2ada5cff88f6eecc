a = [x for x in y]
b = {x for x in y if x if not z}
c = {k: v for k, v in y for w in [v]}
d = (x for x in y for z in x if z)
e = [[i for i in j] for j in k]
f = [x for x in [1, 2, 3]]
async def g():
    return [x async for x in y if await z], {i: j async for i, j in y}
def h(a):
    return [a for b in c if (d := b)]
