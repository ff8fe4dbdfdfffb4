"""The playground's mathematics in a browser, beside Python: what its tests share."""
import itertools
import math

import numpy as np

import optim
from optim.landscapes import LANDSCAPES
from optim.optimizers.signatures import (
    REQUIRED, anatomy, first_states, is_of_whole_parameters, step_of)
from optim.playground.dialect_rules import keys
from optim.playground.rule_entries import RATE

RULES = {key: rule for key, (_, rule) in keys().items()}
CLOSE = 1e-12           # of the larger coordinate of a point, or entry of a state
# In the page: {key: path} of runs [key, landscape, steps, hyper], each from its start.
PATHS = """runs => runs.map(([key, name, steps, own]) => {
  const rule = MG.rules[key], land = MG.landscapes[name], h = {};
  for (const n in rule.hyper) h[n] = n in own ? own[n] : rule.hyper[n].value;
  let theta = Float64Array.from(land.start), state = rule.init(theta, h);
  const path = [[...theta]];
  for (let t = 1; t <= steps; t++) {
    const g = land.noisy ? land.sampledGradient(...theta, t) : land.gradient(...theta);
    ({theta, state} = rule.step(theta, Float64Array.from(g), state, t, h));
    if (land.project) theta = Float64Array.from(land.project(...theta));
    path.push([...theta]);
  }
  return path;
})"""
# In the page: one step each of [key, theta, g, states in order, t, hyper].
STEPS = """steps => steps.map(([key, theta, g, states, t, h]) => {
  const rule = MG.rules[key], state = {}, own = {};
  for (const [n, x] of Object.entries(states)) state[n] = Array.isArray(x)
    ? Object.assign(Float64Array.from(x[1]), x[0].length > 1 ? {shape: x[0]} : {}) : x;
  const after = rule.step(Float64Array.from(theta), Float64Array.from(g), state, t, h);
  const flat = x => typeof x === "number" ? [x] : [...x];
  return [flat(after.theta), ...rule.states.map(n => flat(after.state[n]))];
})"""
STARTS = """starts => starts.map(([key, theta, h]) => {
  const state = MG.rules[key].init(Float64Array.from(theta), h);
  return MG.rules[key].states.map(n => typeof state[n] === "number" ? [state[n]]
                                       : [...state[n]]);
})"""


def defaults(rule):
    """A rule's hyperparameters; a learning rate that has no default as the page has it."""
    return {n: RATE if x is REQUIRED else x for n, x in anatomy(rule)[1].items()}


def differences(mine, other):
    """How far apart two points, or arrays of states, are: of the largest entry in size.

    NaN is as far from a number as can be, and not from NaN.
    """
    mine, other = np.asarray(mine, float), np.asarray(other, float)
    lost = np.isnan(mine) & np.isnan(other)
    with np.errstate(all="ignore"):
        apart = np.abs(mine - other)
        size = np.max(np.where(np.isfinite(other), np.abs(other), 0), axis=-1,
                      keepdims=True, initial=0)
        return np.where(lost | (mine == other), 0, np.where(
            np.isnan(apart), np.inf, apart/np.where(size > 0, size, 1)))


def python_path(key, name, steps):
    """The points of a rule on a landscape, as optim.minimize and races run it."""
    rule, land = RULES[key], LANDSCAPES[name]
    f = land.seen(0) if land.sampled else land
    if land.project:
        from optim.races.contests import projected
        rule = projected(rule, land.project)
    return optim.minimize(f, land.start, rule, steps, check_finite=False,
                          **defaults(RULES[key])).theta


def numbers(path):
    """A path that came as JSON, in which NaN and inf are null or numbers."""
    return np.array([[math.nan if x is None else x for x in point] for point in path])


# --------------------------------------------------------------- single steps at any point
SPECIAL = [0.0, -0.0, 1.0, -1.0, 1e-300, -1e-30, 1e30, 5e-324, math.inf, -math.inf,
           math.nan]


def some_step(key, rng, special=False):
    """[key, theta, g, states, t, hyper] at random, states as far steps leave them."""
    rule = RULES[key]
    h = {n: drawn(n, x, rng) for n, x in defaults(rule).items()}
    theta, g = rng.normal(size=2)*3, rng.normal(size=2)*10**rng.uniform(-3, 3)
    t = int(rng.integers(1, 400))
    if special:
        g[rng.integers(2)] = rng.choice(SPECIAL)
        theta[rng.integers(2)] = rng.choice(SPECIAL[:8])
        theta, g = theta*(rng.uniform() < 0.8), g*(rng.uniform() < 0.8)
    states = first_states(rule, theta, h)
    with np.errstate(all="ignore"):
        for k in range(1, 4):                   # so that the states are states of the rule
            _, *after = step_of(rule, theta, rng.normal(size=2), *states.values(), t=k, **h)
            states = {n: x if np.ndim(old) else float(x)
                      for (n, old), x in zip(states.items(), after)}
    return [key, theta, g, states, t, h]


def drawn(name, value, rng):
    """A value of a hyperparameter in the range of its slider."""
    from optim.playground.rule_entries import slider
    _, low, high, log = slider(name, value)
    x = math.exp(rng.uniform(math.log(low), math.log(high))) if log else rng.uniform(
        low, high)
    return float(value if rng.uniform() < 0.5 or name in ("smallest", "offset") else x)


def sent(step):
    """A step as JSON of Playwright, which knows inf and NaN."""
    key, theta, g, states, t, h = step
    return [key, theta.tolist(), g.tolist(), {
        n: [[*x.shape], x.ravel().tolist()] if np.ndim(x) else float(x)
        for n, x in states.items()}, t, h]


def python_step(step):
    key, theta, g, states, t, h = step
    with np.errstate(all="ignore"):
        after = step_of(RULES[key], theta, g, *states.values(), t=t, **h)
    return [np.ravel(x) for x in after]


def every_run(rules, names, steps):
    return [[key, name, steps, {}] for key, name in itertools.product(rules, names)]


WHOLE = {key for key, rule in RULES.items() if is_of_whole_parameters(rule)}
