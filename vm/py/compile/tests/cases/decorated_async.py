@a
async def f():
    async with b: pass
    async for c in d: pass
    return [e async for e in f]
