é = 1
ﬁ = é
def ü(ª): return ª
class Ä:
    def __ö(self): pass
