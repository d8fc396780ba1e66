"""The processors' time that Linux grants, on made-up folders as containers, services and their managers see them."""

import pytest

from glassnet.quota import quota_below

V1 = "4:cpu,cpuacct:/docker/abc\n3:memory:/docker/abc\n1:name=systemd:/docker/abc\n"
CASES = {
    "nothing is limited": ("0::/\n", {"cpu.max": "max 100000"}, None),
    "a container of its own": ("0::/\n", {"cpu.max": "200000 100000"}, 2),
    "one and a half are two": ("0::/\n", {"cpu.max": "150000 100000"}, 2),
    "a tenth is one": ("0::/\n", {"cpu.max": "10000 100000"}, 1),
    "another period": ("0::/\n", {"cpu.max": "150000 50000"}, 3),
    "a service": ("0::/system.slice/x.service\n", {"system.slice/x.service/cpu.max": "300000 100000"}, 3),
    "the group around it is smaller": (
        "0::/a/b/c\n",
        {
            "cpu.max": "max 100000",
            "a/cpu.max": "200000 100000",
            "a/b/cpu.max": "700000 100000",
            "a/b/c/cpu.max": "max 9",
        },
        2,
    ),
    "another group's is not ours": ("0::/a\n", {"a/cpu.max": "max 100000", "b/cpu.max": "100000 100000"}, None),
    "a path of the host's": ("0::/kubepods/pod1/abc\n", {"cpu.max": "400000 100000"}, 4),
    "a path from outside": ("0::/../../x\n", {"cpu.max": "400000 100000"}, 4),
    "version 1": (V1, {"cpu,cpuacct/docker/abc": ("250000", "100000")}, 3),
    "version 1, mounted as a container sees it": (V1, {"cpu": ("50000", "100000")}, 1),
    "version 1 without a limit": (V1, {"cpu,cpuacct/docker/abc": ("-1", "100000")}, None),
    "version 1, the group around it": (
        V1,
        {"cpu,cpuacct": ("-1", "100000"), "cpu,cpuacct/docker": ("200000", "100000")} | {"cpu/docker/abc": ("5", "1")},
        2,
    ),
    "both versions": (V1 + "0::/x\n", {"unified/x/cpu.max": "max 100000", "cpu/docker": ("300000", "100000")}, 3),
    "what no kernel writes": ("0::/\nx\n::\n\xff\n", {"cpu.max": "many 0"}, None),
    "a period of nothing": ("0::/\n", {"cpu.max": "100 0"}, None),
    "no numbers": ("0::/\n", {"cpu.max": ""}, None),
}


@pytest.mark.parametrize("name", CASES)
def test_the_smallest_quota_on_the_way_up_counts(name, tmp_path):
    groups, files, expected = CASES[name]
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(groups, encoding="latin-1")
    for place, content in files.items():
        names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
        texts = (
            {place: content}
            if isinstance(content, str)
            else {f"{place}/{n}": t for n, t in zip(names, content, strict=True)}
        )
        for path, text in texts.items():
            file = tmp_path / "sys/fs/cgroup" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{text}\n", encoding="ascii")
    assert quota_below(tmp_path) == expected


def test_where_there_are_no_groups_there_is_no_quota(tmp_path):
    assert quota_below(tmp_path) is None
