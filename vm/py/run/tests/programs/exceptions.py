# tracebacks, chaining
def f():
    try:
        1/0
    except ZeroDivisionError as e:
        raise ValueError("bad") from e
def g():
    try:
        f()
    except ValueError:
        raise KeyError("k")
try:
    g()
except KeyError as e:
    print(repr(e.__context__), repr(e.__context__.__cause__), e.__suppress_context__)
def rec(n):
    return rec(n+1)
try: rec(0)
except RecursionError as e:
    print(e)
    t=e.__traceback__; d=0
    while t: d+=1; t=t.tb_next
    print(d)
class E(Exception):
    def __str__(self): return "E!"
try: raise E
except E as e: print(e, repr(e), e.args)
try:
    try: raise E(1,2)
    finally: print("finally")
except E as e: print(repr(e))
import sys
print(sys.exc_info())
try: raise TypeError
except TypeError: print(sys.exc_info()[0])
def h():
    try: return 1
    finally: print("h fin")
print(h())
for i in range(3):
    try:
        if i==1: continue
        if i==2: break
        print("i",i)
    finally: print("f",i)
else: print("no")
class CM:
    def __init__(s,n): s.n=n
    def __enter__(s): print("enter",s.n); return s
    def __exit__(s,t,v,tb): print("exit",s.n,t); return s.n==2
with CM(1) as a, CM(2) as b:
    raise ValueError
print("after")
try:
    with CM(3): raise KeyError(3)
except KeyError as e: print(repr(e))
def gen():
    try: yield 1
    except GeneratorExit: print("closed"); raise
g_=gen(); next(g_); g_.close()
def gen2():
    r = yield from gen3(); print("r",r)
def gen3():
    x = yield 1
    print("x",x)
    try: yield 2
    except ValueError as e: print("caught",e); 
    return 42
g_=gen2(); print(next(g_), g_.send("hi")); 
try: g_.throw(ValueError("thrown"))
except StopIteration: print("stopped")
def gen4(): raise StopIteration
try: list(gen4())
except RuntimeError as e: print(e, repr(e.__cause__))
for x in (lambda: (yield))(): pass
def g5():
    yield 1
    raise ValueError("inner")
try:
    for x in g5(): print(x)
except ValueError as e: print(e, e.__traceback__.tb_next.tb_lineno)
try: raise 5
except TypeError as e: print(e)
try:
    raise ValueError("a") from KeyError("b")
except ValueError as e: print(repr(e.__cause__))
try: {}["x"]
except KeyError as e: print(e)
try: [1][5]
except IndexError as e: print(e)
try: (1)[0]
except TypeError as e: print(e)
try: undefined
except NameError as e: print(e)
def ub():
    print(zz); zz=1
try: ub()
except UnboundLocalError as e: print(e)
def cl():
    def inner(): return v
    try: inner()
    except NameError as e: print(e)
    v=1
    return inner()
print(cl())
assert True
try: assert 1==2, "msg"
except AssertionError as e: print(e)
g()
