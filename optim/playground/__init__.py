"""One page to play with: rules, landscapes and a small network, in any browser.

What runs in it is printed from what was proved. In reading order:

    written.py          NumPy code run on letters that remember every operation
    printer.py          what was written, as JavaScript, by SymPy's printer
    rule_texts.py       a rule as its start and its step
    read_back.py        what was written, read back: it must be the rule's formula
    dialect_rules.py    every rule of the page by its key, and its paper's
    rule_entries.py     what the page knows of a rule besides: words, sliders, equations
    landscape_texts.py  the landscapes, and what a step sees of the noisy ones
    tape_tables.py      the functions that one may type, and their derivatives
    network_text.py     two moons and a network of 2-16-2
    stability_text.py   the stability map
    presets.py          what the page can begin with
    phrases.py          many similar texts in little room
    javascript.py       all of it in one text
    playground_page.py  the page around it

runtime.js (NumPy's conventions, small matrices), parser.js (a grammar and a tape) and
assembly.js stand in that text as they are; page/ is what one sees.
"""
