"""The report and its page, in files of one idea each, in reading order:

charts.py    curves with axes as SVG that takes its colours from the page
parts.py     what sections share: headings, badges, steps with their verdicts
curves.py    the training curves of one rule
sections.py  the sections on rules, topics and the family
overview.py  the first screen: a chart of all rules, findings, a race
page.py      all of it, and the tables of the page's own, in page.html
plans.py     what is measured
measuring.py what the page shows, measured
writing.py   the file that is written
"""
from optim.report.writing import write_report

__all__ = ["write_report"]
