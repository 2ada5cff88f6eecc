total = 0
for i in range(20):
    if i % 3 == 0:
        continue
    if i > 15:
        break
    total += i
else:
    print("never")
while total:
    total -= 1
    if 10 < total <= 20 and total not in (12, 13) and total is not None:
        continue
else:
    print("to the end", total)
assert total == 0, "it is"
print("yes" if not total else "no", end="\n")
