"""Ask for the stages of the customers over JSON-2, with an API key."""

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from stage_report import options, print_report

# ``./setup/run`` makes one for the administrator of its demo.
DEMO_KEY = Path(__file__).resolve().parents[2] / ".local/demo-api-key"
KEY_HELP = "API key, from Preferences > Security > Add API Key"


def connect(to):
    """Return a function that calls the server with the API key ``to.key``."""
    if not to.key:
        raise SystemExit(f"No API key. Give one by --key or LIFECYCLE_KEY: {KEY_HELP}.")
    headers = {
        "Authorization": f"bearer {to.key}",
        "Content-Type": "application/json",
        "X-Odoo-Database": to.db,
    }

    def call(model, method, **arguments):
        body = json.dumps(arguments).encode()
        try:
            with urlopen(
                Request(f"{to.url}/json/2/{model}/{method}", body, headers)
            ) as reply:
                return json.load(reply)
        except HTTPError as error:
            raise SystemExit(f"{error.code} {error.reason}: {_told(error)}") from None

    return call


def _told(error):
    try:
        return json.load(error)["message"]
    except ValueError:
        return f"no JSON-2 at {error.url}, or no such database"


if __name__ == "__main__":
    found = DEMO_KEY.read_text().strip() if DEMO_KEY.exists() else None
    print_report(connect, options(__doc__, found, KEY_HELP))
