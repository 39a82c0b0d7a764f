"""``./setup/postgres start|stop|psql ARGS...``: the private cluster."""

from .. import environment, postgres, steps

USAGE = "Usage: ./setup/postgres start | stop | psql [ARGS...]"


def main(args):
    match args:
        case ["start"]:
            for name, value in postgres.ensure().items():
                print(f"{name}={value}")
        case ["stop"]:
            postgres.stop()
        case ["psql", *rest]:
            env = environment.prepare()
            environment.become("psql", rest, {"PGDATABASE": "postgres", **env})
        case _:
            raise steps.StepError(USAGE)
    return 0
