"""Dates and numbers in words: every form is read back by a parser written for the test."""

from __future__ import annotations

import datetime
import re

import numpy as np
import pytest

from glassnet import data

MONTHS = "january february march april may june july august september october november december"
ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
TEENS = "fifteen sixteen seventeen eighteen nineteen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
WORDS = {word: value for value, word in enumerate(f"{ONES} {TEENS}".split())}
WORDS |= {word: 10 * value for value, word in enumerate(TENS.split(), start=2)}


def read_english(text):
    """Words from left to right: a hundred multiplies what came last, a thousand everything."""
    total = part = 0
    for word in text.replace("-", " ").split():
        if word == "hundred":
            part *= 100
        elif word == "thousand":
            total, part = 1000 * part, 0
        elif word != "and":
            part += WORDS[word]
    return total + part


def read_chinese(text):
    """Digits wait for their unit; 万 multiplies all that has been read."""
    total = part = digit = 0
    for sign in text:
        if sign == "万":
            total, part, digit = (part + digit) * 10_000, 0, 0
        elif sign in "十百千":
            part, digit = part + (digit or 1) * 10 ** ("十百千".index(sign) + 1), 0
        else:
            digit = "零一二三四五六七八九".index(sign)
    return total + part + digit


def read_date(text):
    """A date of any form, whatever stands between its parts."""
    if "年" in text:
        parts = re.split("[年月日]", text)[:3]
        if not parts[0].isdigit():
            year = "".join(str("零一二三四五六七八九".index(sign)) for sign in parts[0])
            parts = [year, read_chinese(parts[1]), read_chinese(parts[2])]
        return datetime.date(*map(int, parts))
    if "/" in text:
        day, month, year = map(int, text.split("/"))
        return datetime.date(year, month, day)
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    (day,) = (n for n in numbers if n < 32)
    (year,) = (n for n in numbers if n > 999)
    names = [word[:3] for word in MONTHS.split()]
    (month,) = (
        names.index(word[:3].lower()) + 1
        for word in re.findall("[A-Z][a-z]+", text)
        if word[:3].lower() in names
    )
    found = datetime.date(year, month, day)
    weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    for word in text.split():
        assert word not in weekdays or word == weekdays[found.weekday()]
    return found


@pytest.fixture
def rng():
    return np.random.default_rng(55)


class TestNumbers:
    def test_every_number_below_twenty_thousand_is_read_back(self):
        english = {data.english_number(n) for n in range(20_000)}
        chinese = {data.chinese_number(n) for n in range(20_000)}
        assert len(english) == len(chinese) == 20_000
        assert all(read_english(data.english_number(n)) == n for n in range(20_000))
        assert all(read_chinese(data.chinese_number(n)) == n for n in range(20_000))

    def test_large_numbers_are_read_back(self, rng):
        for n in rng.integers(0, 10**6, 3000).tolist():
            assert read_english(data.english_number(n)) == n
        for n in rng.integers(0, 10**8, 3000).tolist():
            assert read_chinese(data.chinese_number(n)) == n

    @pytest.mark.parametrize(
        ("n", "english", "chinese"),
        [
            (0, "zero", "零"),
            (10, "ten", "十"),
            (18, "eighteen", "十八"),
            (40, "forty", "四十"),
            (99, "ninety-nine", "九十九"),
            (105, "one hundred and five", "一百零五"),
            (110, "one hundred and ten", "一百一十"),
            (305, "three hundred and five", "三百零五"),
            (1_005, "one thousand and five", "一千零五"),
            (1_050, "one thousand and fifty", "一千零五十"),
            (1_500, "one thousand five hundred", "一千五百"),
            (10_010, "ten thousand and ten", "一万零一十"),
            (120_000, "one hundred and twenty thousand", "十二万"),
            (200_305, "two hundred thousand three hundred and five", "二十万零三百零五"),
        ],
    )
    def test_by_hand(self, n, english, chinese):
        assert data.english_number(n) == english
        assert data.chinese_number(n) == chinese

    def test_pairs(self, rng):
        for language, read in (("english", read_english), ("chinese", read_chinese)):
            pairs = data.make_numbers(400, rng, language, 300, 899)
            numbers = list(map(int, pairs.target))
            assert list(map(read, pairs.source)) == numbers
            assert len(set(numbers)) == 400
            assert min(numbers) >= 300
            assert max(numbers) <= 899
        assert sorted(map(int, data.make_numbers(5, rng, low=7, high=11).target)) == [*range(7, 12)]

    @pytest.mark.parametrize("n", [-1, 10**8, 1.5, True, "7"])
    def test_refused_numbers(self, n):
        for spell in (data.english_number, data.chinese_number):
            with pytest.raises(ValueError, match="Received: n="):
                spell(n)
        with pytest.raises(ValueError, match="Received: n=1000000"):
            data.english_number(10**6)

    @pytest.mark.parametrize(
        ("change", "received"),
        [
            ({"n": 0}, "n=0"),
            ({"n": 12}, "n=12"),
            ({"language": "latin"}, "language='latin'"),
            ({"low": -1}, "n=-1"),
            ({"low": 20}, "n=5"),
            ({"rng": 0}, "rng=0"),
        ],
    )
    def test_refused_arguments(self, change, received, rng):
        with pytest.raises(ValueError, match=f"Received: {received}"):
            data.make_numbers(**({"n": 5, "rng": rng, "low": 0, "high": 10} | change))


