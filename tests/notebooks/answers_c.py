"""Reference answers to the exercises of notebooks 11 and 12, and wrong answers.

The form is that of answers.py. They are judged by the questions that stand in the notebook.
"""
import json
from functools import cache
from pathlib import Path

import numpy as np

from .build import code_cells, kind_of, source_of

NOTEBOOKS = Path(__file__).parents[2]/"notebooks"


@cache
def questions(notebook):
    """What the cell of a notebook that asks defines: {name: value}."""
    cells = json.loads((NOTEBOOKS/f"{notebook}.ipynb").read_text(encoding="utf-8"))
    space: dict = {"np": np}
    for cell in code_cells(cells):
        if kind_of(cell) == "[question]":
            exec(source_of(cell), space)
    return space


class Judged:
    """A grade, with its witness: that of the first thing which is wrong."""

    def __init__(self, grade):
        self.grade, self.status = grade, grade.status
        self.witness = next((part.witness for part in grade.quantities.values()
                             if part.status == "REFUTED"), grade.first)

    def __repr__(self):
        return str(self.grade)


def judge(notebook, exercise):
    return lambda answer: Judged(questions(notebook)[f"exercise_{exercise}"](answer))


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


def slope_with_half(p1, y1, y2):
    return (p1 - y1)/2 - (p1 - y2)/2


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
    {"notebook": "11_transformer", "exercise": 1, "judge": judge("11_transformer", 1),
     "right": [share_let_through], "wrong": [share_without_diagonal, share_of_half],
     "diagnosed": [share_without_diagonal, share_of_half]},
    {"notebook": "11_transformer", "exercise": 2, "judge": judge("11_transformer", 2),
     "right": [factor],
     "wrong": [factor_of_variance, factor_of_deviation, negative_factor],
     "diagnosed": [factor_of_variance, factor_of_deviation]},
    {"notebook": "11_transformer", "exercise": 3, "judge": judge("11_transformer", 3),
     "right": [softmax_back, softmax_back_of_differences],
     "wrong": [softmax_back_without_the_other, softmax_back_unnormalised,
               softmax_back_with_plain_mean],
     "diagnosed": [softmax_back_without_the_other, softmax_back_unnormalised]},
    {"notebook": "12_doctor", "exercise": 1, "judge": judge("12_doctor", 1),
     "right": [slope_by_p1], "wrong": [slope_as_meant, slope_of_sum, slope_with_half],
     "diagnosed": [slope_as_meant, slope_of_sum]},
    {"notebook": "12_doctor", "exercise": 2, "judge": judge("12_doctor", 2),
     "right": [after_two_steps],
     "wrong": [after_two_clear_steps, after_two_first_steps, after_a_doubled_step],
     "diagnosed": [after_two_clear_steps, after_two_first_steps]},
    {"notebook": "12_doctor", "exercise": 3, "judge": judge("12_doctor", 3),
     "right": [loss_that_survives, loss_by_abs],
     "wrong": [loss_of_the_blackboard, loss_without_the_log, loss_without_the_slope,
               loss_of_the_other_side],
     "diagnosed": [loss_of_the_blackboard, loss_without_the_log, loss_without_the_slope]}]
