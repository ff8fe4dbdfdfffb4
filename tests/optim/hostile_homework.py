"""Homework that would harm who grades it: what it does, and what its row has to say."""

ADAM = "\ndef adam(w, dw, lr=0.1): return w - lr*dw\n"       # which no hostile one reaches

HOSTILE = {
    "endless": ("while True: pass", "ended|not done"),
    "endless step": ("def adam(w, dw, lr=0.1):\n    while True: pass", "ended|not done"),
    "memory": ("x = bytearray(2**34)", "MemoryError"),
    "memory bit by bit": ("x = []\nwhile True: x.append(bytes(10**7))",
                          "MemoryError|ended"),
    "exits": ("import os\nos._exit(0)", "ended without an answer"),
    "raises exit": ("raise SystemExit(0)", "SystemExit"),
    "long message": ("raise ValueError('x'*10**8)", "ValueError: x+"),
    "message that fails": ("class E(Exception):\n    def __str__(self): return 1/0\n"
                           "raise E()", "ended without an answer|E"),
    "prints": ("import os\nfor i in range(2000):\n    print('x'*10**5)\n"
               "    os.write(2, b'y'*10**5)\n1/0", "ZeroDivisionError"),
    "numpy": ("import numpy as np\nnp.sqrt = lambda x: x\n"
              "def adam(w, dw, lr=0.1): return w - lr*np.sqrt(dw)", "."),
    "forks": ("import os\nwhile True: os.fork()", "may not|PermissionError"),
    "starts": ("import subprocess\nsubprocess.run(['touch', '/tmp/grade-was-here'])",
               "may not|PermissionError"),
    "system": ("import os\nos.system('rm -rf .')", "may not|PermissionError"),
    "deletes": ("import os\nfor x in os.listdir('.'): os.remove(x)\n1/0",
                "ZeroDivisionError"),
    "deletes yours": ("import os\nos.remove(YOURS)", "may not|PermissionError"),
    "reads yours": ("open(YOURS).read()", "may not read"),
    "reads others": ("import pathlib\nprint(pathlib.Path(YOURS, '..', 'homework', "
                     "'empty.py').read_text())", "may not read"),
    "writes yours": ("open(YOURS, 'w').write('x')", "may not|PermissionError"),
    "moves yours": ("import shutil\nshutil.move(YOURS, 'x')", "may not|PermissionError"),
    "network": ("import socket\nsocket.create_connection(('127.0.0.1', 9), 1)",
                "may not|PermissionError"),
    "kills": ("import os\nos.kill(os.getppid(), 9)", "may not|PermissionError"),
    "secrets": ("import os\nraise ValueError(os.environ.get('SECRET_OF_TEACHER'))",
                "ValueError: None|: None"),
    "syntax": ("def adam(:", "SyntaxError"),
    "deep": ("x = " + "("*5000 + ")"*5000, "."),
    "null": ("x = 1\0", "null|SyntaxError|ValueError"),
    "empty": ("", "has no function"),
    "machine code": ("import ctypes\nctypes.CDLL(None).abort()", "may not|PermissionError"),
    "imports optim": ("import optim\nadam = optim.rules.adam\ndef f(w, g): pass\n"
                      "def adam(*a, **k): return optim.rules.adam(*a, **k)", "own work"),
    "imports from": ("from optim.rules import adam as x\ndef adam(theta, g, m, v, *, t):\n"
                     "    return x(theta, g, m, v, t=t)", "own work"),
    "imports by name": ("r = __import__('op' + 'tim')\ndef adam(theta, g, m, v, *, t):\n"
                        "    return r.rules.adam(theta, g, m, v, t=t)", "own work"),
    "import_module": ("import importlib\nr = importlib.import_module('optim.rules')\n"
                      "def adam(theta, g, m, v, *, t):\n"
                      "    return r.adam(theta, g, m, v, t=t)", "own work"),
    "modules": ("import sys\nr = sys.modules['optim.rules']\n"
                "def adam(theta, g, m, v, *, t):\n    return r.adam(theta, g, m, v, t=t)",
                "own work"),
    "torch": ("import torch.optim\ndef adam(w, g, lr=0.1): return w - lr*g", "own work"),
}
