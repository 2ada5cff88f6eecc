# containers
l=[3,1,2]; l.sort(); print(l, l.index(2), l.count(1), l.pop(), l.pop(0), l); l.extend('ab'); l.insert(0,'x'); l.insert(-1,'y'); print(l); l.remove('a'); l.reverse(); print(l, l[1:3], l[::-1], l[-2:]); l[1:2]=[7,8,9]; print(l); l[::2]=['e']*len(l[::2]); print(l); del l[0]; del l[1:3]; print(l); l*=2; print(l, l+[1]); l.clear(); print(l)
d={'a':1,'b':2}; d['c']=3; print(d, d.keys(), d.values(), d.items(), list(d), d.get('x'), d.get('x',5), d.pop('a'), d.setdefault('z',9), d.popitem(), 'b' in d, len(d)); d.update(q=1); d.update([('r',2)]); print(d, {**d,'k':1}, d|{'m':1}, dict(a=1), dict([(1,2)]), dict.fromkeys('ab',0)); del d['q']; print(d, list(reversed(d)), d.copy()=={'b':2,'c':3,'r':2})
print({1.0:'a',1:'b',True:'c'}, {}.keys()&{1}, {1:2}.keys()|{3}, {1:2}.items()-{(1,2)})
s={3,1,2}; s.add(5); s.discard(9); print(s, s|{7}, s&{1,2}, s-{1}, s^{1,9}, s<={1,2,3,5,6}, s.issuperset({1}), len(s), 3 in s, sorted(s), s.pop(), s); s|={10,11}; s-={10}; print(s, frozenset([1,2]), set('hello')=={'h','e','l','o'}, {1,2}=={2,1}, set(), frozenset())
print({x*37%101 for x in range(30)}, set(range(0,200,7)), {'abc','def','ghi','jkl','mno'}, {i*i for i in range(20)}-{4,9}, {(1,2),(3,4)}, {None,True,1.5,'a',b'b'})
x=1; S=set()
for i in range(400):
    x=(x*1103515245+12345)&0x7fffffff
    if x%3==0: S.discard(x//7%50)
    else: S.add(x//7%50)
    if i%40==0: print(list(S))
while len(S)>20: S.pop()
print(list(S)); S|={100,101,'a','b'}; print(list(S), list(S&set(range(60))), list(S-{100}), list(S^set(range(30))))
t=(1,2,3); print(t, t[1], t[1:], t+(4,), t*2, t.index(2), t.count(1), 2 in t, len(t), (), (1,), t<(1,3), hash(t)==hash((1,2,3)))
r=range(2,20,3); print(r, list(r), r[2], r[-1], r[1:3], len(r), 5 in r, 6 in r, r.index(8), r==range(2,18,3), list(reversed(r)), range(10**20)[10**19], list(range(5,0,-2)))
print(list(enumerate('ab',1)), list(zip([1,2],'ab')), list(map(lambda a,b:a+b,[1,2],[3,4])), list(filter(None,[0,1,2])), list(reversed([1,2])), all([1,2]), any([0]), sum([1,2],10), sum([0.1]*3), max('abc'), min(3,1,2), sorted('bca',reverse=True))
print([1,[2,[3]]], {'a':[1,{2:3}]}); a=[1]; a.append(a); print(a); dd={}; dd['x']=dd; print(dd); print(slice(1,2,3), slice(None), slice(1,10,2).indices(5))
class K:
    def __init__(s,n): s.n=n
    def __lt__(s,o): print(s.n,'<',o.n); return s.n<o.n
    def __repr__(s): return str(s.n)
print(sorted([K(i) for i in (5,2,8,1,9,3)]))
x=12345; L=[]
for i in range(150):
    x=(x*1103515245+12345)&0x7fffffff; L.append(x%100)
class C2:
    n=0
    def __init__(s,v): s.v=v
    def __lt__(s,o): C2.n+=1; return s.v<o.v
for data in (L, sorted(L), sorted(L)[::-1], L[:70]+sorted(L[70:]), [1]*50+L):
    C2.n=0; o=[C2(v) for v in data]; o.sort(); print(C2.n, [c.v for c in o]==sorted(data))
o.sort(key=lambda c:-c.v, reverse=True); print([c.v for c in o][:5])
for f in (lambda:[][0], lambda:{}['a'], lambda:[].pop(), lambda:{}.popitem(), lambda:set().pop(), lambda:{1}.remove(2), lambda:[].remove(1), lambda:(1,).index(2), lambda:[1].index(2), lambda:{[]:1}, lambda:{{}}, lambda:[1]['a'], lambda:(1,2)[3], lambda:[1,2]<3, lambda:[1]+(2,), lambda:(1,)+[2], lambda:[1]*1.5, lambda:dict([1]), lambda:dict([(1,2,3)]), lambda:dict(5), lambda:list(5), lambda:set(5), lambda:range('a'), lambda:range(1,2,0), lambda:next(iter([])), lambda:next(5), lambda:iter(5,1), lambda:zip(5), lambda:map(), lambda:enumerate(), lambda:reversed({1}), lambda:slice(), lambda:[1,2,3].__setitem__(slice(0,3,2),[1]), lambda:tuple(5), lambda:frozenset([[]]), lambda:[1].sort(5), lambda:[3,1].sort(key=5), lambda:{}.update(5), lambda:{}.update([[1]]), lambda:{1:2}[1:2], lambda:hash([]), lambda:hash({}), lambda:{}.pop('x'), lambda:{}.foo, lambda:[].__getitem__(), lambda:{1,2}+{3}, lambda:{1}|[2], lambda:{}|[1], lambda:del_(), lambda:sorted([1],5), lambda:isinstance(1,5), lambda:issubclass(1,int), lambda:getattr(1,'x'), lambda:getattr(1,'x',7), lambda:hasattr(1,'real'), lambda:setattr(1,'x',2), lambda:vars(1), lambda:type(1,2), lambda:type('a',(),5), lambda:super(), lambda:print(1,sep=5), lambda:print(1,foo=2), lambda:callable(5), lambda:len({1:2}), lambda:id(None)==id(None), lambda:ascii('é'), lambda:input.__name__, lambda:__import__('nope'), lambda:exec(5), lambda:object.__new__(int), lambda:int.__new__(5), lambda:NotImplemented+1, lambda:...):
    try: print(repr(f()))
    except Exception as e: print(type(e).__name__+":", e)
d={1:1,2:2}
try:
    for k in d: d[k+10]=1
except RuntimeError as e: print(e)
s={1,2}
try:
    for k in s: s.add(k+10)
except RuntimeError as e: print(e)
a,(b,*c),d=1,(2,3,4),5; print(a,b,c,d)
for bad in (lambda:[0 for a,b in [1]], lambda:[0 for a,b in [(1,2,3)]], lambda:[0 for a,b,*c in [(1,)]], lambda:[*5], lambda:{**5}, lambda:f(*5), lambda:print(**5)):
    try: bad()
    except Exception as e: print(type(e).__name__+":", e)
print(*[1,2],*(3,),sep='-'); print({**{'a':1},**{'b':2}}, [*range(3),*'ab'], (*[1],), {*[1,2]})
def kw(**k): return k
print(kw(**{'a':1},b=2))
try: kw(**{'a':1},**{'a':2})
except TypeError as e: print(e)
try: kw(**{1:2})
except TypeError as e: print(e)
