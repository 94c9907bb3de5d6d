"""Errors as machines read them: problem details (RFC 9457); people get CKAN's error page."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Flask, request
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound, default_exceptions
from werkzeug.wrappers import Response


def install(app: Flask) -> None:
    """Answer machines by problem details and leave people to the handlers already there."""
    former = dict(app.error_handler_spec[None])
    for code in default_exceptions:
        handlers = former.get(code, {})
        handler = handlers.get(default_exceptions[code])
        if handler:
            app.register_error_handler(code, _handler(handler))
    # what a view let through: a refusal and an absence are answers, not faults of the portal
    app.register_error_handler(tk.NotAuthorized, lambda error: app.handle_http_exception(Forbidden(_words(error))))
    app.register_error_handler(tk.ObjectNotFound, lambda error: app.handle_http_exception(NotFound(_words(error))))
    app.register_error_handler(tk.ValidationError, lambda error: app.handle_http_exception(BadRequest(_faults(error))))


def _words(error: Any) -> str | None:
    """Give what an error of CKAN's logic says to a person, None where it says nothing."""
    return str(error.message) if error.message else None


def _faults(error: tk.ValidationError) -> str:
    """Give what is wrong with what was asked, field by field."""
    return "; ".join(f"{field}: {said}" for field, said in error.error_summary.items())


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


def details(status: int, code: str, title: str, detail: str = "", **members: Any) -> Response:
    """Give problem details (RFC 9457) of the address that was asked for.

    :param code: which problem it is, for programs; it stays the same in every language
    :param title: what kind of problem it is, in a few words
    :param detail: what is wrong this time, in the visitor's language
    :param members: what else a program can use
    """
    told = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.path,
        **members,
    }
    return Response(json.dumps(told, ensure_ascii=False), status, content_type="application/problem+json")


def problem(error: HTTPException) -> Response:
    """Give the problem details of an HTTP error."""
    status = HTTPStatus(error.code or 500)
    return _with_headers(details(status.value, status.name.lower(), status.phrase, error.description or ""), error)


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
