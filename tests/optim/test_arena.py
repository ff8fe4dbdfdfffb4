"""Steps by kernels, in pieces, in place, on two threads, compiled: the rule's bits."""
import ast
import dataclasses
import inspect
import os
import sys

import numpy as np
import pytest
from hypothesis import given, strategies as st

import minigrad as mg
import optim
from minigrad.symbolic import Symbolic
from optim import rules
from optim.claims.kernel_claims import blank, bound, of_kernel
from optim.dialects import keras_rules, optax_rules, pytorch_rules, survey
from optim.formulas.rule_formulas import formula
from optim.optimizers import kernel_steps, rule_kernels, second_thread
from optim.optimizers.bounds import ENDS, Bounds
from optim.optimizers.fused_loops import Loop
from optim.optimizers.optimizer import Optimizer
from optim.optimizers.rule_kernels import kernel_of
from optim.optimizers.signatures import anatomy, first_states, step_of
from optim.optimizers.stretches import stretches_of

from ..cases import each

SHAPES = ((37,), (3, 5), (), (100,), (2, 1))
DIALECTS = {f"{module.__name__.rpartition('.')[2]}.{name}": rule
            for module in (pytorch_rules, optax_rules, keras_rules, survey)
            for name, rule in vars(module).items()
            if inspect.isfunction(rule) and rule.__module__ == module.__name__
            and [*inspect.signature(rule).parameters][:2] == ["theta", "g"]}
LOOPED = rules.RULES | DIALECTS
WAYS = ("at once", "in pieces", "on two threads", "in place", "in place on two threads",
        "at once, in place", "at once, in place on two threads", "compiled",
        "compiled, in place on two threads", "by the rule")
every_rule = each("name", rules.RULES)
every_way = pytest.mark.parametrize("way", WAYS)


class Rounding(Optimizer):
    """As the dialects' optimizers are."""
    _as_libraries = True


def settings_of(rule):
    return {name: 0.1 if default is inspect.Parameter.empty else float(default)
            for name, default in anatomy(rule)[1].items()}


def go(monkeypatch, way):
    """Let even small parameters be stepped in this way."""
    at_once = way.startswith("at once")
    if not at_once:
        monkeypatch.setattr(kernel_steps, "BLOCK", 160)
    if not way.startswith("at once, in place"):
        monkeypatch.setattr(kernel_steps, "lasting_bounds", lambda *part: None)
    if "two threads" in way:
        monkeypatch.setattr(kernel_steps, "is_sooner", lambda entries: True)
    if "in place" in way and not at_once:
        monkeypatch.setattr(kernel_steps, "IN_PLACE", 0)
    if way == "by the rule":
        monkeypatch.setattr(rule_kernels, "find_spec", lambda name: None)
        monkeypatch.setattr(kernel_steps, "kernel_of", kernel_of.__wrapped__)


def made(rule, dtype, way, kind=Optimizer):
    rng = np.random.default_rng(1)
    params = [mg.tensor(rng.standard_normal(s).astype(dtype), requires_grad=True)
              for s in SHAPES]
    return params, kind(params, rule, settings_of(rule), fast="compiled" in way)


def give_gradients(params, seed, scale=1):
    rng = np.random.default_rng(seed)
    for p in params:
        p.grad = np.asarray(scale*rng.standard_normal(p.shape), p.dtype)


def state_of(params, opt):
    """A copy of everything, in bytes."""
    return [p.numpy().tobytes() for p in params], [
        {n: np.asarray(x).tobytes() for n, x in record.items()}
        for record in opt._records()]


# --- the bits are the rule's -----------------------------------------------------------
@every_way
@every_rule
def test_a_step_has_the_bits_of_the_rule(name, way, monkeypatch):
    go(monkeypatch, way)
    rule = rules.RULES[name]
    params, opt = made(rule, np.float32, way)
    alone = [[p.numpy(), *first_states(rule, p.numpy(), settings_of(rule)).values()]
             for p in params]
    for t in range(1, 6):
        give_gradients(params, t)
        if t == 3:
            params[0].data[1] = alone[0][0][1] = 5          # a write from outside counts
        with np.errstate(all="ignore"):
            alone = [[np.asarray(new, np.asarray(old).dtype) if np.ndim(old) else new
                      for old, new in zip(one, step_of(rule, one[0], p.grad, *one[1:], t=t,
                                                       **settings_of(rule)))]
                     for one, p in zip(alone, params)]
        opt.step()
    for p, record, (theta, *states) in zip(params, opt._records(), alone):
        assert p.numpy().tobytes() == np.asarray(theta).tobytes()
        for old, new in zip(states, [*record.values()][1:], strict=True):
            assert np.asarray(old).tobytes() == np.asarray(new).tobytes()


