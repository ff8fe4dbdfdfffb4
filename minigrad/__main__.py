"""python -m minigrad: the commands live above this package, and this says where."""
import shlex
import sys

if __name__ == "__main__":
    sys.exit("minigrad is the library; its commands are: python -m optim "
             + shlex.join(sys.argv[1:] or ["--help"]))
