"""An SFTP server on loopback, by paramiko."""

import os
import socket
import stat
import threading
from contextlib import suppress

import paramiko


class _Folder(paramiko.SFTPServerInterface):
    shelf = None

    def _told(self, name):
        data, moment = self.shelf.files[name]
        found = paramiko.SFTPAttributes()
        found.filename, found.st_mode = name, stat.S_IFREG | 0o644
        found.st_size = self.shelf.lies.get(name, len(data))
        found.st_atime = found.st_mtime = moment
        return found

    def remove(self, path):
        gone = self.shelf.files.pop(path.removeprefix("/out/"), None)
        return paramiko.SFTP_OK if gone else paramiko.SFTP_NO_SUCH_FILE

    def rename(self, old, new):
        if new.removeprefix("/out/") in self.shelf.files:
            return paramiko.SFTP_FAILURE
        self.shelf.files[new.removeprefix("/out/")] = self.shelf.files.pop(old.removeprefix("/out/"))
        return paramiko.SFTP_OK

    def list_folder(self, path):
        return [self._told(name) for name in self.shelf.files] if path == "/out" else paramiko.SFTP_NO_SUCH_FILE

    def stat(self, path):
        name = path.removeprefix("/out/")
        if path == "/out":
            return paramiko.SFTPAttributes()
        return self._told(name) if name in self.shelf.files else paramiko.SFTP_NO_SUCH_FILE

    lstat = stat

    def open(self, path, flags, attr):
        name = path.removeprefix("/out/")
        if flags & os.O_WRONLY:
            return _Written(self.shelf, name) if self.shelf.takes else paramiko.SFTP_PERMISSION_DENIED
        if name not in self.shelf.files:
            return paramiko.SFTP_NO_SUCH_FILE
        return _File(self.shelf, name)


class _Written(paramiko.SFTPHandle):
    def __init__(self, shelf, name):
        super().__init__()
        self._shelf, self._name, self._data = shelf, name, bytearray()

    def write(self, offset, data):
        self._data[offset : offset + len(data)] = data
        return paramiko.SFTP_OK

    def close(self):
        self._shelf.put(self._name, bytes(self._data))


class _File(paramiko.SFTPHandle):
    def __init__(self, shelf, name):
        super().__init__()
        self._data = shelf.take(name)

    def stat(self):
        found = paramiko.SFTPAttributes()
        found.st_size, found.st_mode = len(self._data), stat.S_IFREG | 0o644
        return found

    def read(self, offset, length):
        return self._data[offset : offset + length] or paramiko.SFTP_EOF


class _Door(paramiko.ServerInterface):
    def __init__(self, name, password):
        self._known = name, password

    def check_auth_password(self, username, password):
        known = (username, password) == self._known
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED if kind == "session" else paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED


class SftpServer:
    """An SFTP server whose folder `/out` has what the shelf has."""

    def __init__(self, shelf, name, password, port=0):
        self._account = name, password
        self.key = paramiko.ECDSAKey.generate()
        self._folder = type("Folder", (_Folder,), {"shelf": shelf})
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.address = f"sftp://{self.host}/out"
        self._transports = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def fingerprint(self):
        from ckanext.lrtzc.sources.kinds.sftp import fingerprint

        return fingerprint(self.key)

    def _serve(self):
        while True:
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self._folder)
            self._transports.append(transport)
            try:
                transport.start_server(server=_Door(*self._account))
            except (paramiko.SSHException, EOFError, OSError):
                continue

    def stop(self):
        # a listener that somebody waits on answers once more where it is only closed
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(60)
        for transport in self._transports:
            transport.close()
