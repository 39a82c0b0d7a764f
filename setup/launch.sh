# Sourced by the scripts of this folder: find a Python that Odoo 19 supports,
# install one where the machine has none, and hand over to launch.py.

setup=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
verb=$(basename -- "$0")

supported='import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))'

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11 python3.10; do
        if command -v "$candidate" >/dev/null && "$candidate" -c "$supported" 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

install_python() {
    command -v apt-get >/dev/null || return 0
    sudo=
    [ "$(id -u)" -eq 0 ] || sudo="sudo -n"
    echo "[setup] python3 and python3-venv from Debian's packages ..." >&2
    $sudo apt-get update -qq >&2 &&
        $sudo env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends python3 python3-venv >&2
}

python=$(find_python)
if [ -z "$python" ]; then
    install_python
    python=$(find_python)
fi
if [ -z "$python" ]; then
    echo "Step 'python' failed: no Python 3.10 to 3.13 with venv was found." >&2
    echo "Install one (packages python3 and python3-venv), then try again." >&2
    exit 1
fi
exec "$python" -B "$setup/launch.py" "$verb" "$@"
