from itertools import *
import math, errno, marshal, gc
print(list(islice(count(5,2),4)), list(islice(cycle('ab'),5)), list(repeat(1,3)), list(chain('ab',[1])), list(chain.from_iterable(['ab','c'])))
print(list(islice(range(10),2,8,3)), list(takewhile(lambda x:x<3,range(9))), list(dropwhile(lambda x:x<3,range(5))), list(filterfalse(lambda x:x%2,range(5))))
print(list(starmap(pow,[(2,3),(3,2)])), list(accumulate([1,2,3])), list(accumulate([1,2,3],lambda a,b:a*b,initial=5)), list(compress('abcd',[1,0,1,0])))
print(list(zip_longest('ab','x',fillvalue='-')), list(product('ab',[1,2])), list(product([0,1],repeat=2)), list(permutations('abc',2)), list(combinations('abc',2)), list(combinations_with_replacement('ab',2)))
print([(k,list(g)) for k,g in groupby('aabbbc')], [list(t) for t in tee([1,2,3])], list(permutations([])), list(combinations([1],2)))
for f in (lambda:islice([1]), lambda:islice([1],-1), lambda:count('a'), lambda:permutations([1],-1), lambda:product(repeat=-1)):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
print(math.sqrt(2), math.floor(-1.5), math.ceil(1.2), math.gcd(12,18), math.factorial(20), math.pi, math.isqrt(99), math.log(8,2), math.hypot(3,4))
print(errno.ENOENT, errno.errorcode[2])
for v in (1, 10**30, 1.5, 2j, 'é', b'x', (1,(2,)), [1], {1:2}, None, True, ..., frozenset([1])):
    print(marshal.loads(marshal.dumps(v)))
def f(x): return x+1
c = marshal.loads(marshal.dumps(f.__code__))
print(c.co_name, eval(c) if not c.co_argcount else c.co_varnames)
class D:
    def __del__(self): print('collected')
d=D(); d.d=d; del d; print(gc.collect()>0)
