"""The command line, in reading order:

    cli.py     the parser, and what every command shares
    prove.py   minigrad prove
    race.py    minigrad race
"""
