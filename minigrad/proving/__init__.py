"""The theorems of the derivative tables, one module for each kind, in this
reading order; see minigrad.prove.

    polynomials.py   quotients of polynomials, and when one is zero
    normal_forms.py  a formula as a rational expression in letters
    algebra.py       when is a formula zero on its whole domain?
    pullbacks.py     what a theorem is asked for, and <g, dy> = <VJP(g), dx>
    elementwise.py   the natural domain of each function, in pieces
    adjoints.py      the shapes and keywords at which linear maps are proved
    products.py      products along an axis, also where entries are 0
    selection.py     the orders of entries, and the ties
    stable.py        the textbook forms
    linalg.py        matrices with their decompositions given
    user_vjps.py     derivatives that came with mg.custom_vjp
"""
