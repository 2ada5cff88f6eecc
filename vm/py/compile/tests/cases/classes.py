@d
class A: pass
class B(A, metaclass=M, **k):
    "doc"
    x: int = 1
    def __private(self): return self.__x, __y
    def f(self): return __class__
class C(*bases): pass
