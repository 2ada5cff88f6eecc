class A:
    def f(self):
        def inner():
            raise ValueError("multi\nline")
        inner()
def a(): b()
def b():
    try: c()
    except Exception as e:
        raise RuntimeError("b failed") from None
def c(): A().f()
def rec(n):
    if n: rec(n-1)
    else: raise KeyError(n)
try: rec(10)
except KeyError:
    try: a()
    except RuntimeError as e:
        x = e
class MyErr(Exception): pass
class Outer:
    class Inner(Exception): pass
try:
    try: raise MyErr("one", 2)
    except MyErr: raise Outer.Inner
except Outer.Inner as e:
    y = e
try:
    raise y from x
except Exception as z:
    raise (
        MyErr(
            "deep"
        )
    )
