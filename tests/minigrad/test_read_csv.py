"""Files as people have them are read, what was found out is stated, the rest is refused."""
import csv
import gzip
import random

import numpy as np
import pytest

from minigrad import data
from minigrad.data.columns import column_of, columns_of, number

ROWS = [["1.5", "2", "oak"], ["-3", "4e1", "ash"], [".5", "6", "oak"]]


def written(rows, delimiter=",", header=("size", "weight", "kind"), end="\n"):
    return "".join(delimiter.join(row) + end for row in ([header] if header else []) + rows)


def read(tmp_path, text, name="mine.csv", saved="utf-8", **options):
    path = tmp_path/name
    path.write_bytes(text if isinstance(text, bytes) else text.encode(saved))
    return data.read_csv(path, **options)


def listed(columns):
    return [column.tolist() for column in columns.values]


WANTED = [[1.5, -3, .5], [2, 40, 6], ["oak", "ash", "oak"]]


@pytest.mark.parametrize("delimiter, words", [(",", "commas"), (";", "semicolons"),
                                              ("\t", "tabs"), ("|", "bars")])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("header", [("size", "weight", "kind"), None])
def test_separators_ends_of_lines_and_headers_are_found_out(tmp_path, delimiter, words, end,
                                                            header):
    found = read(tmp_path, written(ROWS, delimiter, header, end))
    assert listed(found) == WANTED and found.named == bool(header)
    assert found.names == (header or ("column 1", "column 2", "column 3"))
    assert f"between {words}" in found.form and ("no header" in found.form) != bool(header)
    assert found.lines.tolist() == [1 + bool(header) + k for k in range(3)]


@pytest.mark.parametrize("encoding, form", [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"),
                                            ("utf-16", "utf-16"), ("cp1252", "cp1252")])
def test_encodings_are_found_out_and_stated(tmp_path, encoding, form):
    text = written([["1", "2", "Grüße €"], ["3", "4", "é"]], ";")
    found = read(tmp_path, text, saved=encoding)
    assert found.values[2].tolist() == ["Grüße €", "é"] and form in found.form
    assert found.names[0] == "size"                         # no mark before it


def test_an_encoding_can_be_said_and_a_wrong_one_is_refused(tmp_path):
    text = written([["1", "2", "Ü"], ["3", "4", "É"]]).encode("cp437")
    assert read(tmp_path, text, encoding="cp437").values[2].tolist() == ["Ü", "É"]
    with pytest.raises(ValueError, match="is no text in utf-8 .*needed another: encoding="):
        read(tmp_path, text, encoding="utf-8")
    with pytest.raises(ValueError, match="encoding is 'klingon'; needed one that Python"):
        read(tmp_path, text, encoding="klingon")


@pytest.mark.parametrize("rows, wanted", [
    ([["1,5", "2"], ["3", "1.234,5"]], [[1.5, 3], [2, 1234.5]]),
    ([["1,5", "1.234"], ["-,5", "2.000.000"]], None),       # -,5 is no number
    ([["1,5", "1.234"], ["-0,5", "2.000.000"]], [[1.5, -.5], [1234, 2e6]]),
    ([["1.234", "5"], ["2.5", "6"]], [[1.234, 2.5], [5, 6]]),
    ([["1,234", "5"], ["2,5e3", "6"]], [[1.234, 2500], [5, 6]])])
def test_decimal_commas_are_found_out_between_semicolons(tmp_path, rows, wanted):
    found = read(tmp_path, written(rows, ";", ("a", "b")))
    if wanted is None:
        assert found.odd(0) == 1
    else:
        assert listed(found) == wanted
        commas = any("," in cell for row in rows for cell in row)
        assert ("decimal commas" in found.form) == commas


def test_what_is_found_out_can_be_said_instead(tmp_path):
    text = "a;b\n1,5;2\n"
    with pytest.raises(ValueError, match="line 2: 2 columns; needed 1 as in line 1"):
        read(tmp_path, text, delimiter=",")
    assert read(tmp_path, text, decimal=".").values[0].tolist() == ["1,5"]
    assert listed(read(tmp_path, "2019,2020\n1,2\n", header=True)) == [[1], [2]]
    assert listed(read(tmp_path, "2019,2020\n1,2\n")) == [[2019, 1], [2020, 2]]
    assert len(read(tmp_path, "a,b\n1,2\n", header=False)) == 2
    for option in {"delimiter": ":"}, {"decimal": ";"}:
        with pytest.raises(ValueError, match=f"{[*option][0]} is '.'; needed one of"):
            read(tmp_path, text, **option)


