if a: continue
