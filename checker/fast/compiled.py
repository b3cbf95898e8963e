"""The kernel as machine code: its source loaded a second time, under a name that makes numba compile it."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Any

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
