"""Count the SQL statements that pages need: `python tests/benchmarks/statements.py INI PATH…`, answers JSON."""

import json
import sys
from collections import Counter

import sqlalchemy as sa
from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app


def main() -> None:
    application = make_app(CKANConfigLoader(sys.argv[1]).get_config())
    client = application._wsgi_app.test_client()
    seen: list[str] = []
    sa.event.listen(sa.engine.Engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    counted = {}
    for path in sys.argv[2:]:
        client.get(path)
        seen.clear()
        answer = client.get(path)
        counted[path] = len(seen)
        for statement, times in Counter(" ".join(text.split())[:110] for text in seen).most_common(40):
            print(answer.status_code, path, times, statement, file=sys.stderr)
    print(json.dumps(counted))


if __name__ == "__main__":
    main()
