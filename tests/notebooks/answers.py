"""Reference answers to the exercises of notebooks 01 to 03, and answers that are wrong.

ANSWERS is a list of dicts: notebook and exercise say which exercise it is, whose question
stands in the notebook as exercise_1, exercise_2, ...; `right` lists functions, each defined
by `def` at the top level of the file; `wrong` is {a mistake that people make: words of the
diagnosis that it hears}. Other files answers_*.py beside this one hold more in this form.
"""
import numpy as np


# --- 01_slope, exercise 1: the slope of x/(1 + x**2) ----------------------------------
def slope_of_q(x):
    return (1 - x**2)/(1 + x**2)**2


def slope_by_parts(x):
    inner = 1 + x**2
    return 1/inner - 2*x**2/inner**2


def slope_as_quotient_of_slopes(x):
    return 1/(2*x)


def slope_with_wrong_sign(x):
    return (1 + 3*x**2)/(1 + x**2)**2


def slope_without_square(x):
    return (1 - x**2)/(1 + x**2)


# --- 01_slope, exercise 2: the step with the smallest error ---------------------------
def best_step(M, F, u):
    return 2*np.sqrt(u*F/M)


def step_without_root(M, F, u):
    return 4*u*F/M


def step_without_factor(M, F, u):
    return np.sqrt(u*F/M)


def negative_step(M, F, u):
    return -2*np.sqrt(u*F/M)


# --- 01_slope, exercise 3: the error of the central difference of x**3 ---------------
def error_of_central(x, h):
    return h**2


def error_of_forward(x, h):
    return 3*x*h + h**2


def error_with_a_sixth(x, h):
    return h**2/6


def no_error(x, h):
    return 0


# --- 02_engine, exercise 1: the pull-backs of a division ------------------------------
def divide(g, y, a, b):
    return g/b, -g*y/b


def divide_without_y(g, y, a, b):
    return g/b, -g*a/b**2


def divide_with_wrong_sign(g, y, a, b):
    return g/b, g*y/b


def divide_without_square(g, y, a, b):
    return g/b, -g*a/b


def divide_swapped(g, y, a, b):
    return -g*y/b, g/b


# --- 02_engine, exercise 2: the pull-back of the logistic function, from its result ---
def logistic(g, y, x):
    return g*y*(1 - y)


def logistic_by_x(g, y, x):
    return g*x*(1 - x)


def logistic_without_cotangent(g, y, x):
    return y*(1 - y)


def logistic_as_tanh(g, y, x):
    return g*(1 - y**2)


# --- 02_engine, exercise 3: an affine layer -------------------------------------------
def affine(x, w, b, dout):
    return dout @ w.T, x.T @ dout, np.sum(dout, axis=0)


def affine_without_sum(x, w, b, dout):
    return dout @ w.T, x.T @ dout, dout


def affine_with_mean(x, w, b, dout):
    return dout @ w.T, x.T @ dout, np.mean(dout, axis=0)


def affine_transposed(x, w, b, dout):
    return dout @ w.T, dout.T @ x, np.sum(dout, axis=0)


# --- 03_gradient_descent, exercise 1: the rule out of the frame -----------------------
def descent(theta, g, *, t, lr=0.1):
    return theta - lr*g


def ascent(theta, g, *, t, lr=0.1):
    return theta + lr*g


def fading_descent(theta, g, *, t, lr=0.1):
    return theta - lr*g/t


def sign_descent(theta, g, *, t, lr=0.1):
    return theta - lr*np.sign(g)


# --- 03_gradient_descent, exercise 2: the mean of all gradients so far ---------------
def mean(m, g, t):
    return m + (g - m)/t


def sum_of_all(m, g, t):
    return m + g/t


def half_and_half(m, g, t):
    return (m + g)/2


def late_mean(m, g, t):
    return (t*m + g)/(t + 1)


# --- 03_gradient_descent, exercise 3: the batch that halves the noise of one example --
def batch_of_half_noise(N):
    return 4*N/(N + 3)


def batch_with_replacement(N):
    return 4


def batch_of_half_variance(N):
    return 2*N/(N + 1)


def quarter_of_all(N):
    return N/4


ANSWERS: list[dict] = [
    {"notebook": "01_slope", "exercise": 1, "right": [slope_of_q, slope_by_parts],
     "wrong": {slope_as_quotient_of_slopes: "quotient of the two slopes",
               slope_with_wrong_sign: "sign of the second term",
               slope_without_square: "not squared"}},
    {"notebook": "01_slope", "exercise": 2, "right": [best_step],
     "wrong": {step_without_root: "root is forgotten", negative_step: "other root",
               step_without_factor: "factor is lost"}},
    {"notebook": "01_slope", "exercise": 3, "right": [error_of_central],
     "wrong": {error_of_forward: "forward difference", error_with_a_sixth: "is 6",
               no_error: "a cubic is none"}},
    {"notebook": "02_engine", "exercise": 1, "right": [divide, divide_without_y],
     "wrong": {divide_with_wrong_sign: "sign of the second",
               divide_without_square: "one b is missing",
               divide_swapped: "changed places"}},
    {"notebook": "02_engine", "exercise": 2, "right": [logistic],
     "wrong": {logistic_by_x: "result y belongs", logistic_without_cotangent: "forgotten",
               logistic_as_tanh: "of tanh"}},
    {"notebook": "02_engine", "exercise": 3, "right": [affine],
     "wrong": {affine_without_sum: "forgotten unbroadcast",
               affine_with_mean: "mean for sum", affine_transposed: "transposed"}},
    {"notebook": "03_gradient_descent", "exercise": 1, "right": [descent],
     "wrong": {ascent: "sign", fading_descent: "-g*lr/t", sign_descent: "sign(g)"}},
    {"notebook": "03_gradient_descent", "exercise": 2, "right": [mean],
     "wrong": {sum_of_all: "not shrunk", half_and_half: "half and half",
               late_mean: "one too many"}},
    {"notebook": "03_gradient_descent", "exercise": 3, "right": [batch_of_half_noise],
     "wrong": {batch_with_replacement: "with replacement",
               batch_of_half_variance: "halves the variance",
               quarter_of_all: "quarter of the examples"}},
]
