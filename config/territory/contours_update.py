"""Write communes.geojson: contours of the communes of communes.json, simplified together and rounded.

Usage: python contours_update.py FILE.geojson [TOLERANCE]
where FILE holds at least these communes with their INSEE code in the property `code`, in EPSG:4326, and
TOLERANCE is in degrees (0.001 unless told, about 100 m). Common borders stay common; coordinates are rounded to
4 decimals (about 10 m). Names come from communes.json, since some files cut the articles off.

Source of the reference file: communes of the département 17, IGN Admin Express and INSEE, put together by
G. David (france-geojson), Licence Ouverte 2.0.
"""

import json
import sys
from pathlib import Path

import shapely
from shapely.geometry import mapping, shape

SOURCE = "IGN, INSEE (Admin Express) ; contours simplifiés"
LICENCE = "Licence Ouverte 2.0"


def rounded(coordinates):
    """Round nested coordinates to 4 decimals."""
    if isinstance(coordinates, float):
        return round(coordinates, 4)
    return [rounded(one) for one in coordinates]


def simplified(features: dict[str, dict], tolerance: float) -> dict[str, dict]:
    """Simplify the geometries by code as one coverage, so that no gap opens between neighbours."""
    codes = list(features)
    contours = shapely.coverage_simplify([shape(features[code]) for code in codes], tolerance)
    geometries = {}
    for code, contour in zip(codes, contours, strict=True):
        geometry = mapping(contour)
        geometries[code] = {"type": geometry["type"], "coordinates": rounded(geometry["coordinates"])}
        if not shape(geometries[code]).is_valid:
            raise SystemExit(f"{code}: the simplified contour is not valid, take a smaller tolerance")
    return geometries


def main(path: Path, tolerance: float) -> None:
    """Read, simplify, write."""
    folder = Path(__file__).parent
    names = {row["code"]: row["name"] for row in json.loads((folder / "communes.json").read_text("utf-8"))}
    everything = json.loads(path.read_text("utf-8"))["features"]
    found = {f["properties"]["code"]: f["geometry"] for f in everything if f["properties"]["code"] in names}
    if missing := sorted(set(names) - set(found)):
        raise SystemExit(f"{path} has no contour for {', '.join(missing)}")
    geometries = simplified(found, tolerance)
    lines = ",\n".join(
        json.dumps(
            {
                "type": "Feature",
                "properties": {"code": code, "name": names[code]},
                "geometry": geometries[code],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for code in sorted(geometries)
    )
    head = f'{{"type":"FeatureCollection","source":"{SOURCE}","licence":"{LICENCE}","features":['
    target = folder / "communes.geojson"
    target.write_text(f"{head}\n{lines}\n]}}\n", "utf-8")
    print(f"{target.name}: {len(geometries)} contours, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.001)
