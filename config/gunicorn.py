"""The web server's settings, on one machine and in containers alike."""

import os

workers = int(os.environ.get("LRTZC_WEB_WORKERS", "2"))
threads = int(os.environ.get("LRTZC_WEB_THREADS", "4"))
worker_class = "gthread"
preload_app = False
timeout = 120
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
