"""A real IMAP server with TLS, private, in its own folder; one user, "returned"."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path

import servers
import trustme

PASSWORD = "s3cret/odd"
CONFIG = """
protocols = imap
base_dir = {folder}/run
log_path = {folder}/log
ssl = required
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail
first_valid_uid = 1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = servers.free_port()
        self.authority = trustme.CA()
        self._write()
        self.process = subprocess.Popen([servers.DOVECOT, "-F", "-c", str(folder / "dovecot.conf")])
        deadline = time.monotonic() + 10
        while not self._listens():
            if time.monotonic() > deadline:
                raise TimeoutError((folder / "log").read_text())
            time.sleep(0.05)

    def _write(self) -> None:
        """As root, Dovecot gives its processes to the users that Debian's package makes."""
        is_root = os.geteuid() == 0
        user = pwd.getpwnam("dovecot") if is_root else pwd.getpwuid(os.geteuid())
        login = "dovenull" if is_root else user.pw_name
        issued = self.authority.issue_cert("127.0.0.1")
        issued.cert_chain_pems[0].write_to_path(str(self.folder / "cert.pem"))
        issued.private_key_pem.write_to_path(str(self.folder / "key.pem"))
        group = "dovecot" if is_root else str(user.pw_gid)
        (self.folder / "mail").mkdir()
        for place in (self.folder, self.folder / "mail"):
            shutil.chown(place, user.pw_uid, user.pw_gid)
        values = {
            "user": user.pw_name,
            "login": login,
            "uid": user.pw_uid,
            "gid": user.pw_gid,
            "group": group,
        }
        config = CONFIG.format(folder=self.folder, port=self.port, password=PASSWORD, **values)
        (self.folder / "dovecot.conf").write_text(config)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
