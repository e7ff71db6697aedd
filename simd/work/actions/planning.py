"""Making plans: what would be done to which file, and why, before anything is touched."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice

from simd.core.actions.drafting import Roster, Terms, Untouched, losses
from simd.core.actions.leaving import Belongings, Leaving
from simd.core.actions.model import Companion, PlanRequest
from simd.core.actions.sheets import Draft, Sheet
from simd.core.actions.words import SHARING, Action, CompanionRole
from simd.core.answers.likeness import MatchKind
from simd.core.errors import BadRequest, NotFound
from simd.core.questions import GroupOptions
from simd.core.units import counterparts
from simd.runtime.collecting import no_collecting
from simd.system.trash import supported
from simd.work.actions.choice import Spared, chosen_by_hand
from simd.work.groups import Groups, Survey
from simd.work.outlines import Outline
from simd.work.units import Found, Pictures

GROUPS_AT_ONCE = 100_000
"""Groups that are gone through together: many enough for columns to pay, and few enough for memory."""

_Going = tuple[Leaving, Sequence[int], Mapping[int, Belongings]]
"""Pictures, the places of those that go, and by their places what belongs to these."""

CompanionsOf = Callable[[Pictures], Found]
Beside = Callable[[Pictures], Mapping[bytes, Sequence[Companion]]]


class Planning:
    """Makes plans. Any thread may ask."""

    def __init__(self, groups: Groups, companions_of: CompanionsOf, beside: Beside) -> None:
        """Plan with these.

        Args:
            groups: the duplicates.
            companions_of: gives what leaves with pictures, see :class:`~simd.work.units.Units`.
            beside: gives what belongs to pictures that stay.
        """
        self._groups = groups
        self._companions_of = companions_of
        self._beside = beside

    def draft(self, request: PlanRequest) -> Draft:
        """Plan what is asked for.

        Raises:
            BadRequest: no such preset; files would be deleted for good, and nobody has said so; or of files
                chosen one by one, one must not go.
            NotFound: no such group, or the catalogue does not know a file.
        """
        _require_possible(request)
        with no_collecting():
            return self._draft(request)

    def _draft(self, request: PlanRequest) -> Draft:
        spared: Counter[Spared] = Counter()
        images = None if request.groups is None else frozenset(request.groups)
        if request.removals is not None:
            losing = [chosen_by_hand(self._groups, request, spared)]
        else:
            with self._groups.survey(_options(request), images) as survey:
                _require_groups(request, survey)
                losing = list(_losing(request, survey, spared))
        sheets = tuple(self._sheets(request.action, losing, spared))
        return Draft(
            action=request.action,
            by_hand=request.removals is not None,
            warnings=tuple(_warnings(request, sheets, spared)),
            sheets=sheets,
        )

    def _sheets(self, action: Action, losing: Sequence[Leaving], spared: Counter[Spared]) -> Iterator[Sheet]:
        """The steps, each with what belongs to its picture; links leave that where it is."""
        number = 1
        united = _single(losing) if action in SHARING else self._united(losing, spared)
        for part, places, belongings in united:
            for sheet in part.sheets(places, belongings, number):
                yield sheet
                number += len(sheet.units)

    def _united(self, losing: Sequence[Leaving], spared: Counter[Spared]) -> Iterator[_Going]:
        """The pictures that may go with what belongs to them."""
        found = self._companions_of(list(chain.from_iterable(part.pictures for part in losing)))
        media = {path for path, its in found.companions.items() if _has_more_than_words(its)}
        beside = self._beside([kept for part in losing for kept in _kept(part, media)]) if media else {}
        for part in losing:
            if found.companions or found.unseen:
                yield part, *_fitting(part, found, beside, spared)
            else:
                yield from _single([part])


def _options(request: PlanRequest) -> GroupOptions:
    """The groups that are meant, of any kind: equal copies are in those of near-duplicates, too."""
    return GroupOptions(preset=request.preset, grouping=request.grouping, keep=request.keep)


def _require_possible(request: PlanRequest) -> None:
    if request.permanently and request.action is not Action.DELETE:
        raise BadRequest(
            f"Nothing is deleted for good by {request.action}.",
            hint="Say --permanently only with --action delete.",
        )
    if request.action is Action.TRASH and not supported():
        raise BadRequest(
            "simd cannot put files into the trash of this system.",
            hint="Put them into quarantine: simctl undo brings them back, and simctl purge frees the space.",
        )
    if request.action is Action.DELETE and not request.permanently:
        raise BadRequest(
            "Files would be deleted for good.",
            hint="Put them into quarantine, and purge it later; or say --permanently.",
        )


def _require_groups(request: PlanRequest, survey: Survey) -> None:
    if request.groups is None:
        return
    there = {outline.images[0] for outline in survey.outlines}
    missing = [group for group in request.groups if group not in there]
    if missing:
        raise NotFound(
            f"There is no group {missing[0]}.",
            hint="Its keeper may be another one by now: simctl groups lists them.",
        )


def _losing(request: PlanRequest, survey: Survey, spared: Counter[Spared]) -> Iterator[Leaving]:
    """The files that would go, group by group."""
    wanted = None if request.groups is None else frozenset(request.groups)
    doubtful = frozenset(pair for pair, look in survey.snapshot.looks().items() if look.doubtful)
    outlines = iter(survey.outlines if wanted is None else _named(survey, wanted))
    while portion := list(islice(outlines, GROUPS_AT_ONCE)):
        roster = Roster.of(
            [outline.images for outline in portion],
            [outline.files for outline in portion],
            [outline.kept for outline in portion],
        )
        images = roster.images.tolist()
        terms = Terms(
            kind=request.kind,
            equal_only=request.action in SHARING,
            under=request.under,
            doubtful=doubtful,
        )
        stock = survey.snapshot.inventory(images, survey.order)
        found = losses(roster, stock, terms)
        spared.update(_counted(found.untouched))
        yield Leaving.of(stock, found)


def _counted(untouched: Untouched) -> Mapping[Spared, int]:
    return {
        Spared.AWAY: untouched.away,
        Spared.PROTECTED: untouched.protected,
        Spared.DOUBTFUL: untouched.doubtful,
        Spared.LINKED: untouched.linked,
    }


def _named(survey: Survey, groups: Collection[int]) -> list[Outline]:
    return [outline for outline in survey.outlines if outline.images[0] in groups]


def _single(losing: Iterable[Leaving]) -> Iterator[_Going]:
    """All of the pictures, and nothing that belongs to them."""
    return ((part, range(len(part.taken_at)), {}) for part in losing)


def _kept(part: Leaving, media: Collection[bytes]) -> Iterator[tuple[bytes, str | None]]:
    """The files that stay for others which have a raw file or a video, each with the time it was taken at."""
    return (kept for (path, _), kept in zip(part.pictures, part.kept, strict=True) if path in media)


def _fitting(
    part: Leaving, found: Found, beside: Mapping[bytes, Sequence[Companion]], spared: Counter[Spared]
) -> tuple[Sequence[int], Mapping[int, Belongings]]:
    """The places of the pictures that may go with what belongs to them; and that, by their places."""
    places: list[int] = []
    belongings = {}
    for place, ((path, _), (keeper, _)) in enumerate(zip(part.pictures, part.kept, strict=True)):
        if path[: path.rfind(b"/") + 1] in found.unseen:
            spared[Spared.UNSEEN] += 1
            continue
        if its := found.companions.get(path):
            equals = counterparts(its, beside.get(keeper, ()))
            if any(each.role is not CompanionRole.SIDECAR and each.path not in equals for each in its):
                spared[Spared.ALONE] += 1
                continue
            belongings[place] = Belongings(its, equals)
        places.append(place)
    return places, belongings


def _has_more_than_words(companions: Sequence[Companion]) -> bool:
    return any(each.role is not CompanionRole.SIDECAR for each in companions)


def _warnings(request: PlanRequest, sheets: Sequence[Sheet], spared: Mapping[Spared, int]) -> Iterator[str]:
    for reason, number in spared.items():
        if number:
            yield f"Left alone: {number} {'file' if number == 1 else 'files'}, {reason}."
    near = sum(map(_near, sheets))
    if near and request.removals is None:
        yield f"{near} of these only look the same: each is looked at closely before it goes."
    if request.action is Action.HARDLINK and sheets:
        yield "Files that are linked are one file from then on: whoever edits one edits all."
    if request.action is Action.DELETE and sheets:
        yield "What is deleted cannot be put back."


def _near(sheet: Sheet) -> int:
    """How many pictures of a sheet only look like what is kept."""
    kinds = sheet.kinds if sheet.pictures == len(sheet.units) else _of_pictures(sheet)
    return kinds.count(MatchKind.NEAR)


def _of_pictures(sheet: Sheet) -> list[MatchKind]:
    return [kind for kind, unit in zip(sheet.kinds, sheet.units, strict=True) if unit is None]
