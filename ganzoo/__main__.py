"""`python -m ganzoo`: the command `ganzoo`."""

from ganzoo.cli.main import run

if __name__ == "__main__":
    run()
