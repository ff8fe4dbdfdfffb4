"""Reference answers to the exercises of notebooks 11 and 12, and wrong answers.

The form is that of answers.py. Each wrong answer is a mistake that people make.
"""
import numpy as np


# --- 11 transformer ---------------------------------------------------------------------
def share_let_through(T):
    return (1 + T)/(2*T)


def share_without_diagonal(T):
    return (T - 1)/(2*T)


def share_of_half(T):
    return T/(2*T)


def factor(d, s):
    return 1/(np.sqrt(d)*s**2)


def factor_of_variance(d, s):
    return 1/(d*s**4)


def factor_of_deviation(d, s):
    return 1/(np.sqrt(d)*s)


def negative_factor(d, s):
    return -1/(np.sqrt(d)*s**2)


def softmax_back(g1, g2, w1, w2):
    mean = g1*w1 + g2*w2
    return w1*(g1 - mean), w2*(g2 - mean)


def softmax_back_of_differences(g1, g2, w1, w2):
    out = w1*w2*(g1 - g2)
    return out, -out


def softmax_back_without_the_other(g1, g2, w1, w2):
    return g1*w1*(1 - w1), g2*w2*(1 - w2)


def softmax_back_unnormalised(g1, g2, w1, w2):
    return g1*w1, g2*w2


def softmax_back_with_plain_mean(g1, g2, w1, w2):
    mean = (g1 + g2)/2
    return w1*(g1 - mean), w2*(g2 - mean)


# --- 12 doctor --------------------------------------------------------------------------
def slope_by_p1(p1, y1, y2):
    return p1 - (y1 + y2)/2


def slope_as_meant(p1, y1, y2):
    return p1 - y1


def slope_of_sum(p1, y1, y2):
    return 2*(p1 - y1) + 2*(p1 - y2)


def after_two_steps(theta, r):
    once = theta - r*theta
    return once - r*(theta + once)


def after_two_clear_steps(theta, r):
    return theta*(1 - r)**2


def after_two_first_steps(theta, r):
    return theta - 2*r*theta


def after_a_doubled_step(theta, r):
    once = theta - r*theta
    return once - 2*r*once


def loss_that_survives(z):
    return np.maximum(-z, 0) + np.log(1 + np.exp(-np.abs(z)))


def loss_by_abs(z):
    return (np.abs(z) - z)/2 + np.log(np.exp(-np.abs(z)) + 1)


def loss_of_the_blackboard(z):
    return np.log(1 + np.exp(-z))


def loss_without_the_log(z):
    return np.maximum(-z, 0)


def loss_without_the_slope(z):
    return np.log(1 + np.exp(-np.abs(z)))


def loss_of_the_other_side(z):
    return np.maximum(z, 0) + np.log(1 + np.exp(-np.abs(z)))


ANSWERS: list[dict] = [
    {"notebook": "11_transformer", "exercise": 1, "right": [share_let_through],
     "wrong": {share_without_diagonal: "the diagonal was left out",
               share_of_half: "half of the diagonal"}},
    {"notebook": "11_transformer", "exercise": 2, "right": [factor],
     "wrong": {factor_of_variance: "its square multiplies the variance",
               factor_of_deviation: "s**2 times s**2", negative_factor: "sign"}},
    {"notebook": "11_transformer", "exercise": 3,
     "right": [softmax_back, softmax_back_of_differences],
     "wrong": {softmax_back_without_the_other: "the other one too",
               softmax_back_unnormalised: "divided by their sum",
               softmax_back_with_plain_mean: "weighted by w"}},
    {"notebook": "12_doctor", "exercise": 1, "right": [slope_by_p1],
     "wrong": {slope_as_meant: "the loss that was meant", slope_of_sum: "divided by 4"}},
    {"notebook": "12_doctor", "exercise": 2, "right": [after_two_steps],
     "wrong": {after_two_clear_steps: "with zero_grad",
               after_two_first_steps: "the old gradient twice",
               after_a_doubled_step: "the new gradient twice"}},
    {"notebook": "12_doctor", "exercise": 3, "right": [loss_that_survives, loss_by_abs],
     "wrong": {loss_of_the_blackboard: "right on paper", loss_without_the_log: "near 0",
               loss_without_the_slope: "for z < 0", loss_of_the_other_side: "exp(z)"}}]
