"""The kinds of sources, by name, in the order in which they are offered."""

from ckanext.lrtzc.sources.kinds.base import Kind
from ckanext.lrtzc.sources.kinds.cmis import Cmis
from ckanext.lrtzc.sources.kinds.ftp import Ftp
from ckanext.lrtzc.sources.kinds.mailbox import Mail
from ckanext.lrtzc.sources.kinds.mysql import Mysql
from ckanext.lrtzc.sources.kinds.ogcapi import OgcApi
from ckanext.lrtzc.sources.kinds.postgresql import Postgresql
from ckanext.lrtzc.sources.kinds.rest import Rest
from ckanext.lrtzc.sources.kinds.s3 import S3
from ckanext.lrtzc.sources.kinds.sftp import Sftp
from ckanext.lrtzc.sources.kinds.soap import Soap
from ckanext.lrtzc.sources.kinds.web import Web
from ckanext.lrtzc.sources.kinds.webdav import Webdav
from ckanext.lrtzc.sources.kinds.wfs import Wfs

_FILES = (Web(), Rest(), Soap(), Sftp(), Ftp(), Webdav(), S3(), Cmis(), Mail())
_OFFERED: tuple[Kind, ...] = (*_FILES, Postgresql(), Mysql(), Wfs(), OgcApi())
KINDS: dict[str, Kind] = {kind.name: kind for kind in _OFFERED}
