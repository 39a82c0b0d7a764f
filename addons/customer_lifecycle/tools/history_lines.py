"""Text lines out of a byte stream, one at a time, and their cells."""

import codecs
import csv
import io
from collections import deque
from contextlib import suppress

# A longer line is no purchase; reading on would fill the memory.
MAX_LINE = 10_000
# A quoted cell may contain line breaks, but not the rest of the file.
MAX_QUOTED_LINES = 10
CHUNK = 1 << 20
UNREADABLE = "\ufffd"
QUOTE = '"'


def guess_encoding(stream, limit=None):
    """Return the encoding of a stream, which is read from where it stands.

    :param int limit: number of bytes to look at; all of them by default
    """
    head = stream.read(4096)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Digits and separators: every other byte of UTF-16 is zero.
    if head[1::2].count(0) > len(head) / 4:
        return "utf-16-le"
    if head[::2].count(0) > len(head) / 4:
        return "utf-16-be"
    if _is_utf8(stream, head, limit):
        return "utf-8-sig"
    # Windows puts letters and signs where Latin-1 has control characters.
    return "cp1252" if any(0x80 <= byte < 0xA0 for byte in head) else "latin-1"


def _is_utf8(stream, head, limit):
    decoder = codecs.getincrementaldecoder("utf-8")()
    read = 0
    try:
        while head:
            decoder.decode(head)
            read += len(head)
            if limit and read >= limit:
                return True
            head = stream.read(CHUNK)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def read_lines(stream, encoding):
    """Yield (line number, text, readable) of each line that is not blank.

    A line beyond ``MAX_LINE``, one that cannot be decoded, and one with a quote that
    never closes are given out as unreadable; the lines behind them as usual.
    """
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline=None)
    source = _Source(text)
    try:
        while (entry := source.take())[1]:
            number, line, readable = entry
            if readable and line.count(QUOTE) % 2:
                line, readable = source.close_quote(line)
            if line.strip():
                yield number, line.rstrip("\r\n"), readable and not _is_garbled(line)
    finally:
        # Who stopped reading early may have closed the stream before.
        with suppress(ValueError):
            text.detach()


class _Source:
    """Numbered lines that can be given back."""

    def __init__(self, text):
        self.text = text
        self.number = 0
        self.given_back = deque()

    def take(self):
        if self.given_back:
            return self.given_back.popleft()
        self.number += 1
        return self.number, *_read_line(self.text)

    def close_quote(self, line):
        """Return the line joined with those that its quoted cell goes on in."""
        taken = []
        joined = line
        while len(taken) < MAX_QUOTED_LINES:
            entry = self.take()
            taken.append(entry)
            joined += entry[1]
            if not entry[1] or not entry[2]:
                break
            if joined.count(QUOTE) % 2 == 0:
                return joined, True
        self.given_back.extendleft(reversed(taken))
        return line, False


def _is_garbled(line):
    return UNREADABLE in line or "\0" in line


def split(line, separator):
    """Return the cells of a line, trimmed."""
    if separator == " ":
        return line.split()
    row = next(csv.reader([line], delimiter=separator), [])
    return [cell.strip() for cell in row]


def _read_line(text):
    line = text.readline(MAX_LINE)
    if len(line) < MAX_LINE or line.endswith("\n"):
        return line, True
    while (rest := text.readline(MAX_LINE)) and not rest.endswith("\n"):
        pass
    return line[:200], False
