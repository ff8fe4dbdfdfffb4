"""The data sets are what they say, files that are wrong are refused, batches cover all."""
import gzip
import hashlib
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minigrad as mg
from minigrad import data


def test_digits_are_1797_images_of_64_pixels_in_the_unit_interval():
    x_train, y_train, x_test, y_test = data.digits()
    assert x_train.shape == (1437, 64) and x_test.shape == (360, 64)
    assert x_train.dtype == x_test.dtype == np.float32
    assert y_train.dtype == y_test.dtype == np.int64
    pixels = np.concatenate([x_train, x_test])*16
    assert set(np.unique(pixels)) == set(range(17))
    counts = np.bincount(np.concatenate([y_train, y_test]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_digits_file_is_the_published_one():
    path = Path(data.__file__).with_name("digits.csv.gz")
    text = gzip.decompress(path.read_bytes())
    assert hashlib.sha256(text).hexdigest() == DIGITS_SHA256
    x, y = data.load(path)
    assert x[0, :8].tolist() == [0, 0, 5, 13, 9, 1, 0, 0] and y[:12].tolist() == [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_the_random_split_tests_on_360_rows_drawn_by_seed_0():
    x, y = data.load(Path(data.__file__).with_name("digits.csv.gz"))
    chosen = np.random.default_rng(0).permutation(1797)[:360]
    assert chosen[:6].tolist() == FIRST_TEST_ROWS       # the generator itself is stable
    x_train, y_train, x_test, y_test = data.digits("random")
    assert np.array_equal(x_test*16, x[chosen]) and np.array_equal(y_test, y[chosen])
    rest = np.ones(1797, bool)
    rest[chosen] = False
    assert _rows(x_train*16, y_train) == _rows(x[rest], y[rest])


def test_the_file_split_tests_on_the_last_360_rows():
    x, y = data.load(Path(data.__file__).with_name("digits.csv.gz"))
    x_train, y_train, x_test, y_test = data.digits("file")
    assert np.array_equal(x_train*16, x[:1437]) and np.array_equal(y_train, y[:1437])
    assert np.array_equal(x_test*16, x[1437:]) and np.array_equal(y_test, y[1437:])


def test_digits_come_in_the_dtype_asked_for():
    exact = data.digits(dtype=np.float64)
    for dtype in (np.float16, np.float32):
        pixels = data.digits(dtype=dtype)[0]
        assert pixels.dtype == dtype and np.array_equal(pixels, exact[0])


def test_an_unknown_split_is_refused():
    with pytest.raises(ValueError, match="split is 'sorted'; needed 'random' or 'file'"):
        data.digits("sorted")


def test_each_verse_repeats_the_one_before():
    verses = [verse.strip().split("\n") for verse in data.verses().split("\n\n")]
    assert [len(verse) for verse in verses] == [*range(1, 12)]
    for before, verse in zip(verses, verses[1:]):
        assert verse[0].startswith("This is the ") and verse[2:] == before[1:]
        assert verse[1].removeprefix("That ").split(" ", 1)[-1].endswith(
            before[0].removeprefix("This is "))
    assert data.verses().isascii() and set(data.verses()) - set("THJ,. \n") == set(
        "abcdefghiklmnoprstuvwy")


@pytest.mark.parametrize("make, classes", [(data.moons, 2), (data.spirals, 2),
                                           (data.blobs, 3)])
def test_a_made_set_has_balanced_labels_and_repeats_with_its_seed(make, classes):
    x, y = make(31, rng=np.random.default_rng(5))
    again, _ = make(31, rng=5)
    other, _ = make(31, rng=6)
    assert x.shape == (31, 2) and x.dtype == np.float32
    assert y.shape == (31,) and y.dtype == np.int64
    counts = np.bincount(y)
    assert len(counts) == classes and counts.max() - counts.min() <= 1
    assert np.array_equal(x, again) and not np.array_equal(x, other)


def test_without_noise_the_sets_lie_on_their_curves():
    x, y = data.moons(200, noise=0, rng=0)
    centre = np.where(y[:, None] == 0, [0, 0], [1, 1/2])
    assert np.allclose(np.linalg.norm(x - centre, axis=1), 1, atol=1e-6)
    assert (x[y == 0, 1] >= 0).all() and (x[y == 1, 1] <= 1/2).all()
    x, y = data.blobs(9, noise=0, rng=0)
    assert len(np.unique(x.round(5), axis=0)) == 3
    x, y = data.spirals(200, noise=0, rng=0, classes=3)
    radius = np.linalg.norm(x, axis=1)
    turn = np.arctan2(x[:, 1], x[:, 0])/(2*np.pi) - radius - y/3
    assert np.allclose(turn, turn.round(), atol=1e-5)


@pytest.mark.parametrize("make", [data.moons, data.spirals, data.blobs])
@pytest.mark.parametrize("arguments", [{"n": 0}, {"n": 10, "noise": -0.1},
                                       {"n": 10, "noise": float("nan")}])
def test_a_made_set_refuses_too_few_examples_and_impossible_noise(make, arguments):
    with pytest.raises(ValueError, match="needed"):
        make(**arguments)


def test_making_data_and_batches_leaves_global_randomness_alone():
    before = pickle.dumps(np.random.get_state())
    x, y = data.moons(20)
    list(data.batches(x, y, 3))
    data.digits()
    assert pickle.dumps(np.random.get_state()) == before


def test_a_csv_is_read_with_or_without_header_compressed_or_not(tmp_path):
    text = "1.5,2,0\n\n-3,4e1,1\n"
    files = {"plain.csv": text.encode(), "headed.csv": b"a,b,label\n" + text.encode(),
             "excel.csv": b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
             "packed.csv.gz": gzip.compress(text.encode())}
    for name, content in files.items():
        (tmp_path/name).write_bytes(content)
        x, y = data.load(tmp_path/name)
        assert x.dtype == np.float32 and x.tolist() == [[1.5, 2], [-3, 40]], name
        assert y.dtype == np.int64 and y.tolist() == [0, 1], name
    assert data.load(str(tmp_path/"plain.csv"), np.float64)[0].dtype == np.float64


def test_labels_that_are_words_are_numbered_in_alphabetical_order(tmp_path):
    path = tmp_path/"mine.csv"
    path.write_text("1,2,iris\n3,4, aster\n5,6,rose\n7,8,iris\n")
    x, y = data.load(path)
    assert x.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]] and y.tolist() == [1, 0, 2, 1]
    path.write_text("kind,a,b\niris,1,2\naster,3,4\n")
    for label in "kind", 1, "1":
        x, y = data.load(path, label=label)
        assert x.tolist() == [[1, 2], [3, 4]] and y.tolist() == [1, 0]
    for label, complaint in ((None, "'iris' is not a number"),
                             ("b", r"column 1 .'kind'.: 'iris'")):
        with pytest.raises(ValueError, match=complaint):
            data.load(path, label=label)


@pytest.mark.parametrize("text, complaint", [
    ("1,2,iris\n1,2,0\n", "line 1, column 3: 'iris' is not a number.*all words, or none"),
    ("1,2,0\n1,2,iris\n", "line 2, column 3: 'iris' is not a number.*all words, or none"),
    ("1,2,iris\n1,2, \n", "line 2, column 3: this cell is empty, or NA; fill it"),
    ("1,2,a\n1,b\n", "line 2: 2 columns; needed 3 as in line 1"),
    ("1,2,a\n1,b,c,a\n", "line 2: 4 columns; needed 3 as in line 1"),
    ("1,2,a\n1,2\n", "line 2: 2 columns; needed 3 as in line 1"),
    ("1,2,0\n1,nan,0\n", "line 2, column 2: this cell is empty, or NA; fill it"),
    ("1,2,0\n\n1,inf,0\n", "line 3, column 2: inf; needed a finite number"),
    ("1e300,2,0\n", "line 1, column 1: 1e[+]300; needed a finite number that fits float32"),
    ("1,2,0\n1,0\n", "line 2: 2 columns; needed 3 as in line 1"),
    ("a,b,c\n1,2,0\n1,x,0\n", r"line 3, column 2 .'b'.: 'x' is not a number"),
    ("1,2,label\n1,2,0\n", "line 1, column 3: 'label' is not a number"),
    ("1,2,0\n1,,0\n", "line 2, column 2: this cell is empty, or NA; fill it"),
    ("1\t2\t0\n3\tx\t1\n", "line 2, column 2: 'x' is not a number"),
    ("1;2;0\n3,,4;4;1\n", "line 2, column 1: '3,,4' is not a number; needed numbers"),
    ("1,2,0\n1,2,0.5\n", "line 2: label 0.5; needed an integer from 0 on"),
    ("1,2,-1\n", "line 1: label -1.0; needed an integer from 0 on"),
    ("1,2,nan\n", "line 1, column 3: this cell is empty, or NA; fill it"),
    ("1,2,1e300\n", "line 1: label 1e[+]300; needed an integer"),
    ("1\n2\n", "one column; needed features, then the label"),
    ("", "no rows; needed at least one row"),
    ("a,b,label\n", "no rows; needed at least one row"),
])
def test_a_wrong_csv_is_refused_with_file_and_line(tmp_path, text, complaint):
    path = tmp_path/"mine.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match="mine.csv.*" + complaint):
        data.load(path)


@pytest.mark.parametrize("name, content", [
    ("bytes.csv", b"\x81,1\n"), ("broken.csv.gz", b"1,2,0\n"),
    ("cut.csv.gz", gzip.compress(b"1,2,0\n"*99, mtime=0)[:-9]), ("text.npz", b"1,2,0\n"),
    ("data.txt", b"1,2,0\n"), ("pickled.npz", pickle.dumps({"x": 1, "y": 2}))])
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path, name, content):
    (tmp_path/name).write_bytes(content)
    with pytest.raises(ValueError, match=f"{name}: .*(needed|write one with)"):
        data.load(tmp_path/name)


