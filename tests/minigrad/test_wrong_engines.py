"""Each wrong engine errs where it is said to, nowhere smaller, and never outside its block.

The truth is forward mode on whole numbers, in ten lines of its own: no tape is in it.
"""
import asyncio
import contextvars
import itertools
import threading
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad import tape
from minigrad.displays import Displays
from minigrad.explanation import wrong_engine, wrong_engines
from minigrad.explanation.wrong_on_purpose import ENGINES, RIGHT, innermost
from minigrad.explanation.wrong_programs import START, Program

NAMES = "abcdefgh"
CLOSE = 1e-12           # products of up to 2**5 whole numbers below 2**4, in doubles
EXAMPLES = pytest.mark.parametrize("example", wrong_engines(), ids=lambda e: e.name)
LATER = {"database": None, "derandomize": True, "deadline": None,
         "suppress_health_check": [HealthCheck.too_slow]}


class Dual:
    """A value and its slopes by a and by b, entry by entry."""

    def __init__(self, x, by_a, by_b):
        self.x, self.by_a, self.by_b = x, by_a, by_b

    def __add__(self, other):
        return Dual(self.x + other.x, self.by_a + other.by_a, self.by_b + other.by_b)

    def __mul__(self, other):
        return Dual(self.x*other.x, self.by_a*other.x + self.x*other.by_a,
                    self.by_b*other.x + self.x*other.by_b)

    def sum(self, axis=None, out=None):
        return {"a": np.sum(self.by_a), "b": self.by_b + 0*np.array(START["b"])}


def truth(program):
    b = np.array(START["b"])
    return program.result({"a": Dual(START["a"], 1.0, 0.0), "b": Dual(b, 0*b, 0*b + 1)})


def is_right(program, name=None):
    """Whether an engine, the right one without a name, gives the true gradients."""
    example = next((e for e in wrong_engines() if e.name == name), None)
    found = example.wrong(program) if example else program.gradients()
    zeros = {name: np.zeros(np.shape(value)) for name, value in START.items()}
    return all(np.shape(g) == np.shape(h) and np.allclose(g, h, rtol=CLOSE, atol=0)
               for g, h in zip((zeros | found).values(), truth(program).values()))


def texts(lines):
    """All programs of so many lines."""
    for before in texts(lines - 1) if lines > 1 else [""]:
        new = NAMES[lines + 1]
        for x, y in itertools.combinations_with_replacement(NAMES[:lines + 1], 2):
            for sign in "+*":
                yield f"{before}{'; ' if before else ''}{new} = {x} {sign} {y}"


def programs(largest):
    """All programs in the order of lines + passes, those of fewer passes first."""
    for size in range(1, largest + 1):
        for passes in range(1, size + 1):
            for text in texts(size - passes + 1):
                yield Program(text, passes)


def size_of(program):
    return len(program.text.split(";")) + program.passes - 1


@st.composite
def random_programs(draw, most=5):
    lines = []
    for k in range(draw(st.integers(1, most))):
        x, y = (draw(st.sampled_from(NAMES[:k + 2])) for _ in range(2))
        lines.append(f"{NAMES[k + 2]} = {x} {draw(st.sampled_from('+*'))} {y}")
    return Program("; ".join(lines), draw(st.integers(1, 2)))


@pytest.fixture(autouse=True)
def the_right_engine_is_back():
    yield
    assert innermost() is None and Displays._origin is RIGHT_ORIGIN
    assert {job: getattr(tape, job) for job in RIGHT} == RIGHT


RIGHT_ORIGIN = Displays._origin


def slope_of_a_plus_a():
    a = mg.tensor(3.0, requires_grad=True)
    (a + a).backward()
    return float(a.grad)


# --- what is stored ---------------------------------------------------------------------
@EXAMPLES
def test_the_stored_programs_are_the_smallest_there_are(example):
    every = [*programs(2)]
    errs = [p for p in every if not is_right(p, example.name)]
    assert errs[0] == example.errs
    others = [e.name for e in wrong_engines() if e is not example]
    assert example.agrees == next(p for p in every if p not in errs and not all(
        is_right(p, other) for other in others))


@EXAMPLES
def test_a_random_program_on_which_it_errs_shrinks_to_one_of_that_size(example):
    found = find(random_programs(), lambda p: not is_right(p, example.name),
                 settings=settings(max_examples=100, **LATER))
    assert size_of(found) == size_of(example.errs)


@given(random_programs())
@settings(max_examples=100, **LATER)
def test_the_right_engine_is_right_on_random_programs(program):
    assert is_right(program)


