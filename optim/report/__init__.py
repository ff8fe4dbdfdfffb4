"""The report and its page, in files of one idea each, in reading order:

curves.py    training curves, and pictures, as SVG that takes its colours from the page
parts.py     what sections share: headings, badges, steps with their verdicts
sections.py  the sections on rules, topics and the family
page.py      all of it, and the pictures and tables of the page's own, in page.html
plans.py     what is measured
measuring.py what the page shows, measured
writing.py   the file that is written
"""
from optim.report.writing import write_report

__all__ = ["write_report"]
