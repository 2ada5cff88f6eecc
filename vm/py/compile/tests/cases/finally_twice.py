def f():
    try: a
    finally:
        def g(): return (lambda: 1)
