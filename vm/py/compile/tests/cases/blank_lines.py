

   
	# c
\

a = 1 \
  + 2

if b:
	c
	d
