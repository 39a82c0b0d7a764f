"""A private PostgreSQL cluster, or the server that ``PGHOST`` names.

Ours is durable, listens on a socket that only its owner can reach and, with a
password, on a free local port. It keeps running between commands.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import socket
import stat
import tempfile
from pathlib import Path

from . import debian, paths, steps
from .lock import exclusive

STEP = "postgres"
ROLE = "lifecycle"
OLDEST = 13
SOCKET_PATH_LIMIT = 100  # the system's own is 107, PostgreSQL adds a file name
SYSTEM_FOLDERS = ("/usr/lib/postgresql", "/usr/local/opt", "/opt/homebrew/opt")
GIVEN = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")

SETTINGS = """
# Written by setup/toolkit/postgres.py. Durable: fsync and synchronous_commit
# keep their defaults (on).
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{socket}'
max_connections = 200
shared_buffers = '512MB'
work_mem = '32MB'
maintenance_work_mem = '256MB'
effective_cache_size = '2GB'
max_wal_size = '4GB'
jit = off
logging_collector = off
"""


def ensure():
    """Return the environment variables that reach a running server."""
    if os.environ.get("PGHOST"):
        return {name: os.environ[name] for name in GIVEN if name in os.environ}
    if not _answers():
        with exclusive(STEP):
            if not _answers():
                _start()
    return _variables()


def identity():
    """Tells servers apart; ours stays the same whatever port it got."""
    given = os.environ.get("PGHOST")
    return f"{given}:{os.environ.get('PGPORT', '')}" if given else "own"


def stop():
    """Stop our cluster; another's is never touched."""
    if _answers():
        _pg_ctl("stop", "-m", "fast")


def query(text, database, env):
    """Run one statement; return its rows as unadorned text."""
    client = shutil.which("psql") or str(binaries() / "psql")
    args = [client, "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", text]
    return steps.command(STEP, args, env=env)


def binaries():
    """Folder of the newest server programs on this machine, or None."""
    found = [
        (int(folder.parent.name.rpartition("@")[2]), folder)
        for base in SYSTEM_FOLDERS
        for folder in Path(base).glob("*/bin")
        if _version_of(folder) >= OLDEST
    ]
    if found:
        return max(found)[1]
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def _version_of(folder):
    name = folder.parent.name.rpartition("@")[2]
    return int(name) if name.isdigit() and (folder / "initdb").exists() else 0


def _start():
    if not binaries():
        with steps.timed("PostgreSQL server programs"):
            debian.install(STEP, "postgresql")
    if not _complete():
        with steps.timed("PostgreSQL cluster"):
            _create()
    with steps.timed("PostgreSQL start"):
        _configure()
        log = _home() / "server.log"
        _pg_ctl("start", "--wait", "-t", "60", "-l", log)


def _complete():
    home = _home()
    return (home / "created").exists() and home.stat().st_uid == _owner_id()


def _owner_id():
    user = _owner()
    return user.pw_uid if user else os.geteuid()


def _create():
    home = _home()
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True, mode=0o700)
    _give_to_owner(home)
    password = home / "password"
    password.write_text(secrets.token_urlsafe(24))
    password.chmod(0o600)
    _give_to_owner(password)
    _as_owner(
        *(binaries() / "initdb", "-D", home / "data", "-U", ROLE),
        *("-E", "UTF8", "--locale=C", "--pwfile", password),
        # The socket's folder is closed to other users.
        *("--auth-local=trust", "--auth-host=scram-sha-256"),
    )
    (home / "created").touch()


def _configure():
    """Choose the address anew at each start: the old port may be taken."""
    home, folder = _home(), _socket_folder()
    folder.mkdir(parents=True, exist_ok=True)
    _give_to_owner(folder)
    folder.chmod(0o700)
    port = _free_port()
    settings = home / "data/lifecycle.conf"
    settings.write_text(SETTINGS.format(port=port, socket=folder))
    _give_to_owner(settings)
    main = home / "data/postgresql.conf"
    include = "include_if_exists = 'lifecycle.conf'\n"
    if include not in main.read_text():
        with main.open("a") as handle:
            handle.write(include)
    (home / "port").write_text(str(port))


def _variables():
    return {
        "PGHOST": str(_socket_folder()),
        "PGPORT": (_home() / "port").read_text(),
        "PGUSER": ROLE,
    }


def _answers():
    """Whether our server takes connections on its socket."""
    try:
        address = f"{_socket_folder()}/.s.PGSQL.{(_home() / 'port').read_text()}"
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(address)
    except OSError:
        return False
    return True


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _pg_ctl(verb, *args):
    _as_owner(binaries() / "pg_ctl", verb, "-D", _home() / "data", *args)


def _as_owner(*args):
    """Run as an unprivileged user where the caller is root."""
    user = _owner()
    # The server must not hold the caller's terminal, locks or folder.
    options = {"cwd": "/", "start_new_session": True}
    if user:
        options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    steps.command(STEP, args, **options)


def _owner():
    """User the cluster runs as; None means the caller."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise steps.StepError(f"Step '{STEP}' needs an unprivileged user: add 'postgres'.")


def _give_to_owner(path):
    user = _owner()
    if user:
        os.chown(path, user.pw_uid, user.pw_gid)


def _home():
    """The cluster's folder; outside the repository where its owner cannot go."""
    if not _owner() or all(_open_to_all(parent) for parent in paths.LOCAL.parents):
        return paths.POSTGRES
    return Path("/var/tmp") / f"lifecycle-{_repository_id()}"


def _open_to_all(folder):
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def _socket_folder():
    folder = _home() / "socket"
    if len(str(folder)) <= SOCKET_PATH_LIMIT - len(".s.PGSQL.65535"):
        return folder
    return Path(tempfile.gettempdir()) / f"lifecycle-{_repository_id()}"


def _repository_id():
    return hashlib.sha256(str(paths.ROOT).encode()).hexdigest()[:12]
