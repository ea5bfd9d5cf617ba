"""Runs the sandbox: `python -m app.sandbox --port 5001 --database instance/sandbox.sqlite`."""

import argparse
import os
import signal
import sys
import threading

from app.sandbox.application import create_sandbox
from app.sandbox.serving import LOOPBACK, make_sandbox_server


def main(arguments=None):
    """Serve on the loopback address until SIGTERM or SIGINT. Returns the exit code."""
    environ = os.environ
    parser = argparse.ArgumentParser(prog="python -m app.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=int(environ.get("LOKET_SANDBOX_PORT", "5001")))
    parser.add_argument("--database", default="instance/sandbox.sqlite")
    parser.add_argument("--delay", type=float, default=1.5, help="seconds before news is found")
    options = parser.parse_args(arguments)
    app = create_sandbox(
        options.database,
        delay_seconds=options.delay,
        client_id=environ.get("LOKET_SANDBOX_CLIENT_ID", "demo"),
        client_secret=environ.get("LOKET_SANDBOX_CLIENT_SECRET", "demo"),
    )
    try:
        server = make_sandbox_server(app, options.port)
    except OSError:
        sys.stderr.write(f"Poort {options.port} is al in gebruik: kies een andere.\n")
        return 1
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    serving = threading.Thread(target=server.serve_forever, name="sandbox", daemon=True)
    serving.start()
    sys.stdout.write(f"Oefenomgeving: http://{LOOPBACK}:{options.port}/sandbox/\n")
    sys.stdout.flush()
    stop.wait()
    server.shutdown()
    serving.join()
    app.extensions["sandbox"].store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
