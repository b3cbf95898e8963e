"""The memory limit where nobody says one: what the machine, and every control group, has to give."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tcpfsm.run import memory
from tcpfsm.run.memory import RESERVE, SHARE, most_memory

if TYPE_CHECKING:
    from pathlib import Path

GIB = 2**30
RESIDENT = GIB // 4
UNLIMITED_V1 = 9223372036854771712


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 16 GiB, in which this process has a quarter of one, and nothing else bounds it."""
    monkeypatch.setattr(memory, "resident_bytes", lambda: RESIDENT)
    monkeypatch.setattr(memory, "_total", lambda: 16 * GIB)
    monkeypatch.setattr(memory, "_address_space", lambda: iter(()))


def write(root: Path, files: dict[str, str]) -> Path:
    """Write some files that the system would tell."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return root


def meminfo(available: int) -> dict[str, str]:
    """Return what the machine says of its memory."""
    return {"proc/meminfo": f"MemTotal: 16777216 kB\nMemFree: 5 kB\nMemAvailable: {available // 1024} kB\n"}


def test_what_is_available_now_is_the_limit_less_a_reserve(tmp_path: Path) -> None:
    """Beside what this process has already."""
    assert most_memory(write(tmp_path, meminfo(8 * GIB))) == RESIDENT + 8 * GIB - int(16 * GIB * RESERVE)


def test_where_nothing_is_left_nothing_may_be_added(tmp_path: Path) -> None:
    """The run then ends at once, and says why; the machine does not swap."""
    assert most_memory(write(tmp_path, meminfo(GIB // 8))) == RESIDENT


def test_where_it_is_not_told_what_is_available_it_is_most_of_what_there_is(tmp_path: Path) -> None:
    """As on systems without /proc."""
    assert most_memory(tmp_path) == int(16 * GIB * SHARE)


@pytest.mark.parametrize("missing", ["resident_bytes", "_total"])
def test_where_nothing_is_told_there_is_no_limit(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could not be kept."""
    monkeypatch.setattr(memory, missing, lambda: None)

    assert most_memory(write(tmp_path, meminfo(8 * GIB))) is None


def group(version: int, path: str, limit: str, used: int, files: int) -> dict[str, str]:
    """Return what a control group says; ``files`` is what the system keeps of files in it."""
    if version == 2:
        folder = f"sys/fs/cgroup{path}"
        names = ("memory.max", "memory.current", "inactive_file")
    else:
        folder = f"sys/fs/cgroup/memory{path}"
        names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
    return {
        f"{folder}/{names[0]}": f"{limit}\n",
        f"{folder}/{names[1]}": f"{used}\n",
        f"{folder}/memory.stat": f"anon 7\n{names[2]} {files}\n",
    }


CGROUP = {
    1: {"proc/self/cgroup": "7:cpu,cpuacct:/\n4:memory:/jobs/mine\n0::/\n"},
    2: {"proc/self/cgroup": "0::/jobs/mine\n"},
}


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("path", ["/jobs/mine", "/jobs", ""])
def test_the_limit_of_a_control_group_counts(version: int, path: str, tmp_path: Path) -> None:
    """Its own, or that of one around it, or that of a container; what is kept of files can be dropped."""
    write(tmp_path, {**meminfo(8 * GIB), **CGROUP[version], **group(version, path, str(2 * GIB), GIB, GIB // 2)})

    assert most_memory(tmp_path) == RESIDENT + 2 * GIB - GIB // 2 - int(2 * GIB * RESERVE)


@pytest.mark.parametrize(("version", "limit"), [(1, str(UNLIMITED_V1)), (2, "max"), (2, str(64 * GIB))])
def test_a_control_group_without_a_limit_does_not_count(version: int, limit: str, tmp_path: Path) -> None:
    """However it says so; nor does one that allows more than there is."""
    write(tmp_path, {**meminfo(8 * GIB), **CGROUP[version], **group(version, "/jobs/mine", limit, GIB, 0)})

    assert most_memory(tmp_path) == RESIDENT + 8 * GIB - int(16 * GIB * RESERVE)


def test_of_several_control_groups_the_narrowest_counts(tmp_path: Path) -> None:
    """The outer one, if it is nearly full."""
    outer, inner = group(2, "/jobs", str(4 * GIB), 3 * GIB, 0), group(2, "/jobs/mine", str(3 * GIB), GIB, 0)
    write(tmp_path, {**meminfo(8 * GIB), **CGROUP[2], **outer, **inner})

    assert most_memory(tmp_path) == RESIDENT + GIB - int(4 * GIB * RESERVE)


def test_a_limited_address_space_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would exceed it could not be taken."""
    monkeypatch.setattr(memory, "_address_space", lambda: iter([GIB]))

    assert most_memory(write(tmp_path, meminfo(8 * GIB))) == RESIDENT + GIB


def test_the_address_space_of_this_process_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its limit less what is mapped already; without a limit there is nothing to say."""
    resource = pytest.importorskip("resource")
    monkeypatch.undo()
    statm = tmp_path / "statm"
    statm.write_text("1000 200 30 4 0 50 0\n", encoding="ascii")
    monkeypatch.setattr(memory, "STATM", statm)
    monkeypatch.setattr(memory.mmap, "PAGESIZE", 4096)
    monkeypatch.setattr(resource, "getrlimit", lambda _: (GIB, GIB))
    assert list(memory._address_space()) == [GIB - 1000 * 4096 - int(GIB * RESERVE)]

    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert list(memory._address_space()) == []
    monkeypatch.setitem(__import__("sys").modules, "resource", None)
    assert list(memory._address_space()) == []


def test_this_machine_tells_a_limit_that_fits_into_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than this process has, less than there is."""
    monkeypatch.undo()
    limit, resident, total = most_memory(), memory.resident_bytes(), memory._total()
    if resident is None or total is None:
        pytest.skip("this platform does not tell")

    assert limit is not None
    assert resident // 2 < limit < total
