"""What this portal knows of itself and a partner's record doesn't say."""

from ckanext.lrtzc.partners.domain.dataset import Ground
from ckanext.lrtzc.partners.domain.texts import folded
from ckanext.lrtzc.territory import TerritoryError, get_territory


def ground_for(licence: str = "", axis: str = "") -> Ground:
    """Give the territory's communes and axes as words to recognise, with a partner's own defaults."""
    try:
        territory = get_territory()
    except TerritoryError:
        return Ground(licence=licence)
    communes = {folded(commune.name): commune.code for commune in territory.communes}
    axes: dict[str, str] = {}
    for known in territory.axes:
        for word in (known.code, *known.label.by_language.values(), *known.themes):
            axes[folded(word)] = known.code
    return Ground(communes, axes, licence, axis if axis in territory.axes_by_code else "")
