"""What the writers need to know of the portal and its territory."""

from dataclasses import dataclass, field
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune: INSEE code, name, and box (west, south, east, north in degrees) if its outline is known."""

    code: str
    name: str
    box: tuple[float, float, float, float] | None = None

    @property
    def uri(self) -> str:
        """Give the commune's address in the official geographic code of INSEE."""
        return f"http://id.insee.fr/geo/commune/{self.code}"


@dataclass(frozen=True, slots=True)
class Site:
    """The portal: where it answers, what it is called, who publishes it, and its territory's words.

    `url` has no slash at its end. `axes` and `communes` are by code.
    """

    url: str
    title: str
    description: str = ""
    language: str = "fr"
    publisher: str = ""
    publisher_url: str | None = None
    email: str | None = None
    box: tuple[float, float, float, float] | None = None
    axes: dict[str, str] = field(default_factory=dict[str, str])
    communes: dict[str, Commune] = field(default_factory=dict[str, Commune])

    def dataset_url(self, identifier: str) -> str:
        """Give the address of a dataset, by its identifier (the one that never changes)."""
        return f"{self.url}/dataset/{quote(identifier, safe='')}"

    def resource_url(self, dataset: str, resource: str) -> str:
        """Give the address of a resource."""
        return f"{self.dataset_url(dataset)}/resource/{quote(resource, safe='')}"

    def axis_url(self, code: str) -> str:
        """Give the address of an axis as a concept."""
        return f"{self.url}/axes#{quote(code, safe='')}"