def test_the_label_column_is_chosen_by_name_or_number(tmp_path):
    path = tmp_path/"mine.csv"
    path.write_text("kind,a,2\n0,5,6\n1,7,8\n".replace("2\n", "b\n", 1))
    for label in ("kind", 1, "1"):
        x, y = data.load(path, label=label)
        assert x.tolist() == [[5, 6], [7, 8]] and y.tolist() == [0, 1]
    assert data.load(path, label="a")[1].tolist() == [5, 7]
    assert data.load(path)[1].tolist() == [6, 8]
    with pytest.raises(ValueError, match="1 to 3, or a name, kind, a, b"):
        data.load(path, label="c")
    path.write_text("0,inf\n1,2\n")
    with pytest.raises(ValueError, match="line 1, column 2: inf"):     # as in the file
        data.load(path, label=1)


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path):
    with pytest.raises(FileNotFoundError, match="absent.csv: no such file; needed"):
        data.load(tmp_path/"absent.csv")
    (tmp_path/"folder.csv").mkdir()
    with pytest.raises(ValueError, match="folder.csv: not a file"):
        data.load(tmp_path/"folder.csv")


def test_an_npz_gives_one_set_or_a_split_one(tmp_path):
    x, y = np.arange(6).reshape(3, 2), np.array([0, 1, 1])
    np.savez(tmp_path/"one.npz", x=x, y=y.astype(np.uint8), note=np.zeros(1))
    np.savez_compressed(tmp_path/"split.npz", x_train=x, y_train=y.astype(float),
                        x_test=x[:1], y_test=y[:1])
    found = data.load(tmp_path/"one.npz")
    assert len(found) == 2 and found[0].dtype == np.float32 and found[1].dtype == np.int64
    assert np.array_equal(found[0], x) and np.array_equal(found[1], y)
    found = data.load(tmp_path/"split.npz")
    assert [part.shape for part in found] == [(3, 2), (3,), (1, 2), (1,)]
    assert np.array_equal(found[1], y) and found[3].dtype == np.int64


