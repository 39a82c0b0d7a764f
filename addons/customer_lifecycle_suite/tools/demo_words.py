"""What customers say in surveys: generated, and marked so."""

from random import Random

MARK = "[generated]"
# Of a hundred customers, how many are happy, and how many are more or less content.
HAPPY, CONTENT = 55, 82
# Of a hundred answers, how many come with words.
TALKATIVE = 35
WORDS = {
    "promoter": (
        "The milk is fresh every single morning.",
        "My children ask for your yoghurt by name.",
        "Friendly riders, always on time.",
        "Best ghee in town.",
        "I told all my neighbours.",
    ),
    "passive": (
        "Good milk, but a little expensive.",
        "Delivery could come a bit earlier.",
        "Fine, nothing special.",
        "Glass bottles would be nicer.",
    ),
    "detractor": (
        "Two bottles were sour last week.",
        "Nobody answered when I called.",
        "The rider came an hour late, again.",
        "I was charged twice.",
    ),
}
ENDINGS = (
    ("solved", "Called, explained, new delivery the same day."),
    ("compensated", "A crate for free, and an apology."),
    ("talked", "Wanted to be heard."),
    ("unreachable", "Tried three times."),
    ("lost", "Buys next door now."),
)


def word(key, dice):
    """Return (score, text or None) of a customer; ``key`` says who it is.

    >>> 0 <= word("C1", Random(1))[0] <= 10
    True
    """
    mood = Random(f"mood {key}").randrange(100)
    if mood < HAPPY:
        score = dice.choices((10, 9, 8, 7, 5), (45, 35, 12, 6, 2))[0]
    elif mood < CONTENT:
        score = dice.choices((10, 9, 8, 7, 6, 4), (6, 14, 40, 28, 9, 3))[0]
    else:
        score = dice.choices(
            (8, 7, 6, 5, 4, 3, 2, 1, 0), (8, 12, 25, 20, 12, 9, 6, 4, 4)
        )
        score = score[0]
    if dice.randrange(100) >= TALKATIVE:
        return score, None
    kind = "promoter" if score >= 9 else "passive" if score >= 7 else "detractor"
    return score, f"{dice.choice(WORDS[kind])} {MARK}"


def closing(dice):
    """Return (outcome, note) of a case.

    >>> closing(Random(1))[0] in dict(ENDINGS)
    True
    """
    outcome, note = dice.choices(ENDINGS, (45, 20, 20, 10, 5))[0]
    return outcome, f"{note} {MARK}"
