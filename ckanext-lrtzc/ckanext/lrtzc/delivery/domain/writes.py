"""Which SQL statements change what the public sees."""

import re
from collections.abc import Collection

_WRITE = re.compile(
    r"""\s*(?:WITH\b.*?\)\s*)?
        (?:INSERT\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM(?:\s+ONLY)?|TRUNCATE(?:\s+TABLE)?|COPY
          |ALTER\s+TABLE(?:\s+IF\s+EXISTS)?(?:\s+ONLY)?|DROP\s+TABLE(?:\s+IF\s+EXISTS)?)
        \s+(?:"?[\w$]+"?\.)?"?(?P<table>[\w$-]+)"?""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_FIRST_WORDS = ("INSERT", "UPDATE", "DELETE", "TRUNCA", "COPY", "ALTER ", "DROP T", "WITH ")
# When somebody was last seen, a change was handed to those who follow, a batch came in: pages stay as they are.
_UNSEEN = re.compile(
    r"""\s*(?:UPDATE\s+(?:"user"\s+SET\s+last_active|lrtzc_following_event\s+SET\s+told)=\S+\s+WHERE
        |INSERT\s+INTO\s+lrtzc_batches_batch\b)""",
    re.IGNORECASE | re.VERBOSE,
)

#: Tables that no public page shows: traces of who did what, and queues.
QUIET_TABLES = frozenset(
    {
        "activity",
        "activity_detail",
        "api_token",
        "harvest_gather_error",
        "harvest_log",
        "harvest_object",
        "harvest_object_error",
        "harvest_object_extra",
        "lrtzc_batches_small",
        "lrtzc_batches_version",
        "lrtzc_diffusion_delivery",
        "lrtzc_diffusion_intent",
        "lrtzc_diffusion_listener",
        "lrtzc_diffusion_subscription",
        "lrtzc_following_notice",
        "lrtzc_forms_answer",
        "lrtzc_forms_file",
        "lrtzc_forms_xform",
        "lrtzc_retention_run",
        "lrtzc_versions_copy",
        "task_status",
        "tracking_raw",
        "user_following_dataset",
    }
)


def table_written(statement: str) -> str | None:
    """Give the table that a statement writes to, None for one that only reads."""
    start = statement.lstrip()[:6].upper()
    if not start.startswith(tuple(word[:6] for word in _FIRST_WORDS)):
        return None
    found = _WRITE.match(statement)
    return found.group("table") if found else None


def changes_public_content(statement: str, quiet: Collection[str] = QUIET_TABLES) -> bool:
    """Tell whether shared pages may differ once the statement is committed.

    Unknown tables count: a page shown again too early is a fault, one made again too often is not.
    """
    table = table_written(statement)
    return table is not None and table not in quiet and not _UNSEEN.match(statement)
