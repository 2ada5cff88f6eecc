def numbers(n):
    for i in range(n):
        yield i
def squares(it):
    for i in it:
        yield i * i
def f(n):
    return sum(x for x in squares(numbers(n)) if x % 3)
print(f(500000))