@pytest.mark.parametrize("entries, complaint", [
    ({"x": np.zeros((2, 2))}, "has the entries x; needed x and y, or x_train"),
    ({"x": np.array([[1, None]]), "y": np.zeros(1)}, "entry x cannot be read .*pickle"),
    ({"x": np.array([["a"]]), "y": np.zeros(1)}, "entry x is of type <U1; needed real"),
    ({"x": np.ones((1, 2), complex), "y": np.zeros(1)}, "entry x is of type complex128"),
    ({"x": np.zeros((2, 3, 3)), "y": np.zeros(2)}, r"x has shape \(2, 3, 3\) .*flatten"),
    ({"x": np.zeros((2, 3)), "y": np.zeros(3)}, r"shape \(2, 3\) and y \(3,\); needed"),
    ({"x": np.zeros((2, 3)), "y": np.zeros((2, 1))}, r"y \(2, 1\); needed"),
    ({"x": np.zeros((0, 3)), "y": np.zeros(0)}, r"shape \(0, 3\) .*n > 0"),
    ({"x": np.array([[0, 1], [np.nan, 0]]), "y": np.zeros(2)}, r"x\[1\], column 1: nan"),
    ({"x": np.zeros((2, 3)), "y": np.array([0, 0.5])}, r"y\[1\]: label 0.5; needed"),
    ({"x": np.zeros((2, 3)), "y": np.array([-1, 0])}, r"y\[0\]: label -1; needed"),
    ({"x_train": np.zeros((1, 3)), "y_train": np.zeros(1), "x_test": np.zeros((1, 2)),
      "y_test": np.zeros(1)}, "x_train has 3 features and x_test 2; needed the same"),
])
def test_a_wrong_npz_is_refused_with_file_and_entry(tmp_path, entries, complaint):
    np.savez(tmp_path/"mine.npz", **entries)
    with pytest.raises(ValueError, match="mine.npz.*" + complaint):
        data.load(tmp_path/"mine.npz")


