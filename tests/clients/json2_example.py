"""Ask for the stages of the customers over JSON-2, with an API key."""

import json
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from stage_report import options, print_report

# ``./setup/run`` makes one for the administrator of its demo.
DEMO_KEY = Path(__file__).resolve().parents[2] / ".local/demo-api-key"
KEY_HELP = "API key, from Preferences > Security > Add API Key"


def connect(url, db, key):
    """Return a function that calls the server with an API key."""
    headers = {
        "Authorization": f"bearer {key}",
        "Content-Type": "application/json",
        "X-Odoo-Database": db,
    }

    def call(model, method, **arguments):
        body = json.dumps(arguments).encode()
        try:
            with urlopen(
                Request(f"{url}/json/2/{model}/{method}", body, headers)
            ) as reply:
                return json.load(reply)
        except HTTPError as error:
            raise SystemExit(f"{error.code}: {json.load(error)['message']}") from None

    return call


if __name__ == "__main__":
    found = DEMO_KEY.read_text().strip() if DEMO_KEY.exists() else None
    chosen = options(__doc__, found, KEY_HELP)
    if not chosen.key:
        raise SystemExit(f"No API key. Give one by --key or LIFECYCLE_KEY: {KEY_HELP}.")
    print_report(connect(chosen.url, chosen.db, chosen.key))