def test_the_right_engine_is_right_on_every_program_of_two_lines():
    every = [*programs(2)]
    assert len(every) == 6 + 72 + 6 and all(map(is_right, every))


@EXAMPLES
def test_it_errs_on_the_one_program_and_not_on_the_other_and_only_in_its_block(example):
    assert not is_right(example.errs, example.name)
    assert is_right(example.agrees, example.name)
    assert is_right(example.errs) and is_right(example.agrees)


def test_the_table_says_what_each_engine_gives_now():
    table = wrong_engines()
    assert [e.name for e in table] == [*ENGINES]
    text, html = str(table), table._repr_html_()
    for row in table.rows():
        assert row[0] in text and row[3] in text and f"<td>{row[4]}</td>" in html
    assert [row[3:5] for row in table.rows()] == [
        ("a: 2", "a: 4"), ("a: 1", "a: 2"), ("a: [1, 1], b: [1, 1]", "a: 2, b: [1, 1]"),
        ("a: 4", "a: 2")]


@pytest.mark.parametrize("name", ENGINES)
def test_its_source_stands_beside_the_right_one_and_is_short(name):
    source = wrong_engine(name).source
    right, wrong = source.split("\n\n\n")
    assert right.startswith(f"def {ENGINES[name][1]}(")
    assert wrong.startswith(f"def {ENGINES[name][2].__name__}(")
    assert len(wrong.splitlines()) <= 15


# --- it says so -------------------------------------------------------------------------
def test_it_warns_once_marks_tensors_and_signs_errors():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with pytest.raises(ValueError, match="sum it") as caught, wrong_engine("= for +="):
            assert slope_of_a_plus_a() == slope_of_a_plus_a() == 1
            x = mg.tensor([1.0], requires_grad=True)
            assert "made by multiply, WRONG ENGINE: = for +=)" in repr(2*x)
            assert "WRONG ENGINE: = for +=" in (2*x)._repr_html_()
            mg.tensor([1.0, 2.0], requires_grad=True).backward()
    assert len(said) == 1 and said[0].filename == __file__
    assert "= for +=: a second cotangent overwrites" in str(said[0].message)
    assert any("wrong on purpose: = for +=" in note for note in caught.value.__notes__)
    assert "WRONG" not in repr(2*x)


def test_a_misspelled_name_is_answered_with_the_names():
    for name, meant in (("no topological ordr", "no topological order"),
                        ("DFS", "no topological order"), ("no zero grad", "no zero_grad"),
                        ("unbroadcast", "no unbroadcast")):
        with pytest.raises(ValueError, match=f"did you mean {meant}.*there are 'no topo"):
            wrong_engine(name)
    for name in (None, 3, ["= for +="]):
        with pytest.raises((ValueError, TypeError)):
            wrong_engine(name)
    assert {"wrong_engine", "wrong_engines"} <= {*dir(mg.explanation)}


def test_where_warnings_are_errors_nothing_is_switched_on():
    with pytest.raises(UserWarning, match="wrong on purpose"), wrong_engine("= for +="):
        pass
    assert slope_of_a_plus_a() == 2


# --- only where it is on ------------------------------------------------------------------
@pytest.mark.parametrize("outer, inner", [*itertools.permutations(ENGINES, 2)])
def test_of_nested_blocks_the_innermost_counts_also_after_an_exception(outer, inner):
    programs = {e.name: e.errs for e in wrong_engines()}

    def errs():
        return [name for name, program in programs.items() if not np.array_equal(
            program.gradients()["a"], truth(program)["a"])]
    with on_only(outer):
        alone = errs()
        with pytest.raises(KeyError), on_only(inner):
            assert errs() == errs_alone(inner)
            raise KeyError
        assert errs() == alone == errs_alone(outer)
    assert errs() == []


def errs_alone(name):
    """The engines' own programs on which the engine of this name errs."""
    return [e.name for e in wrong_engines() if not is_right(e.errs, name)]


def on_only(name):
    """The block without its warning."""
    class quiet(wrong_engine):
        def __enter__(self):
            with warnings.catch_warnings(action="ignore"):
                return super().__enter__()
    return quiet(name)


def test_another_thread_has_the_right_engine_and_so_has_another_task():
    inside, done, found = threading.Event(), threading.Event(), []

    def elsewhere():
        inside.wait(10)
        found.append(slope_of_a_plus_a())
        done.set()
    other = threading.Thread(target=elsewhere)
    other.start()
    with on_only("= for +="):
        inside.set()
        assert done.wait(10) and slope_of_a_plus_a() == 1
    other.join()

    async def wrong(started, go):
        with on_only("= for +="):
            started.set()
            await go.wait()
            found.append(slope_of_a_plus_a())

    async def both():
        started, go = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(wrong(started, go))
        await started.wait()
        found.append(slope_of_a_plus_a())
        go.set()
        await task
    asyncio.run(both())
    assert found == [2, 2, 1]


