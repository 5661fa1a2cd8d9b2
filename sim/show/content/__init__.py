"""What is said and drawn, in no medium: words, tables and the data of plots."""
