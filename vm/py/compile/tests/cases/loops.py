for a in b:
    if c: break
    elif d: continue
    e
else:
    f
while 1:
    break
while a < b < c:
    d
else:
    e
while 0:
    a
for x in [1, 2]: pass
for x in {1, 2}: pass
for x, y in [a, b]: pass
async def f():
    async for x in y:
        if z: break
    else:
        w