def test_an_npz_entry_is_never_unpickled(tmp_path):
    planted = np.array([[_Explosive()]], dtype=object)
    np.savez(tmp_path/"evil.npz", x=planted, y=np.zeros(1))
    with zipfile.ZipFile(tmp_path/"evil.npz") as archive:
        assert b"explode" in archive.read("x.npy")      # it is really in the file
    with pytest.raises(ValueError, match="evil.npz: entry x cannot be read"):
        data.load(tmp_path/"evil.npz")
    with pytest.raises(ZeroDivisionError):              # what unpickling would have done
        np.load(tmp_path/"evil.npz", allow_pickle=True)["x"]


@settings(deadline=None)
@given(n=st.integers(1, 40), size=st.integers(1, 40), seed=st.integers(0, 9))
def test_batches_give_every_example_once_and_only_the_last_is_smaller(n, size, seed):
    size = min(size, n)
    x, y = np.arange(2*n).reshape(n, 2), np.arange(n)
    parts = list(data.batches(x, y, size, np.random.default_rng(seed)))
    assert all(np.array_equal(part_x[:, 0], 2*part_y) for part_x, part_y in parts)
    assert sorted(np.concatenate([part_y for _, part_y in parts])) == list(range(n))
    assert [len(part_y) for _, part_y in parts[:-1]] == [size]*((n - 1)//size)


def test_the_order_of_batches_is_shuffled_by_the_generator_given():
    x = y = np.arange(100)

    def order(rng):
        return np.concatenate([part for part, _ in data.batches(x, y, 7, rng)]).tolist()

    assert order(3) == order(3) == order(np.random.default_rng(3))
    assert order(3) != order(4) and order(3) != list(range(100))
    rng = np.random.default_rng(3)
    assert order(rng) != order(rng)                     # each epoch has its own order


def test_size_none_is_one_batch_of_all_and_a_batch_never_shares_memory():
    x, y = np.zeros((5, 2)), np.arange(5)
    [(all_x, all_y)] = data.batches(x, y, None)
    assert all_x is x and all_y is y
    assert not any(np.shares_memory(part, x) for part, _ in data.batches(x, y, 2, 0))


@pytest.mark.parametrize("size, error, complaint", [
    (0, ValueError, "size is 0; needed 1 to 5"), (-1, ValueError, "size is -1"),
    (6, ValueError, "size is 6; needed 1 to 5"), (2.0, TypeError, "size is 2.0; needed an"),
    (True, TypeError, "size is True"), ("all", TypeError, ".*or None for all")])
def test_an_impossible_batch_size_is_refused_at_the_call(size, error, complaint):
    with pytest.raises(error, match="batches: " + complaint):
        data.batches(np.zeros((5, 2)), np.zeros(5), size, 0)


def test_examples_and_labels_of_different_number_are_refused_at_the_call():
    with pytest.raises(ValueError, match="x has 5 examples and y 4; needed as many"):
        data.batches(np.zeros((5, 2)), np.zeros(4), None)
    with pytest.raises(ValueError, match="no examples"):
        data.batches(np.zeros((0, 2)), np.zeros(0), None)


# --- batches as a loader: it stands before the loop over epochs ------------------------
def drawn(loader):
    return [labels.tolist() for _, labels in loader]


def test_a_loader_gives_every_example_in_each_epoch_each_time_in_another_order():
    x, y = np.arange(20).reshape(10, 2), np.arange(10)
    loader = data.batches(x, y, 3, rng=0)
    epochs = [drawn(loader) for _ in range(4)]
    assert len(loader) == 4 == len(epochs[0]) and len(data.batches(x, y, None)) == 1
    assert len(data.batches(x, y, 5)) == 2 and len(data.batches(x, y, 10)) == 1
    assert all(sorted(sum(epoch, [])) == list(range(10)) for epoch in epochs)
    assert len({str(epoch) for epoch in epochs}) == 4
    assert epochs == [drawn(again) for again in [data.batches(x, y, 3, rng=0)]
                      for _ in range(4)]
    order = np.random.default_rng(0)                    # as drawn by permutation, in turn
    assert [sum(epoch, []) for epoch in epochs] == [order.permutation(10).tolist()
                                                    for _ in range(4)]
    whole = data.batches(x, y, None)
    assert drawn(whole) == drawn(whole) == [list(range(10))]


def test_two_epochs_at_a_time_do_not_disturb_each_other():
    y = np.arange(8)
    loader = data.batches(y, y, 3, rng=1)
    both = list(zip(loader, loader, strict=True))
    apart = data.batches(y, y, 3, rng=1)
    assert [a[1].tolist() for a, _ in both] == drawn(apart)
    assert [b[1].tolist() for _, b in both] == drawn(apart)
    first, begun = next(iter(loader))[1].tolist(), iter(loader)
    assert len(first) == 3 and len(list(begun)) == 3 and list(begun) == []


def test_an_epoch_that_was_left_early_leaves_the_next_one_whole():
    loader = data.batches(np.arange(9), np.arange(9), 2, rng=0)
    for _ in loader:
        break
    assert sorted(sum(drawn(loader), [])) == list(range(9))


def test_a_loader_sees_what_was_written_to_its_arrays_between_epochs():
    x, y = np.zeros((4, 1)), np.arange(4)
    loader = data.batches(x, y, 2, rng=0)
    x[...] = 1
    assert all((part == 1).all() for part, _ in loader)


@pytest.mark.parametrize("use, cure", [
    (next, r"next\(iter\(batches\)\)"),
    (lambda b: b[0], r"next\(iter\(batches\)\), or list"),
    (lambda b: b[:2], r"or list\(batches\)")])
def test_what_a_loader_cannot_do_names_what_it_can(use, cure):
    loader = data.batches(np.arange(4), np.arange(4), 3, rng=0)
    with pytest.raises(TypeError, match=cure):
        use(loader)
    assert len(next(iter(loader))[1]) == 3 and len(list(loader)) == 2       # as it says
    assert "2 batches of 3 from 4 examples" in repr(loader)


class Table:
    """What a table of pandas offers: values that come by np.asarray, indices by label."""

    def __init__(self, values):
        self.values = np.array(values)
        self.index = [f"row {i}" for i in range(len(values))]

    def __len__(self):
        return len(self.values)

    def __getitem__(self, column):
        return self.values[:, column]                               # not rows, as pandas

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype)

    def to_numpy(self, dtype=None):
        return np.array(self.values, dtype)

    def select_dtypes(self, kind):
        return self


