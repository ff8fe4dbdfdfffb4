"""Notebooks run by clean shells of IPython: each in a process of its own, forked from this
one, which has loaded what most of them need and nothing of ours.

A line of standard input is [notebook, where to write it as it ran, folder, code to run
first]; what is answered is [what went wrong or "", seconds of the processor]. A kernel,
which build.py starts, does the same by messages; but neither it nor what it loads is here
started anew for each notebook.
"""
import base64
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path

from IPython.core.displayhook import DisplayHook
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from ipykernel.compiler import XCachingCompiler
from traitlets.config import Config

import build


class Published(DisplayHook):
    """What a cell results in goes where its pictures go."""
    def write_output_prompt(self):
        """None."""

    def write_format_data(self, format_dict, md_dict=None):
        """Publish it."""
        self.shell.display_pub.publish(format_dict, md_dict or {})


class Shell(InteractiveShell):
    """A shell whose results are published, with a kernel's names of cells."""
    displayhook_class = Published
    compiler_class = XCachingCompiler


def serve():
    """Run what standard input asks for, each in a fork."""
    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    import matplotlib.pyplot, PIL.Image, sympy                      # noqa: E401, F401
    for line in sys.stdin:
        read, write = os.pipe()
        if not (child := os.fork()):
            said = ""
            try:
                execute(shell, *json.loads(line))
            except BaseException:
                said = traceback.format_exc()
            with open(write, "w", encoding="utf-8") as end:
                end.write(said)
            os._exit(0)
        os.close(write)
        with open(read, encoding="utf-8") as end:
            said = end.read()
        _, status, used = os.wait4(child, 0)
        said = said or f"its process ended: {status}"*bool(status)
        print(json.dumps([said, used.ru_utime + used.ru_stime]), flush=True)


def execute(shell, path, target, folder, first):
    """Run a notebook in this process, which is for nothing else."""
    os.chdir(folder)
    sys.path[0] = folder
    exec(first, {})
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    with tempfile.TemporaryFile() as beside, open(os.devnull) as nothing:
        for stream, file in enumerate((nothing, beside, beside)):
            os.dup2(file.fileno(), stream)
        for cell in build.code_cells(notebook):
            with capture_output() as kept:
                shell.run_cell(build.source_of(cell), store_history=True).raise_error()
            cell["outputs"] = [*streams(kept), *map(shown, kept.outputs)]
        beside.seek(0)
        if said := beside.read():
            raise ValueError(f"written past the shell: {said!r}")
    Path(target).write_text(json.dumps(build.tidy(notebook)), encoding="utf-8")


def streams(kept):
    """What was printed, as a notebook has it."""
    return [{"output_type": "stream", "name": name, "text": text}
            for name in ("stdout", "stderr") if (text := getattr(kept, name))]


def shown(output):
    """What was shown, as a notebook has it."""
    return {"output_type": "display_data", "data": {
        kind: base64.b64encode(data).decode() if isinstance(data, bytes) else data
        for kind, data in output.data.items()}}


if __name__ == "__main__":
    serve()
