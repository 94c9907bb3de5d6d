"""Errors as machines read them: problem details (RFC 9457); people get CKAN's error page."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.wrappers import Response


def install(app: Flask) -> None:
    """Answer machines by problem details and leave people to the handlers already there."""
    former = dict(app.error_handler_spec[None])
    for code in default_exceptions:
        handlers = former.get(code, {})
        handler = handlers.get(default_exceptions[code])
        if handler:
            app.register_error_handler(code, _handler(handler))


def is_for_machine() -> bool:
    """Tell whether whoever asks reads JSON rather than pages."""
    if request.path.split("/", 3)[1:2] == ["api"] or "/api/" in request.path[:8]:
        return True
    accept = request.accept_mimetypes
    if not accept or accept.best == "*/*":
        return False
    return accept["application/problem+json"] + accept["application/json"] > 0 and not accept["text/html"]


def _handler(for_people: Callable[[Exception], Any]) -> Callable[[Exception], Any]:
    def answer(error: Any) -> Any:
        if not isinstance(error, HTTPException):
            return for_people(error)
        if error.response is not None:
            return error.response
        if is_for_machine():
            return problem(error)
        return _with_headers(for_people(error), error)

    return answer


def problem(error: HTTPException) -> Response:
    """Give the problem details of an HTTP error; `code` is stable, `detail` is in the visitor's language."""
    status = HTTPStatus(error.code or 500)
    told = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": status.name.lower(),
        "detail": error.description or "",
        "instance": request.path,
    }
    response = Response(json.dumps(told, ensure_ascii=False), status.value, content_type="application/problem+json")
    return _with_headers(response, error)


def _with_headers(answer: Any, error: HTTPException) -> Any:
    """Keep what the error says in headers: when to try again, which methods there are."""
    kept = [(name, value) for name, value in error.get_headers() if name.lower() in ("retry-after", "allow")]
    if not kept:
        return answer
    if isinstance(answer, Response):
        for name, value in kept:
            answer.headers[name] = value
        return answer
    body, status = answer
    return body, status, kept
