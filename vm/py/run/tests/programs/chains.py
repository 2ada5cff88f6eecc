class E(Exception):
    def __str__(self): raise TypeError
def a():
    try: 1/0
    except ZeroDivisionError: b()
def b():
    try: {}['k']
    except KeyError as e: raise E("x") from e
def r(n):
    if n==0: a()
    r(n-1)
r(6)
