"""Training by several workers: the same as by one, and it survives their loss.

Where only the order of additions differs, float64 results are compared to 1e-12: a batch is
added up in as many parts as there are shards, over some dozen steps. Where the parts are
the same, bits are.
"""
import os
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from functools import partial

import numpy as np
import pytest

import minigrad as mg
import optim
from minigrad import nn
from optim.distributed import clusters, hogwild, train
from optim.distributed.progress import Progress

X, Y = mg.data.blobs(61, rng=0)
EXACT = {"rtol": 1e-12, "atol": 1e-12}


@pytest.fixture(scope="module")
def cluster():
    import distributed
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True,
                                  dashboard_address=":0") as workers:
        yield workers


@pytest.fixture
def client(cluster):
    import distributed
    with distributed.Client(cluster) as client:
        client.wait_for_workers(2, timeout=30)
        yield client


def network(dtype=np.float64, *between):
    rng = np.random.default_rng(3)
    return nn.Sequential(nn.Linear(2, 6, rng=rng, dtype=dtype), *between, nn.ReLU(),
                         nn.Linear(6, 3, rng=rng, dtype=dtype))


def flat(model):
    return np.concatenate([p.numpy() for p in model.parameters()], axis=None)


def trained(model=None, rule="momentum", **options):
    model = model or network()
    history = train(model, (X, Y), rule, **{"epochs": 2, "batch": 16, "lr": 0.05,
                                            "shards": 4} | options)
    return flat(model), history


# ------------------------------------------------------------------------------ synchronous
@pytest.mark.parametrize("rule", ["gradient_descent", "adam", "lion", "lamb"])
@pytest.mark.parametrize("shards", [1, 3, 8])
def test_parts_give_what_one_machine_gives_on_the_whole_batch(rule, shards):
    model = network()
    opt = optim.Optimizer(model.parameters(), rule, {"lr": 0.05})
    optim.fit(model, (X.astype(float), Y), opt, epochs=2, batch=16, seed=0)
    parts, _ = trained(rule=rule, shards=shards)
    if shards == 1:
        assert np.array_equal(parts, flat(model))
    np.testing.assert_allclose(parts, flat(model), **EXACT)


def test_float32_stays_and_differs_by_its_rounding_only():
    one, four = (trained(network(np.float32), shards=shards)[0] for shards in (1, 4))
    assert one.dtype == four.dtype == np.float32
    np.testing.assert_allclose(one, four, rtol=1e-5, atol=1e-6)
    assert not np.array_equal(one, four)


def test_results_do_not_depend_on_workers_bit_for_bit(client):
    alone, history = trained()
    for count in (1, 2, 8):
        with ThreadPoolExecutor(count) as executor:
            assert np.array_equal(trained(executor=executor)[0], alone)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        assert np.array_equal(trained(executor=executor, epochs=1)[0], trained(epochs=1)[0])
    there, other = trained(client=client)
    assert np.array_equal(there, alone)
    assert np.array_equal(other.loss, history.loss) and history.t.tolist() == [4, 8]


def test_large_models_go_past_the_scheduler(client):
    """More than Dask takes in a task without a warning, which is an error here."""
    def run(strategy, **where):
        model = nn.Linear(2000, 800, rng=0)             # 6 MB; with Adam's states 18 MB
        x = np.random.default_rng(1).standard_normal((8, 2000)).astype(np.float32)
        train(model, (x, np.arange(8)), "adam", strategy=strategy, shards=1, batch=8,
              lr=1e-3, **where)
        return flat(model)
    for strategy in ("synchronous", "elastic_averaging"):
        assert np.array_equal(run(strategy, client=client), run(strategy))


def test_dropout_draws_the_same_wherever_it_is_drawn(client):
    def model():
        return network(np.float64, nn.Dropout(0.4))
    alone, _ = trained(model())
    assert np.array_equal(trained(model(), client=client)[0], alone)
    assert not np.array_equal(trained(model(), seed=1)[0], alone)


def test_batch_norm_is_of_each_part_and_its_buffers_are_the_first_part_s():
    model, by_hand = (network(np.float64, nn.BatchNorm1d(6, dtype=float)) for _ in range(2))
    trained(model, batch=61, epochs=1, shards=2)
    first = np.linspace(0, 61, 3).astype(int)[1]
    by_hand(X[:first].astype(float))
    for ours, theirs in zip(model.buffers(), by_hand.buffers(), strict=True):
        np.testing.assert_allclose(ours, theirs, **EXACT)


