"""Second order: steps that know the curvature of f, each with a line search.

    optim.second_order.lbfgs(f, x0), .newton(f, x0), .gauss_newton(residuals, x0)

In reading order:

    objectives.py      f with its gradient, counted
    wolfe.py           the conditions of a step
    line_searches.py   a length that fulfils them
    descents.py        direction, step, and so on
    quasi_newton.py    L-BFGS
    conjugate_gradients.py  a linear system by products alone
    damped_newton.py   Newton's method
    least_squares.py   Gauss-Newton, damped
    closures.py        optimizers that call their closure as often as they need
    training_steps.py  LBFGS, on the parameters of a network
"""
from optim.second_order.damped_newton import newton
from optim.second_order.least_squares import gauss_newton
from optim.second_order.quasi_newton import lbfgs
from optim.second_order.training_steps import LBFGS