@pytest.mark.parametrize("kind", [list, tuple, Table, mg.tensor])
def test_lists_tables_and_tensors_go_into_batches(kind):
    x, y = [[0., 1.], [2., 3.], [4., 5.]], [0, 1, 2]
    for size in 2, None:
        loader = data.batches(kind(x), kind(y), size, rng=0)
        for part, labels in loader:
            assert np.array_equal(part[:, 0], 2*labels) and part.dtype == float
        assert sum(len(labels) for _, labels in loader) == 3


@pytest.mark.parametrize("x, cure", [
    (Table([["a", 1], ["b", None]]), "Table holds no numbers.*x.select_dtypes.'number'."),
    ([object()]*2, r"list holds no numbers.*np.asarray\(x, dtype=np.float64\)"),
    ([[1., 2.], [3.]], "list is no array of one shape.*rows of one length"),
    ({"a": [1.]}, r"dict holds no numbers.*np.column_stack\(\[\*x.values\(\)\]\)")])
def test_what_holds_no_numbers_is_refused_at_the_call(x, cure):
    with pytest.raises((TypeError, ValueError), match="batches: x.* " + cure):
        data.batches(x, [0, 1], 1)


def test_the_numbers_that_a_refused_table_was_asked_for_are_taken():
    x = {"a": [1., 2.], "b": [3., 4.]}
    [(part, _)] = data.batches(np.column_stack([*x.values()]), [0, 1], None)
    assert part.tolist() == [[1, 3], [2, 4]]
    y = np.array(["cat", "dog", "cat"], dtype=object).tolist()
    [(_, labels)] = data.batches([1., 2., 3.], np.unique(y, return_inverse=True)[1], None)
    assert labels.tolist() == [0, 1, 0]
    with pytest.raises(TypeError, match="y: list holds no numbers.*np.unique.y, ret"):
        data.batches([1., 2.], ["cat", None], 1)
    with pytest.raises(TypeError, match="y is one value; needed an array of them"):
        data.batches([1., 2.], 5, 1)