def test_frozen_parameters_stay_and_tied_ones_move_once(client):
    class Tied(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Linear(2, 2, rng=0, dtype=float)
            self.again = self.w
            self.out = nn.Linear(2, 3, rng=1, dtype=float)
            self.out.bias.requires_grad = False

        def forward(self, x):
            return self.out(self.again(self.w(x)))
    model, alone = Tied(), Tied()
    bias = model.out.bias.numpy().copy()
    trained(model, client=client)
    trained(alone, shards=1)
    assert np.array_equal(model.out.bias.numpy(), bias)
    np.testing.assert_allclose(flat(model), flat(alone), **EXACT)
    assert not np.array_equal(model.w.weight.numpy(), Tied().w.weight.numpy())


def test_a_batch_smaller_than_the_number_of_parts_is_no_trouble():
    few, _ = trained(batch=3, shards=1)
    many, history = trained(batch=3, shards=8)
    np.testing.assert_allclose(few, many, **EXACT)
    assert np.isfinite(history.loss).all()


def test_an_optimizer_of_one_s_own_is_stepped():
    model = network()
    opt = optim.Adam([{"params": model[0].parameters(), "lr": 0.1},
                      {"params": model[2].parameters(), "lr": 0.0}])
    before = flat(model)
    train(model, (X, Y), opt, epochs=1, batch=16, shards=3)
    moved = flat(model) != before
    assert moved[:12].any() and not moved[18:].any() and opt.t == 4


# --------------------------------------------------------------------- what may go wrong
def test_schedules_and_transforms_step_the_server_and_are_refused_on_replicas():
    def run(transform, lr, **options):
        model = network()
        opt = optim.Adam(model.parameters(), lr=lr, transforms=[transform])
        history = train(model, (X, Y), opt, epochs=4, batch=16, shards=2, **options)
        assert history.loss[-1] < history.loss[0] and "loss" in repr(history)
        return flat(model)
    clip = optim.transforms.clip_by_norm(0.5)
    falling = optim.schedules.cosine(0.1, steps=40)
    steady = run(clip, 0.1)
    assert not np.array_equal(run(clip, falling), steady)
    run(clip, falling, strategy="downpour", lr_local=0.1)
    for options, message in (({"strategy": "downpour"}, "lr_local: lr is cosine"),
                             ({"strategy": "elastic_averaging"}, "lr is cosine")):
        with pytest.raises(ValueError, match=message):
            run(clip, falling, **options)
    with pytest.raises(ValueError, match="is given g_norm by an Optimizer"):
        run(clip, 0.1, strategy="elastic_averaging")
    with pytest.raises(ValueError, match="gradient at another point"):
        run(optim.transforms.sam(0.05), 0.1)


def test_a_gradient_that_is_not_finite_names_part_and_worker_and_writes_nothing(client):
    x, model = X.copy(), network()
    x[44] = np.nan
    before = flat(model)
    with pytest.raises(FloatingPointError, match=r"step 1, part 2 on worker tcp://.*"
                                                 r"not finite, in 0\.weight"):
        train(model, (x, Y), "adam", batch=61, shards=4, client=client)
    assert np.array_equal(flat(model), before)
    for strategy in ("downpour", "elastic_averaging"):
        with pytest.raises(FloatingPointError, match="replica 2.*not finite"):
            train(model, (x, Y), "adam", batch=61, shards=4, strategy=strategy)
        assert np.isfinite(flat(model)).all()


def test_an_error_of_the_model_arrives_as_it_is(client):
    def wrong(prediction, y):
        raise LookupError("of the loss itself")
    with pytest.raises(LookupError, match="of the loss itself"):
        trained(loss=wrong, client=client)


def test_what_is_no_model_or_no_data_is_a_type_error():
    with pytest.raises(TypeError, match="model came as int"):
        train(3, (X, Y), "adam")
    with pytest.raises(TypeError, match=r"data came as ndarray; needed \(x, y\)"):
        train(network(), X, "adam")
    with pytest.raises(TypeError, match="client came as int"):
        trained(client=3)


def test_a_model_that_cannot_be_sent_is_refused_with_the_cure(monkeypatch):
    model = network()
    model.act = lambda x: x
    trained(model)                              # cloudpickle takes a lambda
    model.lock = threading.Lock()
    with pytest.raises(TypeError, match="Sequential.* cannot be sent .*lock"):
        trained(model)
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    del model.lock
    with pytest.raises(TypeError, match="cannot be sent .*lambda"):
        trained(model)


def test_a_worker_killed_in_mid_run_changes_no_bit(client, tmp_path):
    mark = tmp_path/"kill"

    def deadly(prediction, y):
        if prediction.shape[0] == 7 and mark.exists():  # one batch's share of one part
            mark.unlink()
            os._exit(1)
        return nn.cross_entropy(prediction, y)
    alone, history = trained(loss=deadly)
    mark.touch()
    there, other = trained(loss=deadly, client=client)
    assert not mark.exists()
    assert np.array_equal(there, alone) and np.array_equal(other.loss, history.loss)


def test_work_that_ends_every_worker_is_named(client):
    def deadly(prediction, y):
        os._exit(1)
    model = network()
    before = flat(model)
    with pytest.raises(RuntimeError, match="step 1, part 0 was lost with its worker"):
        trained(model, loss=deadly, client=client, shards=1)
    assert np.array_equal(flat(model), before)


def test_a_client_that_is_closed_in_mid_run_is_an_error_at_that_step(cluster, monkeypatch):
    import distributed
    client, begun = distributed.Client(cluster), clusters.OnDask.submit

    def closing(self, job):
        if job.label == "step 3, part 1":
            self.client.close()
        begun(self, job)
    monkeypatch.setattr(clusters.OnDask, "submit", closing)
    with pytest.raises(RuntimeError, match="client is closed, at step 3"):
        trained(client=client)


def test_no_worker_is_an_error_and_no_hang():
    import distributed
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0"
                                  ) as none, distributed.Client(none) as client:
        with pytest.raises(RuntimeError, match="no worker is left since 0.2 s"):
            trained(client=client, timeout=0.2)


