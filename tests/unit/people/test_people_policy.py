"""Who may act on whom, and what people are found by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.accounts.details.searching import KEY, name_keys, search_key
from authserver.core.problems import Refused
from authserver.people.policy import check_may_act_on, may_vouch
from authserver.roles.catalogue import Permission
from authserver.roles.policy import Grantor

SETS = st.frozensets(st.sampled_from(list(Permission)))


@given(mine=SETS, theirs=SETS)
def test_nobody_acts_on_somebody_who_may_do_more(
    mine: frozenset[Permission], theirs: frozenset[Permission]
) -> None:
    grantor = Grantor("usr_me", mine)
    if theirs <= mine:
        check_may_act_on(grantor, "usr_them", theirs)
    else:
        with pytest.raises(Refused):
            check_may_act_on(grantor, "usr_them", theirs)
    with pytest.raises(Refused):
        check_may_act_on(grantor, "usr_me", frozenset())
    check_may_act_on(None, "usr_them", theirs)


def test_only_the_operator_vouches_for_any_address() -> None:
    me = Grantor("usr_me", frozenset(Permission))
    assert may_vouch(None, "gmail.com", ())
    assert may_vouch(me, "globex.example", ["globex.example"])
    assert not may_vouch(me, "evil.globex.example", ["globex.example"])


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Ada Lovelace", ("ada lovelace", "lovelace ada")),
        ("Émile  Zola", ("emile zola", "zola emile")),
        ("Straße", ("strasse", "strasse")),
        ("Ǿystein Å", ("øystein a", "a øystein")),
        ("山田 太郎", ("山田 太郎", "太郎 山田")),
        ("İpek", ("ipek", "ipek")),
    ],
)
def test_a_name_is_found_from_either_end(name: str, keys: tuple[str, str]) -> None:
    assert name_keys(name) == keys


@given(st.text(max_size=200))
def test_a_key_is_short_and_the_key_of_itself(text: str) -> None:
    key = search_key(text)
    assert len(key) <= KEY
    assert search_key(key) == key
