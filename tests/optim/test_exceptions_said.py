"""Two rules that differ where no rational number lies are proved equal except there, and
whoever reads the verdict is told."""
import numpy as np
import pytest

import optim

claims = ["gradient_descent"]
WHERE = "except where g**3 = 2"


def turned(theta, g, *, t, lr=0.1):
    return theta - lr*np.where(g**3 == 2, -g, g)


@pytest.mark.parametrize("said", [
    lambda: optim.prove("gradient_descent", turned), lambda: optim.verify(turned),
    lambda: optim.verify(turned)._repr_html_(),
    lambda: optim.compare("gradient_descent", turned),
    lambda: optim.compare("gradient_descent", turned).headline,
    lambda: optim.grade(turned, against="gradient_descent"),
    lambda: optim.derive(turned, against="gradient_descent"),
    lambda: optim.derive(turned, against="gradient_descent")._repr_markdown_()])
def test_an_exception_is_said_wherever_the_verdict_is(said):
    found = str(said())
    assert "PROVED" in found and WHERE in found


def test_what_has_no_exception_says_none():
    assert "except" not in str(optim.verify("momentum")) + str(optim.compare("nag", "nag"))
