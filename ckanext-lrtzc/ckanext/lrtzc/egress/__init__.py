"""The one way out: every outgoing call of the portal goes through `ckanext.lrtzc.egress.api`."""
