"""Second order: steps that know the curvature of f, each with a line search.

    optim.second_order.lbfgs(f, x0), .newton(f, x0), .gauss_newton(residuals, x0)

In reading order:

    objectives.py      f with its gradient, counted
    wolfe.py           the conditions of a step
    line_searches.py   a length that fulfils them
    descents.py        direction, step, and so on
    quasi_newton.py    L-BFGS
"""
from optim.second_order.quasi_newton import lbfgs
