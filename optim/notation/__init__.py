"""How formulas are printed.

In reading order:

    markup.py   HTML and MathML elements
    mathml.py   LaTeX as MathML
    plain_text.py  LaTeX as text for a terminal
    marks.py    letters with their indices, and equations, as text and LaTeX
"""
