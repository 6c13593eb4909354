"""The kernel a report runs in: this very Python, whatever kernels the user has installed."""

import logging
import os
import subprocess
import sys
import tempfile
from typing import Any
from weakref import WeakSet

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager

STATIC = "AIECON_STATIC"
"""Set in a kernel whose output nobody can move: panels then show their static twin."""
_STARTED: WeakSet[Any] = WeakSet()


def abandon() -> None:
    """Kill every kernel that runs and remove its sockets, so that an interrupted report need not wait for them."""
    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # it would tell of each kernel that it died
    for manager in list(_STARTED):
        process = getattr(manager.provisioner, "process", None)
        if process is not None:
            process.kill()
        if sockets := getattr(manager, "_sockets", None):
            sockets.cleanup()


class OwnKernelManager(AsyncKernelManager):
    """Starts ipykernel with the running interpreter, over local sockets where the system has them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if os.name == "posix":
            self._sockets = tempfile.TemporaryDirectory(prefix="aiecon-")
            self.transport = "ipc"  # no port is opened, and no warning about one is printed
            self.ip = f"{self._sockets.name}/kernel"
        _STARTED.add(self)

    @property
    def kernel_spec(self) -> KernelSpec:
        """How the kernel is started."""
        quiet = "--log-level=ERROR"  # a kernel just starting when its report is stopped would tell the terminal so
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", quiet]
        return KernelSpec(argv=command, display_name="Python 3", language="python", env={STATIC: "1"})

    async def start_kernel(self, **options: Any) -> Any:  # type: ignore[override]  # the same coroutine
        """Start it with its own complaints unheard: what a cell says comes by message, and one that is stopped while
        it starts would tell the terminal of the sockets it lost.
        """
        return await super().start_kernel(stderr=subprocess.DEVNULL, **options)
