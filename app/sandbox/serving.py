"""Serving a sandbox over HTTP, for its own process and for tests."""

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

LOOPBACK = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Writes no line per request: a look-up of a pass carries an INSZ number in its address."""

    def log_request(self, code="-", size="-"):
        pass


def make_sandbox_server(app, port: int) -> BaseWSGIServer:
    """A threaded server on the loopback address; port 0 takes a free one. Raises OSError."""
    try:
        return make_server(LOOPBACK, port, app, threaded=True, request_handler=QuietHandler)
    except SystemExit as error:
        # Werkzeug leaves the program when the port is taken.
        raise OSError(f"port {port} is taken") from error
