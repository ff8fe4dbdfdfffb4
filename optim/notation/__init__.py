"""How formulas are printed.

In reading order:

    markup.py   HTML and MathML elements
    mathml.py   LaTeX as MathML
    marks.py    letters with their indices, and equations, as text and LaTeX
"""
