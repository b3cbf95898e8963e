"""The kernel as machine code: its source loaded a second time, under a name that makes numba compile it."""

from __future__ import annotations

import importlib.util
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "checker.fast.kernel_compiled"


@cache
def compiled_kernel() -> Any:
    """The module whose functions are compiled when they are first called; what was compiled is kept on disk.

    Raises:
        ImportError: numba is not there.
    """
    spec = importlib.util.spec_from_file_location(NAME, Path(__file__).with_name("kernel.py"))
    if spec is None or spec.loader is None:
        raise ImportError(NAME)
    module = importlib.util.module_from_spec(spec)
    sys.modules[NAME] = module
    spec.loader.exec_module(module)
    return module


@contextmanager
def compiler_watched(begins: Callable[[], None], ends: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, tell when the compiler begins with a function that is not on disk, and when it is done with it.

    Raises:
        ImportError: numba is not there.
    """
    from numba.core import event  # noqa: PLC0415, only those who compile pay for the import

    class Told(event.Listener):
        def on_start(self, _: Any) -> None:
            begins()

        def on_end(self, _: Any) -> None:
            ends()

    with event.install_listener("numba:compile", Told()):
        yield
