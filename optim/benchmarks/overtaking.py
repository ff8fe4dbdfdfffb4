"""A picture of where PyTorch overtakes: each of ours in parts of its time, by width."""
from typing import Any

from optim.benchmarks.benchmark_page import DRAWN, Results, widths
from optim.benchmarks.implementations import EVERYONE
from optim.plots.styles import DASHED, DOTTED, OKABE_ITO, picture

LINES = {"eager": ("blue", "-", "o"), "compiled": ("vermillion", DASHED, "s"),
         "by_hand": ("green", DOTTED, "^")}


def overtaking_curves(results: Results) -> Any:
    """The figure; above the line at 1 PyTorch is faster."""
    by = widths(results)
    theirs = by["torch_fused"].seconds
    with picture(height=0.8) as (figure, axes):
        for name in DRAWN:
            if name in by:
                colour, dashes, marker = LINES[name]
                axes.loglog(by[name].sizes, [a/b for a, b in zip(by[name].seconds, theirs)],
                            color=OKABE_ITO[colour], linestyle=dashes, marker=marker,
                            label=EVERYONE[name].title)
        axes.axhline(1, color=figure.colours.faint)
        axes.set(xlabel="width w of MLP 64-w-w-10, batch 32",
                 ylabel="time/PyTorch's, fused Adam")
        axes.legend()
        return figure
