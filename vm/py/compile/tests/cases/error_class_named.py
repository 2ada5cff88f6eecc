class C:
    [a := 1 for b in c]
