print("hello", 1+1, [1,2,3], {'a':1}, (1,), {1,2})
def fib(n):
    return n if n<2 else fib(n-1)+fib(n-2)
print(fib(20))
s=0
for i in range(10):
    s += i
print(s, f"{s!r:>5} {3.14159:.2f}")
class A:
    def __init__(self,x): self.x=x
    def __repr__(self): return f"A({self.x})"
    @property
    def y(self): return self.x*2
class B(A):
    def __init__(self,x):
        super().__init__(x+1)
print(A(1), B(2), B(3).y, sorted([3,1,2], key=lambda v:-v))
def gen():
    try:
        yield 1
        x = yield 2
        print("got", x)
    finally:
        print("fin")
g=gen(); print(next(g), next(g))
try: g.send(5)
except StopIteration as e: print("stop", e.value)
try:
    1/0
except ZeroDivisionError as e:
    print(e, type(e))
try:
    [].foo
except AttributeError as e: print(e)
with open if False else __import__('contextlib') if False else A(1) if False else (type('C',(),{'__enter__':lambda s:5,'__exit__':lambda s,*a:True}))() as q:
    print(q); raise ValueError(1)
print("done %s %d" % ("x", 3), "{} {a}".format(1,a=2))
a,*b,c = range(5); print(a,b,c)
def f(a,b=2,*args,c,d=4,**kw): return a,b,args,c,d,kw
print(f(1,c=3), f(1,2,3,4,c=5,e=6))
try: f()
except TypeError as e: print(e)
print([x*y for x in range(3) for y in range(3) if x!=y], {k:v for k,v in zip('abc',range(3))})
def outer():
    raise KeyError('k')
outer()