@pytest.mark.parametrize("options, message", [
    ({"strategy": "downpours"}, "needed one of synchronous"),
    ({"workers": -1}, "workers is -1"), ({"shards": 0}, "shards is 0"),
    ({"batch": 62}, "batch size is 62"), ({"epochs": 1.5}, "epochs is 1.5"),
    ({"alpha": 0.1}, "alpha came, which synchronous does not take"),
    ({"strategy": "downpour", "n_push": 0}, "n_push is 0"), ({"epochs": 0}, "epochs is 0"),
    ({"strategy": "elastic_averaging", "alpha": 5.0}, "alpha is 5.0"),
    ({"strategy": "elastic_averaging", "n_push": 2}, "needed alpha or period"),
    ({"strategy": "delay_tolerant"}, "needed 'adaptive_revision'"),
    ({"strategy": "downpour", "shards": 62}, "61 examples came for 62 replicas"),
    ({"strategy": "elastic_averaging", "rule": "lamb"}, "a rule that is elementwise")])
def test_what_cannot_be_is_refused_with_what_was_needed(options, message):
    with pytest.raises(ValueError, match=message):
        trained(**options)


def test_without_dask_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ModuleNotFoundError, match="pip install dask distributed"):
        trained(workers=2)
    trained(workers=0)


# ----------------------------------------------------------------------------- asynchronous
@pytest.mark.parametrize("strategy, rule, options", [
    ("downpour", "adagrad", {"lr": 0.2, "lr_local": 0.05, "n_push": 2, "n_fetch": 3}),
    ("downpour", "adam", {"lr": 0.05}),
    ("delay_tolerant", "adaptive_revision", {"lr": 0.3}),
    ("elastic_averaging", "momentum", {"lr": 0.05, "period": 3}),
    ("elastic_averaging", "adam", {"lr": 0.05})])
def test_every_strategy_learns_and_repeats_where_turns_are_taken(client, strategy, rule,
                                                                 options):
    def run(**where):
        model = network()
        history = train(model, (X, Y), rule, strategy=strategy, epochs=8, batch=16,
                        shards=3, **options, **where)
        right = np.argmax(model(X.astype(float)).numpy(), axis=1) == Y
        return flat(model), history, np.mean(right)
    first, history, right = run()
    again, _, _ = run()
    assert np.array_equal(first, again) and right > 0.95
    assert history.loss[-1] < history.loss[0]/2 and len(history) >= 8
    if strategy != "elastic_averaging":
        assert 0 < history.age.max() <= 4
    if rule != "adam":
        _, history, right = run(client=client)
        assert right > 0.95 and history.loss[-1] < history.loss[0]


