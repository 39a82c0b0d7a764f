"""Progress of a command: a bar on a terminal, plain lines elsewhere."""

import sys
import time

WIDTH = 30
# A log wants few lines, a person wants to see that it moves.
LOG_SECONDS = 10


class Progress:
    """Show how far one piece of work is; use as a context manager.

    ``seconds`` tells afterwards how long it took.
    """

    def __init__(self, title, stream=None, clock=time.monotonic):
        self.title = title
        self.stream = stream or sys.stdout
        self.clock = clock
        self.seconds = 0
        self._shown_at = None

    def __enter__(self):
        self._start = self._shown_at = self.clock()
        if self.stream.isatty():
            self._bar(0)
        return self

    def __exit__(self, *failure):
        self.seconds = self.clock() - self._start
        if self.stream.isatty():
            self.stream.write("\r\x1b[K")
        if not failure[0]:
            self._write(f"{self.title}: done in {self.seconds:.1f} s\n")

    def show(self, share, note=""):
        """Tell that ``share`` (0 to 1) of the work is done."""
        share = min(max(share, 0), 1)
        if self.stream.isatty():
            self._bar(share, note)
        elif self.clock() - self._shown_at >= LOG_SECONDS:
            self._shown_at = self.clock()
            self._write(f"{self.title}: {share:.0%} {note}\n")

    def _bar(self, share, note=""):
        full = int(WIDTH * share)
        bar = "#" * full + "." * (WIDTH - full)
        self._write(f"\r\x1b[K{self.title} [{bar}] {share:4.0%} {note}")

    def _write(self, text):
        self.stream.write(text)
        self.stream.flush()
