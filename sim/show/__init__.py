"""What people read.

content/   what is said and drawn, in no medium
terminal/  text        sheet/  matplotlib        report/  HTML with plotly
"""