def test_two_threads_with_two_engines_do_not_meet():
    barrier, found = threading.Barrier(2, timeout=10), {}

    def work(name):
        with on_only(name):
            for _ in range(20):
                barrier.wait()
                found.setdefault(name, []).append(slope_of_a_plus_a())
    threads = [threading.Thread(target=work, args=[name])
               for name in ("= for +=", "no zero_grad")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"= for +=": [1.0]*20, "no zero_grad": [2.0]*20}


def test_a_block_of_a_generator_ends_where_it_is_closed_also_in_another_thread():
    def lesson():
        with on_only("= for +="):
            yield slope_of_a_plus_a()
    def caller():
        steps = lesson()
        assert next(steps) == 1 and slope_of_a_plus_a() == 1    # the caller is inside
        thread = threading.Thread(target=steps.close)
        thread.start()
        thread.join()
        assert slope_of_a_plus_a() == 2
    contextvars.copy_context().run(caller)


def test_it_decorates_a_function_that_calls_itself_but_none_that_runs_later():
    @wrong_engine("= for +=")
    def wrong(depth):
        return wrong(depth - 1) if depth else slope_of_a_plus_a()
    with pytest.warns(UserWarning, match="wrong on purpose"):
        assert wrong(2) == 1
    assert slope_of_a_plus_a() == 2
    with pytest.raises(TypeError, match=r"write `with wrong_engine\(name\):` inside it"):
        @wrong_engine("= for +=")
        def later():
            yield


def test_one_object_may_be_entered_again_and_inside_itself():
    block = on_only("= for +=")
    for _ in range(2):
        with block:
            with block:
                assert slope_of_a_plus_a() == 1
            assert slope_of_a_plus_a() == 1 and "on:" in repr(block)
        assert slope_of_a_plus_a() == 2 and "off:" in repr(block)


# --- with the rest of the engine --------------------------------------------------------
def test_a_compiled_step_is_wrong_inside_right_outside_and_never_recorded_wrong():
    leaf = mg.tensor(3.0, requires_grad=True)

    @mg.compile
    def step(x):
        leaf.grad = None
        ((leaf*x + leaf)*leaf).backward()

    x, found = np.float64(2), []
    for _ in range(4):
        step(x)
        found.append(float(leaf.grad))
        with on_only("= for +="):
            step(x)
            found.append(float(leaf.grad))
    assert found == [18, 6]*4 and "def " in step.source

    @mg.compile
    def teaching(x):
        with wrong_engine("= for +="):
            return mg.grad(lambda x: x + x)(x)
    with pytest.raises(RuntimeError, match="mg.compile is recording"):
        teaching(x)


@pytest.mark.parametrize("name, slope, curvature", [
    ("= for +=", 9, 3), ("no topological order", 27, 3), ("no unbroadcast", 27, 18),
    ("no zero_grad", 27, 18)])
def test_functions_are_differentiated_by_it_too_but_they_have_nothing_to_clear(
        name, slope, curvature):
    cube = mg.grad(lambda x: x*(x*x))
    with on_only(name):
        assert cube(3.0) == slope and mg.grad(cube)(3.0) == curvature
    assert cube(3.0) == 27 and mg.grad(cube)(3.0) == 18


def test_a_network_is_not_trained_without_a_clear_gradient():
    model = mg.nn.Linear(2, 1, rng=0)
    x, norms = np.ones((1, 2), np.float32), []
    with on_only("no zero_grad"):
        for _ in range(3):
            model.zero_grad()
            np.sum(model(x)).backward()
            norms.append(float(model.bias.grad[0]))
    assert norms == [1, 2, 3]
    model.zero_grad()
    np.sum(model(x)).backward()
    assert model.bias.grad[0] == 1


def test_explain_shows_what_the_wrong_engine_does_and_is_marked():
    a = mg.tensor(3.0, requires_grad=True)
    c = a + a
    d = c + c
    with on_only("no topological order"):
        wrong = mg.explain(d)
    right = mg.explain(d)
    assert [wrong[name].cotangent for name in "dca"] == [1, 1, 2]
    assert [right[name].cotangent for name in "dca"] == [1, 2, 4]
    assert "WRONG ENGINE: no topological order" in str(wrong)
    assert "WRONG ENGINE: no topological order" in wrong.table().html
    assert "WRONG" not in str(right) + right.table().html