@pytest.mark.parametrize("text, header", [
    ("a,b\nx,y\nz,y\n", True), ("x,y\nx,z\nw,y\n", False), ("a,b\n", True),
    (",b\n0,1\n1,2\n", True), ("a,1\nb,2\n", False)])
def test_a_header_is_told_from_rows_of_words(tmp_path, text, header):
    assert read(tmp_path, text).named == header


def test_a_header_is_known_by_the_names_that_are_expected(tmp_path):
    assert not read(tmp_path, "2019,2020\n1,2\n", expected=["2019", "21"]).named
    assert read(tmp_path, "2020,2019\n1,2\n", expected=["2019", "2020"]).named


@pytest.mark.parametrize("missing", ["", " ", "NA", "n/a", "nan", "NaN", "?", "null",
                                     "NULL", "#N/A"])
def test_missing_cells_are_missing_in_numbers_and_words(tmp_path, missing):
    found = read(tmp_path, f"a,b,c\n1,x,5\n{missing},{missing},6\n")
    assert np.isnan(found.values[0][1]) and found.values[1].tolist() == ["x", None]
    assert found.missing().tolist() == [[False]*3, [True, True, False]]


def test_quotes_hold_separators_and_ends_of_lines(tmp_path):
    found = read(tmp_path, 'a,"b, c"\n1,"x\ny, z"\n2,"say ""so"""\n3\n'.rpartition("3")[0])
    assert found.names == ("a", "b, c")
    assert found.values[1].tolist() == ["x\ny, z", 'say "so"']
    assert found.lines.tolist() == [2, 4]                   # where each row begins


def test_excels_own_first_line_and_blank_rows_are_left_out(tmp_path):
    found = read(tmp_path, "sep=;\na;b\n1;x\n;\n\n2;y\n;\n")
    assert listed(found) == [[1, 2], ["x", "y"]] and found.lines.tolist() == [3, 6]
    with pytest.raises(ValueError, match="line 4: 3 columns; needed 2 as in line 2"):
        read(tmp_path, "sep=;\na;b\n1;x\n2;y;z\n")


def test_packed_files_and_files_of_many_blocks_are_read_alike(tmp_path, monkeypatch):
    from minigrad.data import csv_files
    text = "a,b,c\n" + "".join(f"{k},{'x' if k > 6 else k},{'NA' if k == 4 else k % 3}\n"
                               for k in range(11))
    whole = read(tmp_path, text)
    packed = read(tmp_path, gzip.compress(text.encode(), mtime=0), "mine.csv.gz")
    monkeypatch.setattr(csv_files, "BLOCK", 3)
    blocks = read(tmp_path, text)
    for other in packed, blocks:
        assert all(map(np.array_equal, map(repr, listed(whole)), map(repr, listed(other))))
        assert other.lines.tolist() == whole.lines.tolist()
    assert whole.values[1].tolist() == [*map(str, range(7)), *"xxxx"]
    assert whole.odd(1) == 7 and "is not a number, as others" in whole.unlike(7, 1)


def test_categories_stay_words_as_they_are_written(tmp_path):
    found = read(tmp_path, "code,b\n01,1\n1,2\n?,3\n", categories=["code"])
    assert found.values[0].tolist() == ["01", "1", None]
    assert read(tmp_path, "01,1\n1,2\n", categories=[1]).values[0].tolist() == ["01", "1"]


@pytest.mark.parametrize("text, complaint", [
    (b"", "mine.csv: no rows"), (b"\n\n", "mine.csv: no rows"),
    (b"a,b\n1,2\n1,2,3\n", "line 3: 3 columns; needed 2 as in line 1"),
    (b'a,b\n1,"x\n2,3\n', "line 2: .*is a quote not closed..; needed a table"),
    (b"a,b\n1," + b"x"*200_000, "line 2: field larger"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "is no text; needed a table as text"),
    (bytes(range(256)), "is no text"), (b"a,b\n1,\x81\n", "no text in utf-8-sig or cp1252"),
    (b"a,b,a\n1,2,3\n", "columns 1 and 3 are both called 'a'; needed a name of its own")])
