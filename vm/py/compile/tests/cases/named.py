if (n := 10) > 5: pass
x = [y := 1, y + 1]
f(a := 1 + 2)
print((b := 3) + (c := 1 + 1))
while (line := read()): line
[z := i for i in x]
