"""Ask for the stages of the customers over XML-RPC."""

from xmlrpc.client import Fault, ServerProxy

from stage_report import options, print_report

KEY_HELP = "password or API key of the login"


def connect(to):
    """Return a function that calls the server as ``to.login``."""
    try:
        common = ServerProxy(f"{to.url}/xmlrpc/2/common")
        uid = common.authenticate(to.db, to.login, to.key, {})
    except Fault as fault:
        raise SystemExit(fault.faultString.strip().splitlines()[-1]) from None
    if not uid:
        raise SystemExit(f"{to.login} cannot log in: wrong password or API key?")
    server = ServerProxy(f"{to.url}/xmlrpc/2/object")

    def call(model, method, **arguments):
        return server.execute_kw(to.db, uid, to.key, model, method, [], arguments)

    return call


if __name__ == "__main__":
    print_report(connect, options(__doc__, "admin", KEY_HELP))
