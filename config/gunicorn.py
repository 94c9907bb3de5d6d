"""The web server's settings, on one machine and in containers alike."""

import os

workers = int(os.environ.get("LRTZC_WEB_WORKERS", "2"))
threads = int(os.environ.get("LRTZC_WEB_THREADS", "4"))
worker_class = "gthread"
preload_app = False
timeout = 120
# longer than nginx keeps a connection it doesn't use, or it would now and then ask on one that is being closed
keepalive = 75
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None
# TLS 1.2 at least, which is what Python takes from a server's context by itself
certfile = os.environ.get("LRTZC_WEB_CERTIFICATE_FILE") or None
keyfile = os.environ.get("LRTZC_WEB_KEY_FILE") or None
# its commands aren't used, and it wants a home to keep its socket in
control_socket_disable = True
