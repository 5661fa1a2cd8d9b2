"""How fast the program is, as ratios in one run: the issue's table of what is due and what is aimed at,
measured.
"""
