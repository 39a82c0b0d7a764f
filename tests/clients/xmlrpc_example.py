"""Ask for the stages of the customers over XML-RPC."""

from xmlrpc.client import ServerProxy

from stage_report import options, print_report

KEY_HELP = "password or API key of the login"


def connect(url, db, login, key):
    """Return a function that calls the server as ``login``."""
    uid = ServerProxy(f"{url}/xmlrpc/2/common").authenticate(db, login, key, {})
    if not uid:
        raise SystemExit(f"{login} cannot log in to {db}: wrong password or API key?")
    server = ServerProxy(f"{url}/xmlrpc/2/object")

    def call(model, method, **arguments):
        return server.execute_kw(db, uid, key, model, method, [], arguments)

    return call


if __name__ == "__main__":
    chosen = options(__doc__, "admin", KEY_HELP)
    print_report(connect(chosen.url, chosen.db, chosen.login, chosen.key))
