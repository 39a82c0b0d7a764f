"""Databases with our addons installed, made once and reused while they fit."""

import shutil
from pathlib import Path

from . import addons, odoo, paths, postgres, steps, venv

STEP = "database"
BASE = "lifecycle_base"
TEMPLATE = "lifecycle_template"
PREGENERATE = "env['ir.qweb']._pregenerate_assets_bundles(); env.cr.commit()"


class Database:
    """One database, reached through the environment ``env``."""

    def __init__(self, name, env):
        self.name = name
        self.env = env

    def exists(self):
        query = f"SELECT 1 FROM pg_database WHERE datname = '{self.name}'"
        return bool(self._psql(query, database="postgres"))

    def drop(self):
        self._psql(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)', "postgres")
        folder = Path(self.env["ODOO_DATA_DIR"]) / "filestore" / self.name
        shutil.rmtree(folder, ignore_errors=True)

    def install(self, modules):
        """Install modules, creating the database where there is none.

        :raises StepError: when Odoo fails, or leaves a module uninstalled
        """
        self._odoo("-i", ",".join(modules))
        self._check_installed(modules)

    def update(self, modules):
        self._odoo("-u", ",".join(modules))
        self._check_installed(modules)

    def duplicate_to(self, name):
        """Copy database and filestore; the copy gets an identity of its own."""
        self._run("db", "duplicate", self.name, name)
        return Database(name, self.env)

    def relax(self):
        """Let commits return before they are on disk: for throw-away data."""
        self._psql(f'ALTER DATABASE "{self.name}" SET synchronous_commit = off')

    def pregenerate_assets(self):
        """Build the asset bundles now, not inside the first browser test."""
        self._run("shell", "-d", self.name, "--no-http", stdin_text=PREGENERATE)

    def is_installed(self, module):
        """Whether an installation of ``module`` was completed here."""
        if not self.exists() or not self._psql(
            "SELECT to_regclass('ir_module_module')"
        ):
            return False
        return bool(
            self._psql(
                "SELECT 1 FROM ir_module_module"
                f" WHERE name = '{module}' AND state = 'installed'"
            )
        )

    def _check_installed(self, modules):
        names = ", ".join(f"'{name}'" for name in modules)
        missing = self._psql(
            f"SELECT wanted.name FROM unnest(ARRAY[{names}]) AS wanted(name)"
            " LEFT JOIN ir_module_module USING (name)"
            " WHERE state IS DISTINCT FROM 'installed'"
        )
        if missing:
            lost = ", ".join(missing.split())
            raise steps.StepError(
                f"Step '{STEP}' failed: Odoo left these modules uninstalled in"
                f" {self.name}: {lost}.\n  log: {steps.log_file(STEP)}"
            )

    def _odoo(self, *args):
        self._run("-d", self.name, "--stop-after-init", "--no-http", *args)

    def _run(self, *args, **options):
        odoo = [venv.PYTHON, "-m", "odoo", *args]
        steps.command(STEP, odoo, env=self.env, cwd=paths.ROOT, **options)

    def _psql(self, query, database=None):
        return postgres.query(query, database or self.name, self.env).strip()


def ensure_copy(name, env, only=(), fresh=False):
    """A throw-away database with our addons (or ``only`` some) installed.

    It is a copy of a template that nothing else connects to, so a test may make
    more copies while the first is in use: ``LIFECYCLE_TEMPLATE`` names it.
    """
    template = _ensure_template(env, only, fresh)
    env["LIFECYCLE_TEMPLATE"] = template.name
    copy = Database(name, env)
    fingerprint = steps.stamp(f"database-{template.name}")
    if fresh:
        steps.forget(f"database-{name}")
    steps.ensure(
        f"database-{name}",
        f"Database {name}",
        fingerprint,
        lambda: _copy(template, copy),
        present=copy.exists,
    )
    steps.say(f"[setup] {name}: throw-away data, synchronous_commit is off")
    return copy


def _copy(template, copy):
    copy.drop()
    template.duplicate_to(copy.name)
    copy.relax()


def _ensure_template(env, only, fresh):
    template = Database("_".join([TEMPLATE, *only]), env)
    modules = addons.closure(*only) if only else list(addons.manifests())
    if fresh:
        steps.forget(f"database-{template.name}")
    steps.ensure(
        f"database-{template.name}",
        f"Database {template.name}: our addons",
        steps.checksum(addons.fingerprint(modules), _base_fingerprint()),
        lambda: _build_template(template, modules),
        present=template.exists,
    )
    return template


def _build_template(template, modules):
    base = _ensure_base(template.env)
    template.drop()
    base.duplicate_to(template.name)
    if modules:
        template.install(modules)
    template.pregenerate_assets()


def _ensure_base(env):
    """Odoo's own modules only: they take the longest and change the least."""
    base = Database(BASE, env)
    steps.ensure(
        f"database-{BASE}",
        f"Database {BASE}: Odoo's own modules",
        _base_fingerprint(),
        lambda: _build_base(base),
        present=base.exists,
    )
    return base


def _build_base(base):
    base.drop()
    base.install(["base", *addons.outside_dependencies()])


def _base_fingerprint():
    source = odoo.locate()
    platform = (str(source), source / "odoo/release.py", venv.fingerprint())
    modules = addons.outside_dependencies()
    return steps.checksum(postgres.identity(), *platform, *modules)
