"""The command line, in reading order:

    cli.py      which command it is, and what becomes of its errors
    shared.py   what the commands share: exit codes, refusals, files, JSON
    formula.py  minigrad formula
    lift.py     minigrad lift
    compare.py  minigrad compare
    grade.py    minigrad grade
    derive.py   minigrad derive
    prove.py    minigrad prove
    verify.py   minigrad verify
    check.py    minigrad check
    run_options.py  what a training run is told besides
    train.py    minigrad train
    rates.py    minigrad rates
    predict.py  minigrad predict
    explain.py  minigrad explain
    race.py     minigrad race
    playground.py  minigrad playground
    report.py   minigrad report
    atlas.py    minigrad atlas
    museum.py   minigrad museum
    bench.py    minigrad bench
    reference.py  the page of all public names

A command is a file with two functions: `options` declares what it takes, `run` does it and
returns the exit code. It is imported when it is asked for, and what it needs when it runs.
"""
