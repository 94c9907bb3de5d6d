"""Partners' addresses called through the portal's way out."""

from collections.abc import Mapping

from ckanext.lrtzc.egress import api as egress
from ckanext.lrtzc.partners.domain.record import Reply

PAGE_LIMITS = egress.Limits(seconds=120, connect=10, size=100_000_000)
CHECK_LIMITS = egress.Limits(seconds=30, connect=10, size=100_000_000)


class Caller:
    """Calls a partner's pages within `limits`; an HTTP error status is an error."""

    def __init__(self, limits: egress.Limits = PAGE_LIMITS) -> None:
        self.client = egress.client(limits)

    def __call__(self, address: str, method: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        """See `domain.record.Fetch`.

        :raises EgressError: refused, failed, or answered with an error status.
        """
        answer = self.client.fetch(address, method=method, body=body, headers=headers).raise_for_status()
        return Reply(answer.url, answer.media_type, answer.body)
