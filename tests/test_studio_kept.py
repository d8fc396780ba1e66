"""Results that are kept: a bounded number of them, each made by one asker at a time."""

import threading

import pytest

from glassnet.studio.shown.kept import Kept
from studio_server import wait_for


def begun(n, work):
    """Return so many threads at work."""
    threads = [threading.Thread(target=work, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    return threads


def ended(threads):
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()


def test_those_asked_for_last_are_kept():
    kept, made = Kept(most=3), []

    def take(key):
        return kept.take(key, lambda: made.append(key) or key.upper())

    assert [take(key) for key in "abcbad"] == list("ABCBAD")
    assert made == list("abcd")
    assert (kept.found("c"), kept.found("d")) == (None, "D")
    assert kept.found("b") == "B"  # which counts as asking, too
    assert take("c") == "C"
    assert [kept.found(key) for key in "abcd"] == [None, "B", "C", "D"]


def test_a_result_is_made_once_while_others_wait_and_its_place_is_taken():
    kept, made, go_on = Kept(most=1), [], threading.Event()
    results = []

    def slowly():
        made.append("slow")
        go_on.wait(30)
        return "slow"

    first = begun(1, lambda _: results.append(kept.take("slow", slowly)))
    wait_for(lambda: made)
    assert kept.found("slow") is None
    for key in "abc":
        assert kept.take(key, lambda key=key: key) == key
    others = begun(5, lambda _: results.append(kept.take("slow", slowly)))
    go_on.set()
    ended([*first, *others])
    assert results == ["slow"] * 6
    assert made == ["slow"]


def test_what_is_kept_is_bounded_while_makers_are_at_work():
    kept, go_on = Kept(most=3), threading.Event()
    at_work = begun(20, lambda i: kept.take(i, lambda: go_on.wait(30) and i))
    wait_for(lambda: len(kept.making) == 20)
    for key in "abcde":
        kept.take(key, lambda key=key: key)
        assert len(kept.results) <= 3
    go_on.set()
    ended(at_work)
    assert (len(kept.results), kept.making) == (3, {})


def test_what_fails_leaves_nothing_and_the_next_asker_tries():
    kept = Kept(most=2)
    for key in "ab":
        kept.take(key, lambda key=key: key)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            kept.take("x", lambda: 1 / 0)
    assert (list(kept.results), kept.making) == (["a", "b"], {})
    assert kept.take("x", lambda: 7) == 7


def test_who_waits_for_what_fails_tries_in_turn():
    kept, go_on, answers, tries = Kept(most=2), threading.Event(), [], []

    def third_time_lucky():
        tries.append(1)
        go_on.wait(30)
        if len(tries) < 3:
            raise ZeroDivisionError
        return len(tries)

    def ask(_):
        try:
            answers.append(kept.take("x", third_time_lucky))
        except ZeroDivisionError:
            answers.append(None)

    at_work = begun(6, ask)
    go_on.set()
    ended(at_work)
    assert sorted(answers, key=str) == [3, 3, 3, 3, None, None]
    assert len(tries) == 3
    assert (kept.found("x"), kept.making) == (3, {})
