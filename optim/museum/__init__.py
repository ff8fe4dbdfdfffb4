"""The errata museum: formulas as they were printed or proposed, and what is right instead.

In reading order:

    exhibit.py            what an exhibit is
    of_papers.py          papers: bounds, and rules as one quotes another's
    of_documentation.py   documentation and courses
    of_reports.py         reports that proposed the wrong formula
    of_code.py            code, as the report on it quotes it
    exact_runs.py         a rule run on fractions and intervals of fractions
    witnesses_of_runs.py  the smallest run that refutes an exhibit
    trainings.py          what it does to a training run
    judging.py            errata(): all of it
    museum_page.py        the page
"""
from optim.museum.judging import Judged, errata

__all__ = ["Judged", "errata"]