def test_a_sparse_matrix_is_named_dense():
    import scipy.sparse
    x = scipy.sparse.csr_array(np.eye(3))
    with pytest.raises(TypeError, match=r"csr_array holds no numbers.* x.toarray\(\)"):
        data.batches(x, np.arange(3), 2)
    assert len(data.batches(x.toarray(), np.arange(3), 2)) == 2


def test_tensors_in_batches_keep_their_gradients():
    x = mg.tensor(np.ones((4, 2)), requires_grad=True)
    for part, _ in data.batches(x, np.arange(4), 3, rng=0):
        np.sum(part).backward()
    assert x.grad.tolist() == [[1, 1]]*4


def test_files_that_were_refused_are_taken_once_they_are_as_the_error_asks(tmp_path):
    x, y, path = np.ones((4, 2, 3)), np.arange(4), tmp_path/"mine.npz"
    np.savez(path, x=x, y=y)
    with pytest.raises(ValueError, match=r"flatten images by x.reshape\(len\(x\), -1\)"):
        data.load(path)
    np.savez(path, x=x.reshape(len(x), -1), y=y)
    assert data.load(path)[0].shape == (4, 6)
    path.write_text("no archive")
    with pytest.raises(ValueError, match=r"write one with np.savez\(path, x=x, y=y\)"):
        data.load(path)
    x = x.reshape(len(x), -1)
    np.savez(path, x=x, y=y)
    assert data.load(path)[1].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("name, use", [
    ("digits", lambda dtype: data.digits(dtype=dtype)),
    ("load", lambda dtype: data.load(Path(data.__file__).with_name("digits.csv.gz"),
                                     dtype))])
@pytest.mark.parametrize("dtype", [int, np.uint8, bool])
def test_features_of_whole_numbers_are_refused(name, use, dtype):
    with pytest.raises(TypeError, match=f"{name}: dtype is .*; only floats are trained"):
        use(dtype)


@pytest.mark.parametrize("n", [10.0, "10", None])
def test_a_made_set_of_no_whole_number_of_examples_is_refused(n):
    for make in data.moons, data.spirals, data.blobs:
        with pytest.raises(TypeError, match="n is .*; needed a whole number of examples"):
            make(n)
    assert len(data.moons(np.int64(10))[1]) == 10


class _Explosive:
    def __reduce__(self):
        return (_explode, ())


def _explode():
    return 1/0


def _rows(x, y):
    return sorted(map(tuple, np.column_stack([x, y]).tolist()))


DIGITS_SHA256 = "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"
FIRST_TEST_ROWS = [360, 1773, 1482, 600, 850, 196]
