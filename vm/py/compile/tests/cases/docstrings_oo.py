# optimize: 2
"""module"""
def f():
    "function"
    assert a
class C:
    "class"
__debug__
