"""Every implementation of a workload computes the same; nothing here is timed.

torch.compile stands apart: it needs a compiler of C++ and half a minute; `minigrad bench`
compares it, as all others, before it is timed.
"""
import sys

import numpy as np
import pytest

import minigrad as mg
from minigrad import blas
from optim.benchmarks.implementations import PEERS, begun, sample
from optim.benchmarks.layered_networks import NETWORKS
from optim.benchmarks.ratios import STEEPEST, slope
from optim.benchmarks.rounds import TOLERANCE, Contestant, check_alike, measure, memory
from optim.benchmarks.workloads import GROWTH, WORKLOADS, Workload

TINY = [Workload("training", (3, 5, 1), 4), Workload("training", (4, 6, 5, 3), 8),
        Workload("adam", (40_000,)), Workload("adam", (3, 4, 5)),
        Workload("chain", (10,)), Workload("hessian", (4,)),
        Workload("lenet", (12, 3), 2), Workload("gru", (3, 2, 4, 3), 2),
        Workload("transformer", (3, 4, 2, 5, 3), 2)]

TRAININGS = ("training", *NETWORKS)


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """The last bits of a large product depend on how many threads multiply."""
    library = blas.loaded()[0]
    before = library.num_threads, blas.final
    mg.set_blas_threads(1)
    yield
    library.set_num_threads(before[0])
    blas.final = before[1]


def computed(name, workload):
    """The numbers after some steps, few of large ones, and what each step returned."""
    run = begun(name, workload)
    returned = [run.step() for _ in range(3 if max(workload.sizes) < 10**4 else 1)]
    return run.numbers(), returned


def same_bits(a, b):
    return len(a) == len(b) and all(
        x.dtype == y.dtype and np.array_equal(x, y) for x, y in zip(a, b))


def apart(a, b):
    """How far two lists of arrays are apart in the mean, in parts of their size."""
    assert [x.shape for x in a] == [y.shape for y in b]
    a, b = (np.concatenate(arrays, axis=None) for arrays in (a, b))
    return np.abs(a - b).mean()/np.abs(b).mean()


def reference(workload):
    """Who is right: NumPy by hand, or where nobody has written that, PyTorch."""
    return computed("torch" if workload.kind in NETWORKS else "by_hand", workload)


@pytest.mark.parametrize("workload", [*WORKLOADS, *TINY], ids=lambda w: w.name)
def test_ours_computes_what_is_computed_by_hand(workload):
    by_hand, losses = reference(workload)
    eager, our_losses = computed("eager", workload)
    assert all(x.dtype == np.float32 for x in [*eager, *by_hand])
    assert apart(eager, by_hand) < TOLERANCE
    if workload.kind in TRAININGS:
        assert [x.item() for x in our_losses] == pytest.approx(
            [float(x) for x in losses], rel=1e-5)


# The chain of 10**5 operations takes half a minute to record; the bench compares it.
COMPILED = [w for w in (*WORKLOADS, *TINY) if w.kind != "adam" and w.sizes != (10**5,)]


@pytest.mark.parametrize("workload", COMPILED, ids=lambda w: w.name)
def test_compiled_is_eager_bit_for_bit(workload):
    runs = [begun(name, workload) for name in ("eager", "compiled")]
    losses = [[run.step() for _ in range(4)] for run in runs]   # replayed from the third on
    assert same_bits(*(run.numbers() for run in runs))
    if workload.kind in TRAININGS:
        assert [x.item() for x in losses[0]] == [x.item() for x in losses[1]]


def test_the_fast_option_computes_what_is_computed_by_hand():
    work = Workload("adam", (10**6,))
    assert apart(computed("fast", work)[0], computed("by_hand", work)[0]) < TOLERANCE
    with pytest.raises(NotImplementedError, match="a million"):
        begun("fast", Workload("adam", (1000,)))


def test_a_last_bit_is_seen():
    a = np.ones(3, np.float32)
    assert same_bits([a], [a.copy()])
    assert not same_bits([a], [np.nextafter(a, np.float32(2))])
    assert not same_bits([a], [a.astype(float)]) and not same_bits([a], [])


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")
@pytest.mark.parametrize("workload", TINY, ids=lambda w: w.name)
@pytest.mark.parametrize("name", [name for name in PEERS if name != "torch_compiled"])
def test_a_peer_computes_what_is_computed_by_hand(name, workload):
    try:
        theirs, _ = computed(name, workload)
    except NotImplementedError as reason:
        assert workload.kind != "training" or name == "micrograd", reason
        assert workload.kind not in NETWORKS or name != "torch_fused"
        return
    assert apart(theirs, reference(workload)[0]) < TOLERANCE


def test_room_for_calls_of_calls_is_given_back():
    """Where it stays, a file of many brackets ends the process of who reads it."""
    before = sys.getrecursionlimit()
    computed("micrograd", TINY[4])
    assert sys.getrecursionlimit() == before


def test_a_step_moves_what_is_compared():
    """Else two implementations that do nothing would agree."""
    for workload in TINY[:4]:
        run = begun("by_hand", workload)
        before = run.numbers()
        run.step()
        assert apart(run.numbers(), before) > 10*TOLERANCE


def test_each_runs_in_a_process_of_its_own_and_they_take_turns():
    found = measure(TINY[1], ["eager", "micrograd", "by_hand"], (1, 2), 3, 0.001)
    done = {(each.name, each.threads): each for each in found if not each.reason}
    assert set(done) == {(name, n) for name in ("eager", "by_hand") for n in (1, 2)}
    for each in done.values():
        assert len(each.seconds) == 3 and min(each.seconds) > 0
        assert each.first > 0.01 and each.bytes > 2**20
    assert [each.reason for each in found if each.reason] == [
        "it has neither arrays nor logarithms"]


def test_a_process_that_breaks_says_why():
    one = Contestant("eager", Workload("training", (3, 0)), 1)
    assert "3-0" in one.start["reason"]
    one.close()


class Stand:
    """What a contestant says that it has computed."""

    def __init__(self, name, numbers):
        self.name, self.start = name, {"numbers": numbers}


@pytest.mark.parametrize("wrong", [
    lambda p: [1.01*x for x in p], lambda p: p[:-1], lambda p: [*p[:-1], np.nan],
    lambda p: [x + 1e-3 for x in p]])
def test_other_numbers_are_refused(wrong):
    right = sample(computed("by_hand", TINY[1])[0])
    check_alike(TINY[1], Stand("by_hand", right), Stand("jax", [x + 1e-9 for x in right]))
    with pytest.raises(ValueError, match="jax.jit and NumPy by hand computed different"):
        check_alike(TINY[1], Stand("by_hand", right), Stand("jax", wrong(right)))


@pytest.mark.parametrize("along", ["depth", "batch", "parameters"])
def test_memory_grows_in_proportion(along):
    sizes = {n: work for n, work in [*GROWTH[along].items()][:2]}
    assert slope(sizes, [memory("eager", work) for work in sizes.values()]) < STEEPEST
