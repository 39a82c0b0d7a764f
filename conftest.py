"""Rules that hold for every test of the repository, addons' and others'."""

import os
import shutil
from pathlib import Path
from unittest.mock import patch

import pytest

FULL = os.environ.get("LIFECYCLE_FULL") == "1"


@pytest.fixture(scope="session", autouse=True)
def own_filestore(load_registry):
    """Give each process files of its own: pytest-odoo lets them share one folder, and a
    test that clears up would take away what others still need.
    """
    from odoo.tools import config

    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        yield
        return
    shared = Path(config.filestore(""))
    mine = shared.with_name(f"{shared.name}-{worker}")
    shutil.copytree(shared, mine, dirs_exist_ok=True)
    config.filestore.return_value = str(mine)
    yield
    shutil.rmtree(mine, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def kept_browser(load_registry):
    """Let tests share a browser; the ones that make one themselves have their own."""
    from odoo.tests import common

    from tests.kept_browser import KeptBrowser

    with patch.object(common, "ChromeBrowser", KeptBrowser):
        yield
    KeptBrowser.quit()


def pytest_itemcollected(item):
    """Name the group early: pytest-xdist reads it before other hooks of ours run."""
    item.add_marker(pytest.mark.xdist_group(_group(item)))


def pytest_collection_modifyitems(config, items):
    """Keep what Odoo's own loader would run, and the long tests for --full."""
    skip = pytest.mark.skip(reason="long test: ./setup/test --full")
    for item in items:
        if _is_long(item) and not FULL:
            item.add_marker(skip)
    repeated = [item for item in items if _is_repeated(item)]
    if repeated:
        config.hook.pytest_deselected(items=repeated)
        items[:] = [item for item in items if not _is_repeated(item)]


def _group(item):
    """Name the tests that one process runs together, one after the other.

    Browsers never run two at a time: a page that waits for its turn looks broken.
    """
    from odoo.tests import HttpCase

    cls = getattr(item, "cls", None)
    if cls and issubclass(cls, HttpCase):
        return "browser"
    return str(item.path)


def _is_long(item):
    """Marked with pytest's ``full``, or tagged with Odoo's."""
    tags = getattr(getattr(item, "cls", None), "test_tags", ())
    return bool(item.get_closest_marker("full")) or "full" in tags


def _is_repeated(item):
    """Whether a test is another class's or module's, seen a second time here.

    Odoo runs a test method in the class that defines it only.
    """
    cls = getattr(item, "cls", None)
    if cls is None or not hasattr(cls, "test_tags"):
        return False
    if cls.__module__ != item.module.__name__:
        return True
    inherits = getattr(cls, "allow_inherited_tests_method", False)
    return not inherits and item.originalname not in vars(cls)
