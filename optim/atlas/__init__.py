"""One name, several rules: the optimizers of papers and libraries, held against each other.

In reading order:

    names_in_libraries.py  which optimizers go by one name
    gathering.py           their formulas, and what each two of them are to each other
    atlas_page.py          as a page, and as Markdown
"""
from optim.atlas.atlas_page import write_atlas
from optim.atlas.gathering import Family, gathered

__all__ = ["Family", "gathered", "write_atlas"]
