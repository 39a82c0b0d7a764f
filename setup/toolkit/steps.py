"""Set-up steps: done once, stamped last, reported when they fail.

A step builds beside its target and renames at the end, so an interrupted run
leaves nothing that the next one takes for finished work.
"""

import hashlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

from . import paths
from .lock import exclusive

LAST_LINES = 20
LARGE_LOG = 1_000_000  # bytes; then it begins anew

timings: list[tuple[str, float]] = []


class StepError(Exception):
    """A set-up step that failed, told so that a person can act on it."""


def say(message):
    print(message, file=sys.stderr, flush=True)


@contextmanager
def timed(title):
    """Announce a piece of work and remember how long it took."""
    say(f"[setup] {title} ...")
    start = time.monotonic()
    yield
    seconds = time.monotonic() - start
    timings.append((title, seconds))
    say(f"[setup] {title}: done in {seconds:.1f} s")


def print_timings():
    """Tell where the time of this run went; nothing to tell is told as well."""
    if not timings:
        print("Set-up: everything was already in place.")
        return
    print("Where the time went:")
    for title, seconds in timings:
        print(f"  {seconds:8.1f} s  {title}")


def command(step, args, stdin_text="", **options):
    """Run a command quietly into the log of ``step``; return its output.

    Output goes through a file: a daemon that the command leaves behind would
    keep a pipe open for ever.

    :raises StepError: naming the step, the command and its last lines
    """
    args = [str(arg) for arg in args]
    with tempfile.TemporaryFile("w+", errors="replace") as file:
        code, output = _run(args, stdin_text, file, options)
    _log(step, args, output)
    if code:
        raise StepError(_failure(step, args, output, code))
    return output


def _run(args, stdin_text, output, options):
    try:
        done = subprocess.run(
            args,
            input=stdin_text.encode(),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            **options,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return type(error).__name__, str(error)
    output.seek(0)
    return done.returncode, output.read()


def log_file(step):
    return paths.LOG / f"setup-{step}.log"


def _log(step, args, output):
    paths.make_local_folders()
    path = log_file(step)
    mode = "a" if path.exists() and path.stat().st_size < LARGE_LOG else "w"
    with open(path, mode, encoding="utf-8") as log:
        log.write(f"$ {shlex.join(args)}\n{output}\n")


def _failure(step, args, output, code):
    tail = "\n".join(f"    {line}" for line in output.splitlines()[-LAST_LINES:])
    return (
        f"Step '{step}' failed: its command ended with '{code}'.\n"
        f"  command: {shlex.join(args)}\n"
        f"  last lines:\n{tail}\n"
        f"  whole log: {log_file(step)}"
    )


def checksum(*parts):
    """Digest of texts and of the files' contents, in the order given."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if hasattr(part, "read_bytes") else part.encode()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def stamp(name):
    try:
        return (paths.STAMPS / name).read_text().strip()
    except FileNotFoundError:
        return None


def forget(name):
    (paths.STAMPS / name).unlink(missing_ok=True)


def write_stamp(name, value):
    paths.make_local_folders()
    draft = paths.STAMPS / f".{name}.{os.getpid()}"
    draft.write_text(f"{value}\n")
    draft.replace(paths.STAMPS / name)


def ensure(name, title, fingerprint, build, present=lambda: True):
    """Build once per fingerprint; a second call costs one file read."""
    if stamp(name) == fingerprint and present():
        return
    with exclusive("setup"):
        if stamp(name) == fingerprint and present():
            return  # another run did it while this one waited
        with timed(title):
            forget(name)
            build()
            write_stamp(name, fingerprint)


@contextmanager
def replacing(target):
    """Give an empty folder that takes the place of ``target`` if all goes well."""
    draft = target.with_name(f"{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    yield draft
    discarded = target.with_name(f"{target.name}.old")
    shutil.rmtree(discarded, ignore_errors=True)
    if target.exists():
        target.rename(discarded)
    draft.rename(target)
    shutil.rmtree(discarded, ignore_errors=True)


def foreground(args, env, **options):
    """Run a command that owns the terminal; return its exit code.

    Ctrl-C reaches the command as well and a termination is passed on; its own
    ending is waited for, as it holds databases that another run may want.
    """
    with subprocess.Popen(list(map(str, args)), env=env, **options) as process:
        signal.signal(signal.SIGTERM, lambda *_args: process.terminate())
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue
