a is 1
b is not "x"
assert (a, b)
"a" (1)
[1] (2)
1[2]
{1}[2]
[1, 2]["a"]
"\d"
x = b"\q" if 0 else f"\{a}"