def test_what_is_no_table_is_refused_with_its_line(tmp_path, text, complaint):
    with pytest.raises(ValueError, match=complaint):
        read(tmp_path, text)


@pytest.mark.parametrize("cell, decimal, wanted", [
    ("1_000", ".", None), ("\u0664", ".", None), ("0x1", ".", None), ("inf", ".", np.inf),
    ("1,5", ".", None), ("1.5", ",", None), ("1.5.5", ".", None), (" 2 ", ".", 2.0),
    ("1.234,5", ",", 1234.5), ("12.34,5", ",", None), ("+,5", ",", None), ("5,", ",", 5.0)])
def test_what_is_a_number(cell, decimal, wanted):
    assert number(cell, decimal) == wanted


def test_a_column_is_found_by_name_before_its_number(tmp_path):
    found = read(tmp_path, "a,1,b\nx,5,y\n", header=True)
    assert [found.find(name) for name in ("b", 3, "1", 1, "2")] == [2, 2, 1, 1, 1]
    for wrong in "B", 0, 4, "-1", "\u0661":
        with pytest.raises(ValueError, match="needed a column's number, 1 to 3, or a name"):
            found.find(wrong)
    wine = read(tmp_path, "alcohol,quality\n1,2\n")
    with pytest.raises(ValueError, match="did you mean quality. needed a column's number"):
        wine.find("Qualty")
    with pytest.raises(ValueError, match="the file has no header"):
        read(tmp_path, "1,2\n3,4\n").find("a")


class Frame(dict):
    """A table that quacks as pandas' and polars' do."""
    columns = property(list)

    def to_numpy(self):
        return np.column_stack([series.to_numpy() for series in self.values()])


class Series(list):
    def to_numpy(self):
        return np.array(self, object if None in self else None)


def test_a_table_of_another_library_becomes_columns():
    found = columns_of(Frame(a=Series([1, 2, 3]), b=Series(["x", None, " y "]),
                             c=Series([True, False, True]), d=Series([1, None, 2.5])))
    assert found.names == tuple("abcd") and found.named and len(found) == 3
    assert listed(found)[:3] == [[1, 2, 3], ["x", None, "y"], [1, 0, 1]]
    assert np.isnan(found.values[3][1])
    assert found.place(1, 1) == "the table, row 2, column 2 ('b')"
    mixed = columns_of(Frame(a=Series(["01", "?", "2"]), b=Series(["1", "x", "?"])))
    assert mixed.values[0][[0, 2]].tolist() == [1, 2] and np.isnan(mixed.values[0][1])
    assert mixed.values[1].tolist() == ["1", "x", None] and mixed.odd(1) == 1
    with pytest.raises(TypeError, match="x is datetime64.*needed numbers or words"):
        column_of(np.array(["2024-01-01"], "datetime64[D]"), "x")
    with pytest.raises(TypeError, match="x holds dict; needed numbers or words"):
        column_of(np.array([{}, {}], object), "x")


WORDS = ["a", "b c", "x,y", "p;q", "10 m", "a|b", "ja", "Ü", 'q"u', "3rd", "-", "x\ny"]


@pytest.mark.parametrize("seed", range(40))
def test_what_pythons_own_writer_writes_is_read_back(tmp_path, seed):
    draw = random.Random(seed)
    delimiter, count = draw.choice(",;\t|"), draw.randint(1, 12)
    decimal = "," if delimiter != "," and draw.random() < 0.5 else "."
    columns, cells = [], []
    for kind in ["number", *draw.choices(["word", "whole", "number"], k=seed % 5 + 1)]:
        make = {"word": lambda: draw.choice(WORDS), "whole": lambda: draw.randint(-9, 9999),
                "number": lambda: round(draw.gauss(0, 100), 2)}[kind]
        values = [make() for _ in range(count)]
        columns.append(values)
        cells.append([str(x).replace(".", decimal) if kind == "number" else x
                      for x in values])
    path, names = tmp_path/"mine.csv", [f"name {k}" for k in range(len(cells))]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([names]*(seed % 2) + [*zip(*cells)])
    found = data.read_csv(path)
    assert listed(found) == columns and found.named == bool(seed % 2)
