"""One page to play with: rules, landscapes and a small network, in any browser.

In reading order; the page's own parts, without any formula, stand in page/:

    written.py          NumPy code that remembers every operation, as it is written
    printer.py          the same as JavaScript
    read_back.py        and read back: is what runs what was proved?
    rule_texts.py       a rule's start and step
    dialect_rules.py    every rule by its key
    rule_entries.py     what is known of a rule besides
    landscape_texts.py  landscapes
    tape_tables.py      the tables of the page's own tape, for what one types
    network_text.py     the network
    stability_text.py   where linear rules are stable
    presets.py          what the page can begin with
    packing.py          similar texts in little room
    javascript.py       all of it as one text, MG
    playground_page.py  the page around it
"""
