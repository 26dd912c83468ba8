"""Executors for sweeps: a pool of processes, dask's, and whatever else is one of :mod:`concurrent.futures`."""

import gc
import importlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import resource_tracker
from multiprocessing.process import parent_process
from typing import Any

from constructions.errors import InputError

Workers = Callable[[], AbstractContextManager[Executor]]
"""Opens an executor; called again if one breaks because a worker died."""


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def _interrupts_kept() -> Iterator[None]:
    """An interrupt is answered when this ends, also one that another thread receives, which need not block it."""
    answer = signal.getsignal(signal.SIGINT)
    if not callable(answer) or threading.current_thread() is not threading.main_thread():
        yield
        return
    kept: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: kept.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, answer)
        if kept:
            signal.raise_signal(signal.SIGINT)


class Pool(ProcessPoolExecutor):
    """A pool whose processes leave Ctrl-C to this one to answer, from their first moment on."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Give work to a process, which may be started for it.

        It inherits which signals are blocked. An interrupt that comes meanwhile is kept, and interrupts when this ends:
        a process that is left before it has all that it is sent would print a traceback.
        """
        if not hasattr(signal, "pthread_sigmask"):
            return super().submit(fn, *args, **kwargs)
        resource_tracker.ensure_running()  # started with the first process otherwise, and unblocks interrupts after it
        with _interrupts_kept():
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                return super().submit(fn, *args, **kwargs)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def give_up(self) -> None:
        """End the processes, whose work nobody waits for any more."""
        for child in multiprocessing.active_children():
            child.terminate()


def processes(count: int) -> Workers:
    """A pool of so many processes, started afresh (spawn) on every system."""

    @contextmanager
    def opened() -> Iterator[Executor]:
        pool = Pool(count, multiprocessing.get_context("spawn"), _begin, gc.get_threshold())
        try:
            yield pool
        except KeyboardInterrupt:
            pool.give_up()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    return opened


def _begin(*threshold: int) -> None:
    """In a worker: Ctrl-C is the parent's to answer, and without a parent there is nothing to do.

    Unreachable cycles are looked for as rarely as there, from before what it runs is loaded.
    """
    gc.set_threshold(*threshold)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:

        def end_with_parent() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=end_with_parent, daemon=True).start()


def dask(address: str) -> Workers:
    """The workers of a dask cluster, by the address of its scheduler.

    Raises:
        InputError: if dask is not installed, or nothing answers there.
    """

    @contextmanager
    def opened() -> Iterator[Executor]:
        try:
            distributed = importlib.import_module("distributed")
        except ImportError as error:
            raise InputError("--dask needs dask: pip install 'retrieval-gap[cluster]'") from error
        try:
            client = distributed.Client(address, timeout="10s", set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise InputError(f"no dask scheduler answers at {address!r}: {error}") from error
        try:
            # Unlike a pool's, its results are computed once only if the function is said to have side effects.
            yield client.get_executor(pure=False)
        finally:
            client.close()

    return opened
