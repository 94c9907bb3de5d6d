"""The clock by which the portal tells hours and days to people, and takes them from them: the territory's.

A portal without a territory goes by `ckan.display_timezone`.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import ckan.plugins.toolkit as tk

from ckanext.lrtzc.territory import TerritoryError, get_territory


def zone() -> ZoneInfo:
    """Give the zone; CKAN's own object (of pytz) would count by the sun of 1891 where it is combined with a day."""
    try:
        return ZoneInfo(get_territory().timezone)
    except TerritoryError:
        return ZoneInfo(str(tk.h.get_display_timezone()))


def local_now() -> dt.datetime:
    """Give the time, in the zone."""
    return dt.datetime.now(zone())


def local_day(moment: dt.datetime) -> dt.date:
    """Give the day that it is at a moment."""
    return moment.astimezone(zone()).date()


def midnight(day: dt.date) -> dt.datetime:
    """Give the moment at which a day begins."""
    return dt.datetime.combine(day, dt.time(), zone())
