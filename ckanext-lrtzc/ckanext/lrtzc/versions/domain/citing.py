"""How a version is cited: Creator (Year): Title. Version. Publisher. Identifier.

The order is that of DataCite's Metadata Schema 4.5, “Citation format”, with the version.
"""

import datetime as dt


def citation(creator: str, title: str, version: str, publisher: str, address: str, moment: dt.datetime) -> str:
    """Give the text that cites a version; parts that are empty, or said already, are left out.

    :param version: what it is called, for instance “version 3”
    :param moment: when it came, in the zone of the territory
    """
    who = creator or publisher
    parts = [f"{who} ({moment.year}): {title}", version]
    if publisher and publisher != who:
        parts.append(publisher)
    return ". ".join([*(part.strip().rstrip(".") for part in parts if part.strip()), address])
