class M(type):
    def __new__(m,n,b,d,**k):
        print("new",n,k); return super().__new__(m,n,b,d)
    def __init__(c,n,b,d,**k): print("init",n); super().__init__(n,b,d)
    def __call__(c,*a): print("call",a); return super().__call__(*a)
    @classmethod
    def __prepare__(m,n,b,**k): print("prep",n,k); return {}
class A(metaclass=M, x=1):
    def __init__(self,*a): self.a=a
class B(A): pass
print(B(1,2).a, type(B), B.__mro__)
class D:
    def __get__(s,o,t): return (s.n, o is None)
    def __set__(s,o,v): print("set",v)
    def __delete__(s,o): print("del")
    def __set_name__(s,o,n): s.n=n; print("name",n)
class C:
    d=D()
c=C(); print(c.d, C.d); c.d=5; del c.d
class S:
    __slots__=('a','b')
s=S(); s.a=1; print(s.a)
try: s.b
except AttributeError as e: print(e)
try: s.c=1
except AttributeError as e: print(e)
class P:
    def __init_subclass__(cls,**k): print("sub",cls.__name__,k)
class Q(P,z=3): pass
class X: pass
class Y(X): pass
try:
    class Z(X,Y): pass
except TypeError as e: print(e)
class G:
    def __getattr__(s,n): return n.upper()
    def __getitem__(s,i):
        if i>3: raise IndexError
        return i*i
    def __contains__(s,x): return x==7
    def __len__(s): return 4
    def __call__(s,*a,**k): return a,k
    def __eq__(s,o): return True
    def __hash__(s): return 5
    def __add__(s,o): return ("add",o)
    def __radd__(s,o): return ("radd",o)
    def __iadd__(s,o): return ("iadd",o)
    def __lt__(s,o): return True
    def __bool__(s): return False
    def __format__(s,f): return "F"+f
    def __neg__(s): return "neg"
    def __index__(s): return 2
g=G(); print(g.foo, list(g), 7 in g, len(g), g(1,b=2), g==1, g!=1, g+1, 1+g, g<1, bool(g), f"{g:abc}", -g, [1,2,3][g], hash(g))
g+=3; print(g)
print([1,2]*2, (1,)+(2,), "a"*3, 3*"b", [1]<[2], (1,2)==(1,2), "abc"<"abd", not [], 1 if "" else 2)
for a,b in [(1,'a'),([],1),(1,None),({},[]),('a',1),("a",b"b"),(1.5,'x')]:
    for op in ('+','-','*','/','//','%','**','<','&','|','<<','@'):
        try: r=eval(compile("a"+op+"b","","eval")) if 0 else {'+':lambda:a+b,'-':lambda:a-b,'*':lambda:a*b,'/':lambda:a/b,'//':lambda:a//b,'%':lambda:a%b,'**':lambda:a**b,'<':lambda:a<b,'&':lambda:a&b,'|':lambda:a|b,'<<':lambda:a<<b,'@':lambda:a@b}[op]()
        except Exception as e: print(op, type(e).__name__, e)
        else: print(op, repr(r))
print(super(B,B(1)).__init__.__name__)
class Meta2(type):
    def __instancecheck__(c,o): return o==3
    def __len__(c): return 9
class T2(metaclass=Meta2): pass
print(isinstance(3,T2), isinstance(4,T2), len(T2), issubclass(bool,int), isinstance(True,(str,int)))
class cp:
    @classmethod
    def cm(cls,*a): return cls.__name__,a
    @staticmethod
    def sm(*a): return a
    @property
    def p(self): "doc"; return 1
    @p.setter
    def p(self,v): print("p",v)
o=cp(); print(o.cm(1), cp.cm(2), o.sm(3), cp.sm(4), o.p, cp.p.__doc__); o.p=3
try: del o.p
except AttributeError as e: print(e)
print(o.__class__, o.__dict__, cp.__name__, cp.__qualname__, cp.__module__)
def deco(f):
    def w(*a,**k): return ("w",f(*a,**k))
    return w
@deco
def ff(x,*,y=2): return x,y
print(ff(1), ff(1,y=5))
def outer():
    x=1
    def inc():
        nonlocal x; x+=1; return x
    return inc
i=outer(); print(i(), i(), i.__closure__[0].cell_contents)
print(type(A).__name__, A.__class__, object.__subclasshook__(1))
x=type("Dyn",(object,),{"v":1,"m":lambda s:s.v}); print(x().m(), x)
class Base:
    def who(self): return "Base"
class L(Base):
    def who(self): return "L"+super().who()
class R_(Base):
    def who(self): return "R"+super().who()
class LR(L,R_):
    def who(self): return "LR"+super().who()
print(LR().who())
del x
try: x
except NameError as e: print(e)
class WithCall:
    def __new__(cls,a): print("new",a); return object.__new__(cls)
    def __init__(self,a): print("init",a)
WithCall(5)
try: WithCall()
except TypeError as e: print(e)
try: object(1)
except TypeError as e: print(e)
class NI: pass
try: NI(1)
except TypeError as e: print(e)
try: NI()<NI()
except TypeError as e: print(e)
try: NI()()
except TypeError as e: print(e)
try: len(5)
except TypeError as e: print(e)
try: iter(5)
except TypeError as e: print(e)
try: [].append(1,2)
except TypeError as e: print(e)
try: int("x")
except ValueError as e: print(e)
try: "a".join([1])
except TypeError as e: print(e)
