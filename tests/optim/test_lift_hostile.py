"""What would fool the lifting of homework is refused by its name, or found.

What is found is stated once more, and proved to be that.
"""
import inspect

import numpy as np
import pytest

import optim

from . import homework_hostile as hostile

LOST = "would lose|not remembered|outside of|its own|remembers nothing|not known|itself"
SEEN = "cannot be read|changes|appears after|has shape|uses|float\\(\\)"
MIXED = ("not elementwise|one point|not made alike|depends on|does not depend|fails|"
         "goes? two|more than 100|itself")
REFUSED = {
    **dict.fromkeys("FloatOfEntry Item ThroughJson IntOfCounter IntAsked FloatAsked "
                    "NumpyFloatAsked CloseAsked NumpyCloseAsked WholeAsked TextAsked "
                    "Hashed Rounded Decimals Single Listed Bytes Whole KindAsked NodeAsked "
                    "DtypeAsked".split(), LOST),
    **dict.fromkeys("Iterator Generator Cache Growing Queue Switch Text Documentation "
                    "Complex SetOfNumbers ByteArray Annotations InNumPy OtherShape "
                    "Environment Thread Clock Chance NumPyChance Evaluated "
                    "own_default".split(), SEEN + "|itself"),
    **dict.fromkeys("Sum Mean Cumulated Sorted First Flipped Rolled Product Largest "
                    "Anywhere Length Size Dimensions Transposed CountsParameters by_place "
                    "the_step_alone loop".split(), MIXED)}


def twice_where(condition):
    """Gradient descent of twice the size where the condition of t holds."""
    def rule(theta, g, *, t, lr=0.1):
        return theta - lr*g*np.where(condition(t), 2, 1)
    return rule


def powers(theta, g, k=1, *, t, lr=0.1):
    k = 3*k/2
    return theta - lr*g*np.where(k > 1e9, 2, 1), k


def along_the_unit_vector(theta, g, *, t, norm_g, lr=0.1):
    return theta - lr*g/norm_g


def over_all_squares(theta, g, *, t, global_norm_g, lr=0.1):
    return theta - lr*g/global_norm_g**2


def default_asked(theta, g, *, t, lr=0.1):
    return theta - lr*g*np.where(lr == 1/10, 2, 1)


def set_later(theta, g, lr_0=lambda theta, lr: lr + 0*theta, *, t, lr=0.1):
    lr_0 = np.where(t == 30, lr_0/10, lr_0)
    return theta - lr_0*g, lr_0


FOUND = {
    "Late": twice_where(lambda t: t > 100), "VeryLate": twice_where(lambda t: t > 5000),
    "Once": twice_where(lambda t: t == 777),
    "Nested": twice_where(lambda t: t > 3000), "InDict": twice_where(lambda t: t > 3000),
    "Counted": twice_where(lambda t: t > 3000), "Powers": powers,
    "DefaultAsked": default_asked, "Norm": along_the_unit_vector,
    "norm_of_all": over_all_squares}
ON_NUMBERS = {"EveryNow", "InList", "Overwritten", "SetLater", "ZeroLater", "Skipping"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_followed_is_refused(name):
    with pytest.raises((ValueError, NotImplementedError, TypeError), match=REFUSED[name]):
        optim.lift(getattr(hostile, name))


@pytest.mark.parametrize("name", FOUND)
def test_what_happens_late_is_found(name):
    verdict = optim.prove(optim.lift(getattr(hostile, name)).rule, FOUND[name])
    assert verdict.status == "PROVED", verdict


@pytest.mark.parametrize("name", sorted(ON_NUMBERS | {"Late", "Powers"}))
def test_what_is_found_is_so_on_a_run_that_is_longer(name):
    """Against the class itself, each step from its own parameter; states run along."""
    found = optim.lift(getattr(hostile, name))
    own, rng = getattr(hostile, name)(), np.random.default_rng(1)
    names = [*found.init]
    hyper = {n: 0.1 for n in found.symbols if n == "lr"}
    states = [float(found.init[n].subs({found.symbols[k]: x for k, x in hyper.items()}))
              for n in names]
    theta = rng.normal(size=3)
    for t in range(1, 2500):
        g = rng.normal(size=3)
        after = found.rule(theta, g, *states, t=t, **hyper)
        new, *states = after if isinstance(after, tuple) else (after,)
        theta = own(theta, g)
        np.testing.assert_allclose(new, theta, rtol=1e-9, atol=1e-12)


def test_every_program_is_tried():
    written = {n for n, x in vars(hostile).items() if inspect.isclass(x) and issubclass(
        x, hostile.Plain)} | {"by_place", "norm_of_all", "the_step_alone", "loop",
                              "own_default"}
    assert written - {"Plain"} == REFUSED.keys() | FOUND.keys() | ON_NUMBERS


def test_the_plain_program_itself_is_lifted():
    verdict = optim.prove(optim.lift(hostile.Plain).rule, "gradient_descent")
    assert verdict.status == "PROVED"