@each("dtype", [np.float16, np.float32, np.float64])
@each("name", DIALECTS)
def test_what_a_kernel_rounds_a_dialects_rule_would_round(name, dtype, monkeypatch):
    found = []
    for way in ("at once", "in place", "by the rule"):
        with monkeypatch.context() as patched:
            go(patched, way)
            params, opt = made(DIALECTS[name], dtype, way, Rounding)
            opt.check_finite = False
            for t in range(4):
                give_gradients(params, t)
                opt.step()
            assert bool(opt._parts[0].kernel) == (way != "by the rule")
            found.append(state_of(params, opt))
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("way", WAYS)
def test_climbing_is_descending_by_the_other_gradient(way, monkeypatch):
    go(monkeypatch, way)
    found = []
    for sign in (1, -1):
        rng = np.random.default_rng(0)
        params = [mg.tensor(rng.standard_normal(s), requires_grad=True) for s in SHAPES]
        opt = optim.dialects.torch.Adam(params, maximize=sign < 0)
        opt.fast = "compiled" in way
        for t in range(3):
            give_gradients(params, t, sign)
            opt.step()
        found.append([p.numpy().tobytes() for p in params])
    assert found[0] == found[1]


def test_each_way_is_taken():
    """Else the tests above would try one way ten times."""
    for way in WAYS:
        with pytest.MonkeyPatch.context() as patched:
            go(patched, way)
            params, opt = made(rules.adam, np.float32, way)
            give_gradients(params, 0)
            opt.step()
            steps = opt._parts[0].kernel
            if way == "by the rule":
                assert steps is False
                continue
            assert steps.threads == 1 + ("two threads" in way)
            assert (not steps.spare) == ("in place" in way)
            (_, halves), *_ = steps.bound.values()
            assert {s.takes_g for half in halves for s in half} == {"compiled" in way}
            assert (len(halves[0] + halves[1]) > 1) == (way not in (
                "at once", "at once, in place"))
            assert bool(halves[1]) == ("two threads" in way)


def test_a_hundred_tensors_are_one_call_of_the_kernel():
    params = [mg.tensor(np.ones(10), requires_grad=True) for _ in range(100)]
    opt = optim.Adam(params)
    give_gradients(params, 0)
    opt.step()
    ((_, (first, second)),) = opt._parts[0].kernel.bound.values()
    assert len(first) == 1 and not second and first[0].stop == 1000


def test_a_parameter_may_be_empty():
    params = [mg.tensor(np.ones(n), requires_grad=True) for n in (0, 2)]
    for ps in (params, params[:1]):
        opt = optim.Adam(ps)
        give_gradients(ps, 0)
        opt.step()
    assert params[0].shape == (0,)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=20), st.integers(1, 40),
       st.integers(0, 60))
def test_stretches_have_every_entry_once(sizes, largest, piece):
    stretches = stretches_of(sizes, largest, piece)
    assert [s.stop for s in stretches[:-1]] == [s.start for s in stretches[1:]]
    assert stretches[0].start == 0 and stretches[-1].stop == sum(sizes)
    starts = np.cumsum([0, *sizes])
    for s in stretches:
        assert s.stop - s.start <= (max(largest, piece) if s.inside else largest)
        if s.inside:
            assert s.last == s.first + 1
            assert (s.start, s.stop) == (starts[s.first] + s.inside.start,
                                         starts[s.first] + s.inside.stop)
        else:
            assert (s.start, s.stop) == (starts[s.first], starts[s.last])


# --- a refused step has changed nothing -------------------------------------------------
SPOILED = {"nan": (np.nan, "gradient is not finite: 1 of 100 entries for parameter 3"),
           "inf": (np.inf, "gradient is not finite: 1 of 100 entries for parameter 3"),
           "overflow": (1e25, "new v is not finite: 1 of 100 entries for parameter 3")}


