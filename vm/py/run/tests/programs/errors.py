import sys
def f(n):
    class A:
        def __repr__(self): raise ValueError("r")
    return A()
try: print(f(1))
except ValueError as e: print("ok", e)
print("before", file=sys.stderr)
sys.stdout.write("w\n"); 
def g():
    raise ExceptionGroup if 0 else OSError(2,"No such file","x.txt")
try: g()
except OSError as e: print(type(e).__name__, e, e.errno, e.filename)
try: raise StopIteration(5)
except StopIteration as e: print(e.value)
try: raise SystemExit(3)
except SystemExit as e: print(e.code)
try: raise UnicodeDecodeError('utf8',b'\xff',0,1,'bad')
except UnicodeDecodeError as e: print(e)
try: raise ImportError("m",name="n",path="p")
except ImportError as e: print(e,e.name,e.path)
try: raise SyntaxError("bad",("f.py",3,5,"x = = 1\n"))
except SyntaxError as e: print(e, e.lineno)
import nothere_
