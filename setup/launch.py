"""Entry point of every script in this folder: ``launch.py VERB ARGS...``."""

import importlib
import sys

from toolkit.steps import StepError, say


def main(verb, *args):
    module = importlib.import_module(f"toolkit.verbs.{verb}")
    try:
        return module.main(list(args))
    except StepError as error:
        say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted. Run the same command again to go on.")
        return 130


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