@every_way
@pytest.mark.parametrize("case", SPOILED)
def test_a_refused_step_has_changed_nothing(case, way, monkeypatch):
    go(monkeypatch, way)
    value, message = SPOILED[case]
    params, opt = made(rules.adam, np.float32, way)
    other, unspoiled = made(rules.adam, np.float32, way)
    for t in range(4):
        for ps in (params, other):
            give_gradients(ps, t)
        if t in (1, 2):
            before = state_of(params, opt)
            kept = params[3].grad[-1]
            params[3].grad[-1] = value
            with pytest.raises(FloatingPointError, match=message):
                opt.step()
            assert state_of(params, opt) == before and opt.t == t
            params[3].grad[-1] = kept
        opt.step()
        unspoiled.step()
        assert state_of(params, opt) == state_of(other, unspoiled)


@every_way
def test_parameters_written_from_outside_are_looked_at(way, monkeypatch):
    go(monkeypatch, way)
    params, opt = made(rules.gradient_descent, np.float32, way)
    give_gradients(params, 0)
    opt.step()
    with mg.no_grad():
        params[3][5] = -3e38
    params[3].grad[5] = 3e38
    opt.param_groups[0]["lr"] = 1.
    before = state_of(params, opt)
    with pytest.raises(FloatingPointError, match="new theta is not finite"):
        opt.step()
    assert state_of(params, opt) == before


@every_way
def test_what_is_not_to_be_checked_is_let_through(way, monkeypatch):
    go(monkeypatch, way)
    params, opt = made(rules.adam, np.float32, way)
    opt.check_finite = False
    give_gradients(params, 0)
    params[0].grad[3] = np.nan
    opt.step()
    assert [*np.flatnonzero(np.isnan(params[0].numpy()))] == [3]
    opt.check_finite = True                     # bounds of before would be wrong by now
    give_gradients(params, 1)
    with pytest.raises(FloatingPointError, match="new theta is not finite"):
        opt.step()


# --- bounds ---------------------------------------------------------------------------
def outside_of(rule, rng, dtype=np.float32):
    """How many results lie outside of the bounds that the rule gives; None: it gives none.
    """
    ends = {n: sorted(rng.choice([-1, 1], 2)*10.**rng.uniform(-30, 20, 2))
            for n in ("theta", "g", *anatomy(rule)[0])}
    for n in ends:
        if n.startswith("v"):
            ends[n] = [0., abs(ends[n][1])]
    known = {n: Bounds(*x, dtype) for n, x in ends.items()}
    points = {n: np.concatenate([np.array(x, dtype), rng.uniform(*x, 30).astype(dtype)])
              for n, x in ends.items()}
    arrays = {n: rng.choice(x, 500) for n, x in points.items()}
    t = int(rng.integers(1, 100))
    try:
        after = step_of(rule, *known.values(), t=t, **settings_of(rule))
    except (TypeError, ValueError, ArithmeticError):
        return None
    with np.errstate(all="ignore"):
        came = step_of(rule, *arrays.values(), t=t, **settings_of(rule))
    return sum(np.count_nonzero(~((x >= bounds.low) & (x <= bounds.high)))
               for x, bounds in zip(came, after) if isinstance(bounds, Bounds))


def many(rule):
    rng = np.random.default_rng(0)
    return [n for n in (outside_of(rule, rng) for _ in range(60)) if n is not None]


@every_rule
def test_every_result_lies_within_the_bounds(name):
    assert not any(many(rules.RULES[name]))


def test_bounds_are_found_for_most_rules():
    without = {name for name, rule in rules.RULES.items() if not many(rule)}
    assert len(without) < len(rules.RULES)/2
    assert not without & {"gradient_descent", "momentum", "adam", "adamw", "rmsprop"}


