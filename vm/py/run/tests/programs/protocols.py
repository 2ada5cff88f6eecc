# more: limits & protocol corners
import sys
class V:
    def __init__(s,*a): s.a=a
    def __getattribute__(s,n):
        if n=='magic': return 42
        return object.__getattribute__(s,n)
    def __setattr__(s,n,v): object.__setattr__(s,n,v); 
    def __delattr__(s,n): print("del",n); object.__delattr__(s,n)
    def __dir__(s): return ['z','a']
v=V(1); print(v.magic, v.a, dir(v)); v.q=1; del v.q
try: del v.q
except AttributeError as e: print(e)
class It:
    def __init__(s,n): s.n=n
    def __iter__(s): return s
    def __next__(s):
        if s.n==0: raise StopIteration
        s.n-=1; return s.n
print(list(It(3)), sum(It(4)), max(It(3)), sorted(It(3)), tuple(It(2)), set(It(2)), [*It(2)], dict(zip(It(2),It(2))), ','.join(map(str,It(3))))
a,b,c=It(3); print(a,b,c)
class Idx:
    def __index__(s): return 2
print([1,2,3][Idx()], "abc"[Idx()], range(10)[Idx()], [0]*Idx(), hex(Idx()), (1,2,3)[:Idx()])
class Num:
    def __init__(s,v): s.v=v
    def __add__(s,o): return NotImplemented
    def __radd__(s,o): return ("radd",o)
    def __eq__(s,o): return NotImplemented
    def __lt__(s,o): return NotImplemented
    def __gt__(s,o): return "gt"
    def __rpow__(s,o): return "rpow"
    def __rmod__(s,o): return "rmod"
    def __divmod__(s,o): return "divmod"
    def __round__(s,n=None): return ("round",n)
    def __abs__(s): return "abs"
    def __int__(s): return 7
    def __float__(s): return 1.5
    def __complex__(s): return 2j
    def __trunc__(s): return 3
    def __bytes__(s): return b"bb"
    def __str__(s): return "str"
    def __format__(s,f): return "fmt:"+f
n=Num(1); print(1+n, n==n, n==1, 1<n, 2**n, 3%n, divmod(n,1), round(n), round(n,2), abs(n), int(n), float(n), complex(n), bytes(n), str(n), f"{n}", f"{n:x}", "%s"%n, [n]==[n])
try: n+n
except TypeError as e: print(e)
try: n<n
except TypeError as e: print(e)
class Sub(int):
    def __add__(s,o): return Sub(int(s)+int(o))
    def __repr__(s): return f"Sub({int(s)})"
print(Sub(3)+4, Sub(5)*2, [Sub(1)], Sub(3)==3, hash(Sub(3))==hash(3), isinstance(Sub(1),int), Sub("12"), type(Sub(1)+1), sum([Sub(1),Sub(2)]))
class L(list):
    def __getitem__(s,i): return "L"+str(super().__getitem__(i))
    def extra(s): return len(s)
l=L([1,2]); print(l, l[0], l.extra(), l+[3], type(l+[3]), L()==[])
class D(dict):
    def __missing__(s,k): return k*2
print(D(a=1)['a'], D()['x'], D().get('x'))
class S(str):
    def up(s): return s.upper()
print(S("ab").up(), S("a")+"b", type(S("a")+"b"), S("x")=="x", {S("k"):1}["k"])
class T(tuple):
    def __new__(cls,*a): return super().__new__(cls,a)
print(T(1,2), T(1)[0], T(1,2)==(1,2))
class F(float): pass
print(F(1.5)+1, F(2.0), F("3"))
class E1(Exception):
    def __init__(s,code,msg): super().__init__(msg); s.code=code
try: raise E1(5,"m")
except E1 as e: print(e.code, e, e.args, repr(e))
class Ctx:
    def __enter__(s): return s
    def __exit__(s,*a): print("exit", a[0]); return False
def f():
    with Ctx():
        for i in range(3):
            with Ctx():
                if i==1: return i
print(f())
def nested():
    try:
        try: raise ValueError(1)
        except ValueError: raise KeyError(2)
        finally: print("fin1")
    except KeyError as e: return repr(e), repr(e.__context__)
    finally: print("fin2")
print(nested())
def loop():
    for i in range(5):
        try:
            if i%2: continue
            yield i
        except GeneratorExit: print("exit"); return
        finally: print("f",i)
g=loop(); print(next(g), next(g)); g.close()
def deleg():
    try: r = yield from inner()
    except ValueError as e: r="caught "+str(e)
    yield r
def inner():
    yield 1
    raise ValueError("in")
print(list(deleg()))
print((lambda a,b=2,*c,d,e=5,**f:(a,b,c,d,e,f))(1,d=4,z=9))
print(type(print), type(len), type([].append), type(list.append), type(list.__add__), type([].__add__), type(int.from_bytes), type(V.__init__), type(v.__init__), type(type), type(None), type(...), type(NotImplemented), type(V.__dict__), type(V.a if hasattr(V,'a') else 0), type((lambda:(yield))()), type(f.__code__), type(sys))
print(isinstance(1,(int,str)), issubclass(bool,int), callable(len), callable(1), id(1)==id(1), hash(None)==hash(None))
print(vars(V(2)), V.__bases__, V.__base__, V.__subclasses__(), bool.__mro__, type.__mro__)
x=[1,2,3]; x[0],x[1]=x[1],x[0]; print(x); x[1:1]=[9]; print(x); i=0; i,x[i]=1,5; print(i,x)
d={}; d['a'],d['b']=1,2; print(d); print({**d,**{'c':3}}, [*d], {*d})
print(*sorted({'b':1,'a':2}.items()), sep='\n', end='!\n')
s=0
for i in range(10):
    if i==3: continue
    if i==7: break
    s+=i
else: s=-1
print(s)
print([[i*j for j in range(3)] for i in range(3)], {i for i in 'aab'}, [x for x in range(10) if x%2 if x>3])
print("a" "b", r"\n", b'\x41', 0x1f, 0o17, 0b11, 1_000, 1e3, .5, 5., 1j, True, None, ...)
z=10
def g1():
    def g2():
        nonlocal_=z
        return nonlocal_
    return g2()
print(g1(), eval(compile('1','','eval')) if 0 else 1)
print(1<2<3<2, not 1==2, 1 is 1, [] is [], (1,) in [(1,)], 3 not in [1], 'b' in 'abc', 5 if 0 else 6)
try:
    exec(5)
except TypeError as e: print(e)
sys.exit("bye")
