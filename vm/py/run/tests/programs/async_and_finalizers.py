import sys
# async
class Aw:
    def __init__(s,v): s.v=v
    def __await__(s):
        r = yield s.v
        return r
async def co(x):
    r = await Aw(x)
    print("co",r)
    return r*2
async def main():
    a = await co(1)
    b = await co(2)
    async with ACM() as c: print("in",c)
    async for i in AIt(): print("it",i)
    async for i in agen(): print("ag",i)
    print([i async for i in agen()])
    return a+b
class ACM:
    async def __aenter__(s): print("aenter"); return 5
    async def __aexit__(s,*a): print("aexit",a[:2])
class AIt:
    def __init__(s): s.n=0
    def __aiter__(s): return s
    async def __anext__(s):
        s.n+=1
        if s.n>3: raise StopAsyncIteration
        return s.n
async def agen():
    for i in range(3):
        await Aw(i)
        yield i
def drive(c):
    v=None
    while True:
        try: y=c.send(v); print("y",y); v=10*y
        except StopIteration as e: return e.value
print(drive(main()))
c=co(5); print(c.send(None)); c.close()
try: c.send(None)
except RuntimeError as e: print(e)
try: drive(5 if 0 else (lambda: (yield))())
except Exception as e: print(type(e).__name__, e)
async def bad(): await 5
try: drive(bad())
except TypeError as e: print(e)
async def bad2():
    async with 5: pass
try: drive(bad2())
except Exception as e: print(type(e).__name__, e)
async def bad3():
    async for i in 5: pass
try: drive(bad3())
except Exception as e: print(type(e).__name__, e)
async def exc():
    try:
        async with ACM(): raise ValueError("x")
    except ValueError as e: print("caught",e)
drive(exc())
ag=agen(); print(ag.__anext__().send(None))
a2=agen()
async def cl():
    async for i in a2:
        print(i); break
    await a2.aclose()
    try: await a2.__anext__()
    except StopAsyncIteration: print("SAI")
drive(cl())
co(1)
print(co.__name__, type(co(1)))
def g():
    try:
        yield 1
        yield 2
    finally:
        print('cleanup')
for x in g(): break
print('after')
class D:
    def __init__(s,n): s.n=n
    def __del__(s): print('del',s.n)
d=D(1); d=D(2); print('x'); del d; print('y')
def f(): D(3); print('z')
f()
l=[D(4)]; l.clear(); print('w')
def h(x): x=None; print("in h")
h(D(5)); print("out")
a=D('cycle'); a.me=a; del a
class Bad:
    def __del__(s): 1/0
print("end")
def gi():
    x = yield 1
print(gi().gi_running, gi.__code__.co_name, sys._getframe().f_lineno)
def fr(): return sys._getframe(1).f_code.co_name, sorted(sys._getframe().f_locals)
print(fr())
def loc(a,b=2):
    c=3
    return locals()
print(loc(1))
print(sorted(globals())[:3])
it=iter([1,2,3]); print(next(it), list(it), next(it,'d'))
it=iter(lambda: 5, 5); print(list(it))
print([i for i in range(3)], {i:i for i in range(2)}, (lambda *a,**k:(a,k))(1,x=2))
x=5
class Cx:
    x=x+1
    y=[x for _ in range(2)]
print(Cx.x, Cx.y)
print(f"{x=} {x!r:>4} {'a' 'b'}", (y:=7), y)
def ann(a:int,b:'str'=1)->None: "doc"
print(ann.__annotations__, ann.__doc__, ann.__defaults__, ann.__name__, ann.__qualname__, ann.__module__)
def posonly(a,/,b,*,c): return a,b,c
for call in (lambda:posonly(1,2,c=3), lambda:posonly(a=1,b=2,c=3), lambda:posonly(1,2), lambda:posonly(1,2,3,c=4), lambda:posonly(), lambda:posonly(1,b=2,c=3,d=4), lambda:posonly(1,2,b=3,c=1)):
    try: print(call())
    except TypeError as e: print(e)
global_var=1
def setg():
    global global_var; global_var=2
setg(); print(global_var)
while True:
    break
else: print("no")
print(1 if x else 2, x and 3, x or 4, not x, 1<2<3, 1<2>3, x is None, x is not None, [] == [], 3 in [1,3])
print(__name__, type(sys.argv), sys.maxsize)
