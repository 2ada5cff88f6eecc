"""Loops as C has them."""


def powers(n):
    found = []
    for i in c_for(1, lambda i: i < n, lambda i: i * 2):
        found.append(i)
    return found, i


def controls(values):
    for i in c_for(0, lambda i: i < len(values) and values[i] is not None, lambda i: i + 1):
        if values[i] == "skip":
            i += 1
            continue
        if values[i] == "stop":
            break
        if values[i] == "return":
            return "returned", i
        print(i, values[i])
    else:
        return "else", i
    return "broken", i


def nested(n):
    total = 0
    for i in c_for(
        n,
        lambda i: i > 0,
        lambda i: i - 1,
    ):
        for j in c_for(0, lambda j: j < i, lambda j: j + 1 if j % 2 else j + 2):
            total += j
    return total


print(powers(20))
print(controls("ab"))
print(controls(["a", "skip", "b", "c"]))
print(controls(["a", "stop", "c"]))
print(controls(["return", "c"]))
print(controls(["a", None, "b"]))
print(nested(5))
for k in c_for(10, lambda k: k < 13, lambda k: k + 1):
    print(k)
