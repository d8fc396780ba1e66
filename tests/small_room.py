"""A process that may take little memory, and read only what it is permitted to."""

import ctypes
import os

MEMORY_BYTES = 2 << 30
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24
CAPABILITY_VERSION = 0x20080522  # the third, with two sets of 32


class Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def in_a_small_room():
    """Take memory away, and from root the right to pass over permissions: from this process and what it becomes."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        header, sets = Header(CAPABILITY_VERSION, 0), (Sets * 2)()
        failed = libc.capget(ctypes.byref(header), sets)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            failed |= libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
            sets[0].effective &= ~(1 << capability)
            sets[0].permitted &= ~(1 << capability)
            sets[0].inheritable &= ~(1 << capability)
        if failed or libc.capset(ctypes.byref(header), sets):
            raise OSError(ctypes.get_errno(), "cannot give up a capability")
