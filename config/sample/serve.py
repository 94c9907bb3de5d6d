"""Serves the folder of a static portal, with the media types that harvesters look at.

Usage: python serve.py PORT FOLDER
listens on this machine only.
"""

import argparse
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Handler(SimpleHTTPRequestHandler):
    """Knows the types of RDF, which the machine's own list may lack."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".ttl": "text/turtle; charset=utf-8",
        ".rdf": "application/rdf+xml",
        ".jsonld": "application/ld+json",
        ".csv": "text/csv; charset=utf-8",
        ".html": "text/html; charset=utf-8",
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("folder")
    options = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", options.port), partial(Handler, directory=options.folder))
    print(f"http://localhost:{options.port} serves {options.folder}", flush=True)
    server.serve_forever()
