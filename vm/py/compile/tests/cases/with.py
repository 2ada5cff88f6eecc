with a: b
with a as b, c as (d, e): f
with (a, b): c
with (a as b, c as d,): e
with (a): b
async def f():
    async with a as b, c: return d
