"""What a .csv file looks like, guessed from its beginning: separator, decimals, header."""
from collections import Counter
from collections.abc import Iterable, Iterator

from minigrad.data.columns import COMMA, number

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


def rows(text: Iterable[str], delimiter: str, skip: int = 0, strict: bool = False
         ) -> Iterator[tuple[int, list[str]]]:
    """The line where each row begins, and its cells; rows without any text are none."""
    import csv
    reader = csv.reader(text, delimiter=delimiter, skipinitialspace=delimiter != "\t",
                        strict=strict)
    begin = 1
    try:
        for cells in reader:
            if cells and (cells[0] or any(cells)) and begin > skip:
                yield begin, cells
            begin = reader.line_num + 1
    except csv.Error as error:
        raise csv.Error(f"line {begin}: {error}; is a quote not closed?") from error


def guessed_delimiter(sample: str) -> str:
    """What separates the cells: what makes most rows equally long, of more than one cell,
    and leaves none of the others within cells, but for decimal commas."""
    def fitness(delimiter: str) -> tuple[float, float, int]:
        found = [cells for _, cells in rows(sample.splitlines(True)[:200], delimiter)]
        if not found:
            return 0., 0., 0
        wide, often = Counter(map(len, found)).most_common(1)[0]
        if wide < 2:
            return 0., 0., 0
        others = set(SEPARATORS) - {delimiter}
        cells = [cell for row in found for cell in row]
        clean = sum(not others & set(cell) or bool(COMMA.fullmatch(cell.strip()))
                    for cell in cells)
        return often/len(found), clean/len(cells), wide
    return max(SEPARATORS, key=fitness)


def guessed_decimal(sample: str, delimiter: str) -> str:
    """A comma, if numbers are written with one and commas do not separate the cells; a
    point between thousands is none before decimals."""
    if delimiter == ",":
        return "."
    cells = [cell.strip() for _, row in rows(sample.splitlines(True)[:200], delimiter)
             for cell in row]
    commas = sum("," in cell and bool(COMMA.fullmatch(cell)) for cell in cells)
    points = sum("." in cell and number(cell) is not None and number(cell, ",") is None
                 for cell in cells)
    return "," if commas > points else "."


def is_header(found: list[list[str]], decimal: str) -> bool:
    """Whether the first row names the columns: it holds no number, and some other row
    does; or, where all are words, none of its words comes again in its column."""
    first, *others = found
    if any(number(cell, decimal) is not None for cell in first):
        return False
    if any(number(cell, decimal) is not None for row in others for cell in row):
        return True
    return not any(cell.strip() == row[k].strip() for row in others
                   for k, cell in enumerate(first) if k < len(row))
