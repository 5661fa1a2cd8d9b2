"""How fast the program is: ratios, each taken in one run, beside their bounds."""
