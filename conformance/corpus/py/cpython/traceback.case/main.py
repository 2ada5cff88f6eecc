def inner(x):
    y = x - 1

    return 1 / (
        y
    )


def outer():
    print("outer")
    inner(1)


outer()
