"""One browser for many tests: each has a tab of its own, the files stay in its cache.

Odoo's test case starts a browser for every page and every tour. Starting it and reading
all scripts anew takes longer than most tests do.
"""

import shutil
import tempfile

import requests
import websocket

from odoo.tests.common import HOST, ChromeBrowser

# What a page may leave in a browser; the cache of files is not among it.
LEFT_BEHIND = "file_systems,indexeddb,local_storage,service_workers,websql"


class KeptBrowser(ChromeBrowser):
    """A tab of a browser that outlives the test."""

    # {what it was started with: (process, port, folder)}
    _kept = {}

    def _chrome_start(self, user_data_dir, **options):
        kind = tuple(sorted(options.items()))
        process, port, _folder = self._kept.get(kind) or (None, None, None)
        if process is None or process.poll() is not None:
            folder = tempfile.mkdtemp(suffix="_chrome_kept")
            own, self.user_data_dir = self.user_data_dir, folder
            process, port = super()._chrome_start(folder, **options)
            self.user_data_dir = own
            self._kept[kind] = process, port, folder
        return KeptProcess(process), port

    def _open_websocket(self):
        self._json_command("version")
        address = f"http://{HOST}:{self.devtools_port}/json/new?about:blank"
        page = requests.put(address, timeout=10).json()
        socket = websocket.create_connection(
            page["webSocketDebuggerUrl"], enable_multithread=True, suppress_origin=True
        )
        socket.settimeout(0.01)
        return socket

    def _websocket_request(self, method, **options):
        """Leave the tab only, and leave nothing in it, where the browser would end."""
        if method != "Browser.close":
            return super()._websocket_request(method, **options)
        origin = {"origin": self.test_case.base_url(), "storageTypes": LEFT_BEHIND}
        # While a page is open, what is cleared comes back.
        super()._websocket_request("Page.navigate", params={"url": "about:blank"})
        super()._websocket_request("Storage.clearDataForOrigin", params=origin)
        super()._websocket_request("Network.clearBrowserCookies")
        super()._websocket_request("Browser.resetPermissions")
        return super()._websocket_request("Page.close")

    @classmethod
    def quit(cls):
        """End every browser that was kept."""
        for process, _port, folder in cls._kept.values():
            process.kill()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)
        cls._kept.clear()


class KeptProcess:
    """What a test knows of the browser's process: it may not end it."""

    def __init__(self, process):
        self.pid = process.pid
        self.poll = process.poll

    def terminate(self):
        """Stay: other tests need it."""

    def wait(self, timeout=None):
        """Return at once, as a process that has ended does."""
