"""Make our Solr schema from the one that the installed CKAN ships.

CKAN's schema is read from the package, so that raising CKAN in the lock raises it here too; this script changes only
what the portal needs otherwise: French analysis, the spatial field, the words for "did you mean".

Usage: python config/solr/schema.py TARGET
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from lxml import etree

# Elision before folding (l'énergie), folding before stemming (otherwise coeur and cœur differ), no stop words: CKAN's
# query fields include plain strings, and a word dropped on one side only would make "de l'énergie" find nothing.
PLAIN = """<charFilter class="solr.MappingCharFilterFactory" mapping="mapping-apostrophes.txt"/>
    <tokenizer class="solr.StandardTokenizerFactory"/>
    <filter class="solr.ElisionFilterFactory" articles="elisions.txt" ignoreCase="true"/>
    <filter class="solr.LowerCaseFilterFactory"/>
    <filter class="solr.ASCIIFoldingFilterFactory"/>"""

STEMS = """<filter class="solr.KeywordMarkerFilterFactory" protected="protected.txt"/>
    <filter class="solr.FrenchLightStemFilterFactory"/>"""
# Synonyms are met by the portal, in the question (ckanext/lrtzc/search/synonyms.py): administrators keep them by page.
FRENCH = f"""
<fieldType name="text" class="solr.TextField" positionIncrementGap="100">
  <analyzer>
    {PLAIN}
    {STEMS}
  </analyzer>
</fieldType>
"""

# Words of rows.
ROWS = FRENCH.replace('name="text"', 'name="text_rows"')

# Unstemmed, so that what is proposed can be read; folded, since three accents forgotten would be three errors.
WORDS = f"""
<fieldType name="text_words" class="solr.TextField" positionIncrementGap="100">
  <analyzer>
    {PLAIN}
  </analyzer>
</fieldType>
"""

# Beginnings of words, for suggestions while one types.
BEGINNINGS = f"""
<fieldType name="text_beginnings" class="solr.TextField" positionIncrementGap="100">
  <analyzer type="index">
    {PLAIN}
    <filter class="solr.EdgeNGramFilterFactory" minGramSize="2" maxGramSize="15" preserveOriginal="true"/>
  </analyzer>
  <analyzer type="query">
    {PLAIN}
  </analyzer>
</fieldType>
"""

# The solr-spatial-field backend of ckanext-spatial; the figures are those of its documentation, for degrees.
SPATIAL = """
<fieldType name="location_rpt" class="solr.SpatialRecursivePrefixTreeFieldType" spatialContextFactory="JTS"
  validationRule="repairBuffer0" autoIndex="true" distErrPct="0.025" maxDistErr="0.000009" distanceUnits="degrees"/>
"""

FIELDS = """
<fields>
  <field name="spatial_geom" type="location_rpt" indexed="true" stored="true" multiValued="true"/>
  <field name="words" type="text_words" indexed="true" stored="false" multiValued="true"/>
  <field name="suggest" type="text_beginnings" indexed="true" stored="false" multiValued="true"/>
  <field name="content" type="text_rows" indexed="true" stored="true" multiValued="true"
    storeOffsetsWithPositions="true"/>
</fields>
"""

# What stands in rows counts less than what is said of them, so it isn't copied into `text`.
COPIES = {"title": ["words", "suggest"], "notes": ["words"], "tags": ["words", "suggest"], "content": ["words"]}


def make_schema(source: Path) -> bytes:
    """Give our schema as XML.

    :param source: CKAN's schema.xml.
    :raises ValueError: where CKAN's schema has no longer the parts that we change.
    """
    tree = etree.parse(str(source), etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True))
    root = tree.getroot()
    name = root.get("name", "")
    types, fields = root.find("types"), root.find("fields")
    if types is None or fields is None or not name.startswith("ckan-"):
        raise ValueError(f"{source}: not a CKAN Solr schema that this script knows")
    text = types.find("fieldType[@name='text']")
    if text is None:
        raise ValueError(f"{source}: the field type “text” is missing")
    root.set("name", f"{name}-lrtzc")
    types.replace(text, etree.fromstring(FRENCH))
    for kind in (ROWS, WORDS, BEGINNINGS, SPATIAL):
        types.append(etree.fromstring(kind))
    for field in etree.fromstring(FIELDS):
        fields.insert(0, field)
    # Suggestions and caches read who may see a document from the index.
    labels = fields.find("field[@name='permission_labels']")
    if labels is not None:
        labels.set("stored", "true")
    for origin, targets in COPIES.items():
        for target in targets:
            etree.SubElement(root, "copyField", source=origin, dest=target)
    # One of CKAN's other types of text reads a file of synonyms, which we don't have.
    for unread in types.xpath("fieldType//filter[@synonyms]"):
        unread.getparent().remove(unread)
    # A copy of a field into itself is refused by Solr 9.
    for copy in root.findall("copyField"):
        if copy.get("source") == copy.get("dest"):
            root.remove(copy)
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def main() -> None:
    """Write the schema to the path given."""
    spec = find_spec("ckan")
    if spec is None or spec.origin is None:
        sys.exit("CKAN is not installed in this environment")
    target = Path(sys.argv[1])
    schema = make_schema(Path(spec.origin).parent / "config" / "solr" / "schema.xml")
    if not target.exists() or target.read_bytes() != schema:
        target.write_bytes(schema)


if __name__ == "__main__":
    main()
