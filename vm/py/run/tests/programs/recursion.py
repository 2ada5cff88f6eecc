import sys
def a(): return a()
def b(n):
    if n<0: return 0
    return b(n+1)
class C:
    def __repr__(s): return repr(s)
    def __str__(s): return str(s)
    def __eq__(s,o): return s==o
    def __hash__(s): return hash(s)
    def __getattr__(s,n): return getattr(s,n)
    def __call__(s): return s()
    def __add__(s,o): return s+o
    def __len__(s): return len(s)
    def __bool__(s): return bool(s)
    def __iter__(s): return iter(s)
    def __getitem__(s,i): return s[i]
l=[]
for i in range(3000): l=[l]
m=[]
for i in range(3000): m=[m]
def g(): yield from g()
for name,f in dict(a=a,b=lambda:b(1),repr=lambda:repr(C()),str=lambda:str(C()),eq=lambda:C()==C(),hash=lambda:hash(C()),getattr=lambda:C().x,call=lambda:C()(),add=lambda:C()+1,len=lambda:len(C()),bool=lambda:bool(C()),iter=lambda:iter(C()),item=lambda:C()[0],reprlist=lambda:repr(l),eqlist=lambda:l==m,gen=lambda:list(g()),sortkey=lambda:(lambda f:f(f))(lambda f:sorted([1],key=lambda x:f(f))),mapf=lambda:(lambda f:f(f))(lambda f:list(map(lambda x:f(f),[1])))).items():
    d=0
    try: f(); print(name,'ok')
    except RecursionError as e:
        t=e.__traceback__
        while t: d+=1; t=t.tb_next
        print(name,d,e)
