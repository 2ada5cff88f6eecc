def f(): return [(yield) for a in b]