def strays(ufunc, dtype=np.float32):
    """How many values of a function lie outside of its bounds, of how many."""
    rng, out, count = np.random.default_rng(0), 0, 0
    for _ in range(200):
        ends = [sorted(rng.choice([-1, 1], 2)*10.**rng.uniform(-25, 18, 2))
                for _ in range(ufunc.nin)]
        try:
            bounds = ufunc(*[Bounds(*x, dtype) for x in ends])
        except (ArithmeticError, ValueError, TypeError):
            continue
        points = [rng.choice(np.array([*x, *rng.uniform(*x, 30)], dtype), 100)
                  for x in ends]
        came = ufunc(*points)
        out += np.count_nonzero(~((came >= bounds.low) & (came <= bounds.high)))
        count += came.size
    return out, count


@pytest.mark.parametrize("ufunc", ENDS)
def test_every_value_lies_within_the_bounds(ufunc):
    out, count = strays(ufunc)
    assert out == 0 and count > 5000


@pytest.mark.parametrize("ufunc", ENDS)
def test_wrong_bounds_are_noticed(ufunc, monkeypatch):
    right = ENDS[ufunc]

    def narrower(*x):
        low, high = right(*x)
        return low + (high - low)/100, high

    monkeypatch.setitem(ENDS, ufunc, narrower)
    assert strays(ufunc)[0]


@pytest.mark.parametrize("f", [
    lambda x: 1/x, lambda x: np.sqrt(x), lambda x: x/(x*0 + 1e-46), lambda x: x*1e38*10,
    lambda x: (x*1e30)**2, lambda x: 1e300*(x*0), lambda x: x**3, lambda x: np.exp(x),
    lambda x: x**(x*0 + 2)])
def test_what_may_not_be_finite_has_no_bounds(f):
    with pytest.raises((ArithmeticError, ValueError, TypeError)):
        f(Bounds(-1., 2., np.float32))
    with pytest.raises(OverflowError):
        Bounds(0., np.nan, np.float32)


# --- the second thread -----------------------------------------------------------------
def test_both_jobs_give_their_results_or_raise():
    worker = second_thread.worker()
    assert worker.both(lambda: 1, lambda: 2) == (1, 2)
    for jobs in ((lambda: 1, lambda: 1/0), (lambda: 1/0, lambda: 1)):
        with pytest.raises(ZeroDivisionError):
            worker.both(*jobs)
    assert worker.both(lambda: 3, lambda: 4) == (3, 4)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes are forked here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*fork.*:RuntimeWarning")      # JAX's, where it runs
