class Manager:
    def __enter__(self):
        print("enter")
        return self

    def __exit__(self, kind, value, trace):
        print("exit", kind.__name__ if kind else None)
        return kind is KeyError


def attempt(what):
    try:
        with Manager():
            what()
            return "fine"
    except ZeroDivisionError as error:
        try:
            raise ValueError("again") from error
        except ValueError as second:
            print(repr(second.__cause__))
    else:
        print("nothing was raised")
    finally:
        print("finally")


print(attempt(lambda: 1))
print(attempt(lambda: 1 // 0))
print(attempt(lambda: {}["x"]))
