"""The mail server of the accounts' tests."""

from ckanext.lrtzc.accounts.tests.conftest import letters, mail_sink

__all__ = ["letters", "mail_sink"]