def test_a_forked_process_has_a_second_thread_of_its_own():
    second_thread.worker()
    child = os.fork()
    if not child:
        right = second_thread.worker().both(lambda: 1, lambda: 2) == (1, 2)
        os._exit(0 if right else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_two_threads_are_chosen_where_they_are_sooner_done(monkeypatch):
    took, count = {"alone": 1., "shared": .8}, iter(range(10**6))
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(second_thread, "processors", lambda: 2)
    monkeypatch.setattr(second_thread, "seconds", lambda job: took[
        ("alone", "shared")[next(count) % 2]])
    chosen = second_thread.is_sooner_measured.__wrapped__
    assert chosen(15)
    took["shared"] = .81
    assert not chosen(15)
    monkeypatch.setattr(second_thread, "is_sooner_measured", lambda power: power == 15)
    assert [second_thread.is_sooner(n) for n in (2**15 - 1, 2**15, 2**16 - 1, 2**16)] == [
        False, True, True, False]
    for said, two in (("1", False), ("2", True), ("1,2", False), ("many", True)):
        monkeypatch.setenv("OMP_NUM_THREADS", said)
        assert second_thread.is_sooner(2**15) is two
    monkeypatch.delenv("OMP_NUM_THREADS")
    monkeypatch.setattr(second_thread, "processors", lambda: 1)
    assert not second_thread.is_sooner(2**15)


# --- the sources are the rules ------------------------------------------------------------
@each("name", DIALECTS)
def test_what_runs_for_a_dialects_rule_is_proved_to_be_it(name):
    (claim,) = of_kernel(formula(DIALECTS[name]), DIALECTS[name])
    assert claim.verdict.status == "PROVED"


SLIPS = {"another operation": ("subtract(theta, a", "add(theta, a"),
         "another operand": ("multiply(k2, b, b)", "multiply(k, b, b)"),
         "a result elsewhere": ("add(a, b, m", "add(a, b, v"),
         "a line lost": ("        multiply(lr, a, a)\n", ""),
         "a number": ("1 - beta1**t", "1 - beta2**t")}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_the_printer_is_refuted(slip, monkeypatch):
    from optim.claims import kernel_claims
    right, wrong = SLIPS[slip]
    kernel = kernel_of(rules.adam, np.dtype(float), frozenset(), False)
    changed = dataclasses.replace(kernel, **{
        name: form._replace(source=form.source.replace(right, wrong))
        for name in ("numbers", "into_others") for form in [getattr(kernel, name)]})
    assert (changed.numbers, changed.into_others) != (kernel.numbers, kernel.into_others)
    monkeypatch.setattr(kernel_claims, "kernel_of", lambda *key: changed)
    (claim,) = of_kernel(formula("adam"), rules.adam)
    assert claim.verdict.status == "REFUTED"


def test_a_value_that_is_overwritten_too_soon_is_refuted(monkeypatch):
    """As in place, where a printer that does not look would read what it has written."""
    from optim.claims import kernel_claims
    kernel = kernel_of(rules.momentum, np.dtype(float), frozenset(), False)
    early = kernel.in_place.source.replace("multiply(mu, m, m)", "multiply(mu, m, g)")
    changed = dataclasses.replace(kernel, in_place=kernel.in_place._replace(source=early))
    assert early != kernel.in_place.source
    monkeypatch.setattr(kernel_claims, "kernel_of", lambda *key: changed)
    (claim,) = of_kernel(formula("momentum"), rules.momentum)
    assert claim.verdict.status == "REFUTED"


def test_a_rule_that_writes_or_branches_has_no_kernel():
    def writing(theta, g, *, t, lr):
        theta -= lr*g
        return theta

    def branching(theta, g, *, t, lr):
        return theta - (lr if t > 3 else 2*lr)*g

    def summing(theta, g, *, t, lr):
        return theta - lr*g/np.sum(g*g)

    for rule in (writing, branching, summing):
        assert kernel_of(rule, np.dtype(float), frozenset(), False) is None


OUTSIDE = {"kept": .5}
THESE = sys.modules[__name__]


def test_what_a_rule_reads_outside_may_change(monkeypatch):
    inside = .5

    def by_closure(theta, g, *, t, lr):
        return theta - inside*g

    def by_global(theta, g, *, t, lr):
        return theta - OUTSIDE["kept"]*g

    def by_module(theta, g, *, t, lr):
        return theta - these.OUTSIDE["kept"]*g

    def by_global_module(theta, g, *, t, lr):
        return theta - THESE.OUTSIDE["kept"]*g

    these = THESE
    for rule in (by_closure, by_global, by_module, by_global_module):
        p = mg.tensor([1.], requires_grad=True)
        opt = Optimizer([p], rule, {"lr": 0.})
        for value in (.5, .25, .5):
            inside = value
            monkeypatch.setitem(OUTSIDE, "kept", value)
            before, p.grad = p.item(), np.array([1.])
            opt.step()
            assert before - p.item() == value, rule


# --- the extra `fast` ---------------------------------------------------------------------
def test_fast_without_numba_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr("optim.optimizers.groups.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "minigrad-optim\[fast\]"'):
        optim.Adam([mg.tensor([1.], requires_grad=True)], fast=True)


class OnLetters(ast.NodeTransformer):
    """`a if c else b` of a loop as np.where(c, a, b), and np.float64(x) as x."""

    def visit_IfExp(self, node):
        self.generic_visit(node)
        where = ast.Name("where", ast.Load())
        return ast.Call(where, [node.test, node.body, node.orelse], [])

    def visit_Call(self, node):
        self.generic_visit(node)
        return node.args[0] if ast.unparse(node.func) == "np.float64" else node


def looped(rule, f, source):
    """theta and the states that are arrays after a step in place of a loop's source."""
    floats = floats_of(rule)
    kernel = kernel_of(rule, np.dtype(float), floats, True)
    tree = OnLetters().visit(ast.parse(source(kernel)))
    names = {}
    exec(compile(ast.fix_missing_locations(tree), "<loop on letters>", "exec"), names)
    names["where"] = np.where
    letters = {n: Symbolic(x) for n, x in f.symbols.items()}
    states, hyperparameters = anatomy(rule)
    numbers = bound(kernel.numbers.source)(*blank(kernel.numbers, ()))(*[
        letters[n] for n in (*(n for n in states if n in floats), "t", *hyperparameters)])
    numbers = numbers if isinstance(numbers, tuple) else (numbers,)
    arrays = {n: [letters[n]] for n in ("theta", "g", *states) if n not in floats}
    names["step"](*arrays.values(), *numbers[:kernel.passed])
    return {n: Symbolic(x[0]).expr for n, x in arrays.items() if n != "g"}


@each("name", LOOPED)
def test_the_compiled_loop_is_proved_to_be_the_rule(name):
    f = formula(LOOPED[name])
    came = looped(LOOPED[name], f, lambda kernel: Loop(kernel.programs[1]).source)
    for n, e in came.items():
        assert optim.prove(e, f.update[n]).status == "PROVED", n


def test_a_slip_in_the_loop_is_refuted():
    came = looped(rules.adam, formula("adam"), lambda kernel: Loop(
        kernel.programs[1]).source.replace("divide(x6, x8)", "divide(x8, x6)"))
    assert optim.prove(came["theta"], formula("adam").update["theta"]).status == "REFUTED"


# Each is a compilation; all of them:
# MINIGRAD_EVERY=1 python -m pytest tests/optim/test_arena.py
COMPILED = sorted(DIALECTS)[::int(os.environ.get("MINIGRAD_EVERY", 3))]


@each("name", COMPILED)
def test_the_compiled_loop_agrees_to_an_ulp(name, monkeypatch):
    """numba rounds as NumPy does, but for powers of arrays, of which no rule takes one."""
    found = []
    for way in ("at once", "compiled"):
        with monkeypatch.context() as patched:
            go(patched, way)
            params, opt = made(DIALECTS[name], np.float32, way, Rounding)
            opt.check_finite = False
            for t in range(4):
                give_gradients(params, t)
                opt.step()
            found.append([p.numpy() for p in params])
    for a, b in zip(*found):
        np.testing.assert_array_max_ulp(a, b, 1)


def floats_of(rule):
    return frozenset(n for n, x in first_states(rule, np.ones(1), settings_of(rule)).items()
                     if type(x) is float)


def zeros(shape, dtype, kind):
    g = np.zeros(shape, dtype)
    g.reshape(-1)[::2] = -0.0
    return -g if kind else g


GRADIENTS = {
    "nan": lambda p, t: p.numpy()*(np.nan if t == 2 else 1),
    "inf": lambda p, t: np.where(p.numpy() > 0, np.inf, 1) if t == 2 else p.numpy(),
    "zeros": lambda p, t: zeros(p.shape, p.dtype, t % 2),
    "huge": lambda p, t: p.numpy()*np.finfo(p.dtype).max/8,
    "tiny": lambda p, t: p.numpy()*np.finfo(p.dtype).tiny,
    "strided": lambda p, t: np.repeat(p.numpy(), 2).reshape(-1)[::2].reshape(p.shape),
    "turned": lambda p, t: np.asarray(p.numpy()*(t - 2), order="F")}


@each("kind", GRADIENTS)
@each("dtype", [np.float16, np.float32, np.float64])
@each("rule", [rules.adam, rules.rprop, rules.adadelta, rules.ftrl],
      ids=lambda rule: rule.__name__)
def test_a_loop_steps_or_refuses_as_numpy_does(rule, dtype, kind):
    def history(fast):
        rng, seen = np.random.default_rng(0), []
        params = [mg.tensor(rng.standard_normal(shape).astype(dtype), requires_grad=True)
                  for shape in ((3, 4), (7,), (), (0,), (1, 1))]
        opt = Optimizer(params, rule, fast=fast)
        with np.errstate(all="ignore"):
            for t in range(5):
                for p in params:
                    p.grad = np.asarray(GRADIENTS[kind](p, t), dtype)
                try:
                    opt.step()
                except FloatingPointError as error:
                    seen.append(str(error))
                seen += [p.numpy().tobytes() for p in params]
                for state in opt.state_dict()["state"].values():
                    seen += [np.asarray(x).tobytes() for x in state.values()]
        return seen
    assert history(True) == history(False)