class TestDates:
    @pytest.mark.parametrize("language", ["english", "chinese"])
    def test_every_form_of_every_day_is_read_back(self, language):
        first = datetime.date(1999, 1, 1).toordinal()
        days = [datetime.date.fromordinal(first + i) for i in range(800)]  # 2000 is a leap year
        for form in data.DATE_FORMS[language]:
            assert [read_date(form(day)) for day in days] == days
            assert len({form(day) for day in days}) == 800

    @pytest.mark.parametrize("language", ["english", "chinese", "both"])
    def test_pairs(self, language, rng):
        pairs = data.make_dates(700, rng, language, (1999, 2001))
        assert [read_date(text).isoformat() for text in pairs.source] == pairs.target
        assert len(set(pairs.target)) == 700
        assert {target[:4] for target in pairs.target} == {"1999", "2000", "2001"}
        chinese = np.mean(["年" in text for text in pairs.source])
        assert {"english": chinese == 0, "chinese": chinese == 1, "both": 0.1 < chinese < 0.5}[
            language
        ]

    def test_all_forms_occur_and_all_days_can(self, rng):
        pairs = data.make_dates(365, rng, years=(2001, 2001))
        assert len(set(pairs.target)) == 365
        day = datetime.date(2001, 12, 31)
        forms = [form(day) for form in data.DATE_FORMS["english"]]
        shapes = {re.sub(r"\d+", "1", re.sub("[A-Z][a-z]+", "A", text)) for text in pairs.source}
        assert len(shapes) >= 5
        assert forms[0] == "31 December 2001"
        assert forms[-1] == "31/12/2001"

    def test_ordinals(self):
        form = data.DATE_FORMS["english"][2]
        days = [form(datetime.date(2001, 1, day)).split()[0] for day in range(1, 32)]
        special = {1: "1st", 2: "2nd", 3: "3rd", 21: "21st", 22: "22nd", 23: "23rd", 31: "31st"}
        assert days == [special.get(day, f"{day}th") for day in range(1, 32)]

    def test_the_generator_decides(self):
        draws = [data.make_dates(20, np.random.default_rng(seed)) for seed in (3, 3, 4)]
        assert draws[0] == draws[1]
        assert draws[0] != draws[2]

    @pytest.mark.parametrize(
        ("change", "received"),
        [
            ({"n": 366}, "n=366"),
            ({"n": 2.0}, "n=2.0"),
            ({"language": "french"}, "language='french'"),
            ({"years": (2001, 2000)}, "years="),
            ({"years": (999, 2000)}, "years="),
            ({"rng": None}, "rng=None"),
        ],
    )
    def test_refused_arguments(self, change, received, rng):
        with pytest.raises(ValueError, match=f"Received: {received}"):
            data.make_dates(**({"n": 5, "rng": rng, "years": (2001, 2001)} | change))


class TestSplit:
    def test_no_translation_is_in_both_parts(self, rng):
        pairs = data.TextPairs(list("abcdefghij"), [*"112233445", "5"])
        train, test = data.split_pairs(pairs, 2, rng)
        assert set(train.target).isdisjoint(test.target)
        assert len(set(test.target)) == 2
        assert len(test.source) == 4
        together = [*zip(*train, strict=True), *zip(*test, strict=True)]
        assert sorted(together) == sorted(zip(*pairs, strict=True))

    def test_dates(self, rng):
        pairs = data.make_dates(100, rng)
        train, test = data.split_pairs(pairs, 0.2, rng)
        assert (len(train.source), len(test.source)) == (80, 20)
        assert set(train.target).isdisjoint(test.target)

    @pytest.mark.parametrize("size", [0, 10, 0.0, 1.0, 0.01])
    def test_refusals(self, size, rng):
        with pytest.raises(ValueError, match="Received"):
            data.split_pairs(data.make_numbers(10, rng), size, rng)


class TestVocabulary:
    def test_there_and_back(self, rng):
        texts = data.make_dates(200, rng, "both").source
        vocabulary = data.Vocabulary(texts)
        for options in ({}, {"start": True}, {"end": False}, {"length": 40}):
            tokens = vocabulary.encode(texts, **options)
            assert tokens.dtype == np.int64
            assert vocabulary.decode(tokens) == texts
            assert tokens.max() < len(vocabulary)
        assert tokens.shape == (200, 40)

    def test_by_hand(self):
        vocabulary = data.Vocabulary(["cab", "a"])
        assert (data.PADDING, data.START, data.END) == (0, 1, 2)
        assert vocabulary.characters == "abc"
        assert len(vocabulary) == 6
        assert vocabulary.encode(["cab", "b"], start=True).tolist() == [
            [1, 5, 3, 4, 2],
            [1, 4, 2, 0, 0],
        ]
        assert vocabulary.encode("b", end=False).tolist() == [[4]]
        assert vocabulary.decode([[3, 0, 4, 2, 5]]) == ["ab"]  # nothing after the end
        assert vocabulary.encode([""], end=False).tolist() == [[0]]
        assert "abc" in repr(vocabulary)

    def test_refusals(self):
        vocabulary = data.Vocabulary(["abc"])
        with pytest.raises(ValueError, match=r"'abc'. Received: 'd'"):
            vocabulary.encode(["bad"])
        with pytest.raises(ValueError, match=r"Received: length=3, a text of 4 tokens"):
            vocabulary.encode(["abc"], length=3)
        with pytest.raises(ValueError, match="Received: length=0"):
            vocabulary.encode(["abc"], length=0)
        for texts in ([], [""]):
            with pytest.raises(ValueError, match="Received: none"):
                data.Vocabulary(texts)
        with pytest.raises(ValueError, match="Received: 3"):
            data.Vocabulary(["a", 3])
        with pytest.raises(ValueError, match=r"labels from 0 to 5. Received: 6"):
            vocabulary.decode([[6]])
        with pytest.raises(ValueError, match=r"Received: shape=\(2,\)"):
            vocabulary.decode([3, 4])
