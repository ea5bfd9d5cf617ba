"""How the web server runs: one process with threads, and the embedded queue beside them."""

import os

bind = f"127.0.0.1:{os.environ.get('LOKET_PORT', '5000')}"
workers = 1
worker_class = "gthread"
threads = int(os.environ.get("LOKET_THREADS", "16"))
timeout = 120
graceful_timeout = 10
accesslog = None
loglevel = "warning"


def post_worker_init(worker) -> None:  # noqa: ANN001 - gunicorn's own type
    """Start the embedded consumer in each web process; only the holder of the lease works."""
    from app.jobs import start_embedded_consumer

    start_embedded_consumer(worker.app.callable)
