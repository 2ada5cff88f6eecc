def f(n):
    words = []
    for i in range(n):
        words.append("w" + str(i % 100))
    text = " ".join(words)
    count = {}
    for w in text.split():
        count[w] = count.get(w, 0) + 1
    return len(text), sorted(count.items())[:3], text.replace("w1", "X").count("X")
print(f(300000))
