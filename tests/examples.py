"""How many examples a property that is dear is tried with: few in every run, many in the long form.

``pytest -m hypothesis --hypothesis-profile long`` is the long form, and a part of ``make soak``. Properties
that cost little have Hypothesis' own number in every run, and ten times as many in the long form.
"""

from hypothesis import settings

LONG = "long"
TIMES = 20


def brief(few: int) -> settings:
    """So many examples in every run, twenty times as many in the long form.

    ``few`` is enough when a fault that is put into the code on purpose is found each time.
    """
    long = settings.get_current_profile_name() == LONG
    return settings(max_examples=few * TIMES if long else few)
