"""The one error that the rules of this room raise."""


class BadValueError(ValueError):
    """A value that a person gave and that can't be kept.

    `message` is an English msgid of the translation catalogue with named `{placeholders}`; `params` fills them.
    Whoever shows it translates `message` first and formats after, so that one text has one translation.
    """

    def __init__(self, message: str, **params: object):
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return self.message.format(**self.params)