def test_one_replica_of_downpour_is_one_machine():
    alone, _ = trained(rule="adam", strategy="downpour", shards=1, batch=61, epochs=5)
    plain, _ = trained(rule="adam", shards=1, batch=61, epochs=5)
    np.testing.assert_allclose(alone, plain, **EXACT)


# ---------------------------------------------------------------------------------- Hogwild
N, WIDE, FEW = 400, 300, 4
RNG = np.random.default_rng(5)
COLUMNS = np.stack([RNG.choice(WIDE, FEW, replace=False) for _ in range(N)])
VALUES = RNG.standard_normal((N, FEW))
SIGNS = np.sign((RNG.standard_normal(WIDE)[COLUMNS]*VALUES).sum(axis=1))


def logistic_loss(theta):
    return np.mean(np.log1p(np.exp(-SIGNS*(theta[COLUMNS]*VALUES).sum(axis=1))))


def sparse_slope():
    def slope(theta, i, columns=COLUMNS, values=VALUES, signs=SIGNS):
        margin = signs[i]*(theta[columns[i]] @ values[i])
        return columns[i], -signs[i]*values[i]/(1 + np.exp(margin))
    return slope


def plain_descent(epochs, lr):
    theta, slope = np.zeros(WIDE), sparse_slope()
    for epoch in range(epochs):
        for i in np.random.default_rng((0, epoch)).permutation(N):
            index, values = slope(theta, i)
            theta[index] -= lr*values
    return theta


def test_hogwild_of_one_is_gradient_descent_and_of_more_comes_near_it():
    plain = plain_descent(8, 0.3)
    run = partial(hogwild, sparse_slope(), np.zeros(WIDE), N, lr=0.3, epochs=8, workers=0)
    assert np.array_equal(run(), plain)
    for replicas in (2, 8):
        several = run(replicas=replicas)
        assert np.array_equal(several, run(replicas=replicas))
        assert not np.array_equal(several, run(replicas=replicas, seed=1))
        assert not np.array_equal(several, plain)           # some steps met, and were lost
        assert logistic_loss(several) < 1.3*logistic_loss(plain) < 0.3


def test_hogwild_s_processes_write_the_same_memory(tmp_path, monkeypatch):
    (tmp_path/"sparse_problem.py").write_text(
        "def slope(theta, i):\n"
        "    if i == 999: return [0], [float('nan')]\n"
        "    return [i % 5], [theta[i % 5] - i % 5]\n"
        "def deadly(theta, i):\n"
        "    __import__('os')._exit(1)\n")
    monkeypatch.syspath_prepend(tmp_path)
    import sparse_problem
    start = np.zeros(5)
    theta = hogwild(sparse_problem.slope, start, 200, lr=0.5, epochs=2, workers=2)
    np.testing.assert_allclose(theta, np.arange(5), atol=1e-3)
    assert not start.any()
    with pytest.raises(FloatingPointError, match="example 999"):
        hogwild(sparse_problem.slope, np.zeros(5), 1000, workers=1)
    with pytest.raises(RuntimeError, match="a process ended before its work"):
        hogwild(sparse_problem.deadly, np.zeros(5), 3, workers=1)
    with pytest.raises(TypeError, match="slope cannot be sent"):
        hogwild(sparse_slope(), np.zeros(5), 3, workers=1)


@pytest.mark.parametrize("theta, options, message", [
    (np.zeros((2, 2)), {}, "one flat array"), (np.zeros(2, int), {}, "one flat array"),
    (np.zeros(2), {"workers": -1}, "workers is -1"),
    (np.zeros(2), {"replicas": 1.5}, "replicas is 1.5")])
def test_what_hogwild_cannot_take_is_refused(theta, options, message):
    with pytest.raises(ValueError, match=message):
        hogwild(sparse_slope(), theta, 3, **{"workers": 0} | options)


def test_all_workers_gone_in_mid_run_is_an_error_with_the_model_of_the_last_step(
        client, cluster, monkeypatch):
    """The last test: it leaves the cluster without workers."""
    noted = Progress.note
    model, seen = network(), []

    def leaving(self, loss, age):
        noted(self, loss, age)
        seen.append(flat(model))
        if self.taken == 3:
            cluster.scale(0)
            while client.scheduler_info()["workers"]:
                threading.Event().wait(0.05)
    monkeypatch.setattr(Progress, "note", leaving)
    with pytest.raises(RuntimeError, match="no worker is left since 0.5 s, at step 4"):
        trained(model, client=client, timeout=0.5)
    assert len(seen) == 3 and np.array_equal(flat(model), seen[-1])
