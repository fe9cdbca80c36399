from interviews.aliases import BIRDS, new_alias


def test_an_alias_is_a_bird_and_a_number():
    bird, number = new_alias(()).split()
    assert bird in BIRDS
    assert 10 <= int(number) <= 99


def test_a_full_house_gets_longer_numbers():
    taken = {f"{bird} {number}" for bird in BIRDS for number in range(10, 100)}
    assert int(new_alias(taken).split()[1]) >= 100


def test_an_alias_is_never_one_that_is_taken():
    free = "Wren 55"
    taken = {f"{bird} {n}" for bird in BIRDS for n in range(10, 1000)} - {free}
    assert new_alias(taken) not in taken
