"""An ssh server of one's own for a benchmark, on loopback or behind a slow and lossy link."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from measuring import SCRATCH, BrokenRun  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
SERVER_ADDRESS = "10.211.77.2"
CLIENT_ADDRESS = "10.211.77.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def checked(command, **options):
    finished = subprocess.run(command, capture_output=True, text=True, **options)
    if finished.returncode != 0:
        raise BrokenRun(f"{' '.join(map(str, command))}: {(finished.stderr or finished.stdout).strip()[-1000:]}")
    return finished.stdout


class Link:
    """Two network namespaces joined by `lossy_link`; needs root."""

    def __init__(self, round_trip_ms: float, loss_percent: float):
        if os.geteuid() != 0:
            raise BrokenRun("a slow link needs root, for network namespaces")
        self.client, self.server = f"vox-c-{os.getpid()}", f"vox-s-{os.getpid()}"
        program = SCRATCH / "lossy_link"
        checked(["gcc", "-O2", "-pthread", "-o", program, HERE / "lossy_link.c"])
        for name in (self.client, self.server):
            checked(["ip", "netns", "add", name])
            checked(["ip", "-n", name, "link", "set", "lo", "up"])
        self.process = subprocess.Popen(
            [program, self.client, self.server, str(round_trip_ms / 2), str(loss_percent)],
            stdout=subprocess.PIPE,
        )
        self.process.stdout.readline()
        for name, device, own, other in (
            (self.client, "ta", CLIENT_ADDRESS, SERVER_ADDRESS),
            (self.server, "tb", SERVER_ADDRESS, CLIENT_ADDRESS),
        ):
            checked(["ip", "-n", name, "address", "add", own, "peer", other, "dev", device])
            checked(["ip", "-n", name, "link", "set", device, "up"])

    def close(self):
        self.process.kill()
        self.process.wait()
        for name in (self.client, self.server):
            subprocess.run(["ip", "netns", "delete", name], check=False)


class SSHHost:
    """sshd with keys of its own, a client configuration for scp and rsync, and a hosts.yaml for voxsite."""

    def __init__(self, binary: str, link: Link | None = None):
        self.link = link
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ssh-", dir=SCRATCH))
        os.chmod(self.folder, 0o700)
        address = SERVER_ADDRESS if link else "127.0.0.1"
        self.port = 22022 if link else free_port()
        for name in ("host", "user"):
            checked(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name])
        shutil.copy(self.folder / "user.pub", self.folder / "authorized")
        sftp = next(
            (path for path in ("/usr/lib/openssh/sftp-server", "/usr/libexec/sftp-server") if os.path.exists(path)),
            "internal-sftp",
        )
        (self.folder / "sshd_config").write_text(
            f"Port {self.port}\nListenAddress {address}\nHostKey {self.folder}/host\nPidFile none\n"
            f"AuthorizedKeysFile {self.folder}/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n"
            f"PasswordAuthentication no\nMaxStartups 100\nSubsystem sftp {sftp}\n"
        )
        os.makedirs("/run/sshd", exist_ok=True)
        sshd = shutil.which("sshd") or "/usr/sbin/sshd"
        self.process = subprocess.Popen(
            self.on_server([sshd, "-D", "-e", "-f", str(self.folder / "sshd_config")]),
            stderr=open(self.folder / "sshd.log", "wb"),
        )
        key = (self.folder / "host.pub").read_text().split()
        (self.folder / "known_hosts").write_text(f"[{address}]:{self.port} {key[0]} {key[1]}\n")
        user = checked(["id", "-un"]).strip()
        self.ssh = (
            f"ssh -p {self.port} -i {self.folder}/user -o IdentitiesOnly=yes -o BatchMode=yes "
            f"-o UserKnownHostsFile={self.folder}/known_hosts -o GlobalKnownHostsFile=none"
        )
        self.address = f"{user}@{address}"
        self.hosts = self.folder / "hosts.yaml"
        self.hosts.write_text(
            f"hosts:\n  bench:\n    address: {self.address}:{self.port}\n"
            f"    host_key: {key[0]} {key[1]}\n    identity: {self.folder}/user\n    agent: false\n"
        )
        os.chmod(self.hosts, 0o600)
        self.binary = binary
        for _ in range(100):
            if subprocess.run(self.on_client([*self.ssh.split(), self.address, "true"]), capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        raise BrokenRun(f"sshd does not answer: {(self.folder / 'sshd.log').read_text()[-1000:]}")

    def on_client(self, command):
        return ["ip", "netns", "exec", self.link.client, *command] if self.link else command

    def on_server(self, command):
        return ["ip", "netns", "exec", self.link.server, *command] if self.link else command

    def scp(self, source, target):
        """The command that copies a file of the host here with scp(1)."""
        options = self.ssh.replace("ssh -p", "-P", 1).split()
        return self.on_client(["scp", "-q", *options, f"{self.address}:{source}", str(target)])

    def rsync(self, source, target, *flags):
        return self.on_client(["rsync", "-t", *flags, "-e", self.ssh, f"{self.address}:{source}", str(target)])

    def voxsite(self, source, target, *flags, scheme=""):
        place = f"sftp://bench{source}" if scheme == "sftp" else f"bench:{source}"
        return self.on_client([self.binary, "sync", "-q", "--hosts", str(self.hosts), *flags, place, str(target)])

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
