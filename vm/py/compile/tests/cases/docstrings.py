"""module"""
def f():
    "function"
class C:
    "class"
def g():
    f"no"
def h():
    "a" + "b"
def i():
    b"no"
