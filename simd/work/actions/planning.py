"""Making plans: what would be done to which file, and why, before anything is touched."""

import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain

from simd.core.actions.drafting import Held, Loss, losses
from simd.core.actions.model import ActionName, Companion, Known, PlanRequest, Step, Unit
from simd.core.actions.sheets import Draft, sheets_of
from simd.core.actions.words import SHARING, Action, CompanionRole
from simd.core.answers.likeness import MatchKind
from simd.core.errors import BadRequest, NotFound
from simd.core.keeping import merit
from simd.core.model import FileRow, FileState, ImageRow
from simd.core.protection import lies_within
from simd.core.questions import GroupOptions
from simd.core.units import counterparts
from simd.system.trash import supported
from simd.work.actions.choice import Choice, Spared, chosen_by_hand
from simd.work.describe import candidate_at
from simd.work.groups import Groups, Survey
from simd.work.groupviews import GroupRows, portions
from simd.work.outlines import Outline

Pictures = Sequence[tuple[bytes, str | None]]
CompanionsOf = Callable[[Pictures], Mapping[bytes, Sequence[Companion]]]


class Planning:
    """Makes plans. Any thread may ask."""

    def __init__(self, groups: Groups, companions_of: CompanionsOf, beside: CompanionsOf) -> None:
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
        with _uncollected():
            return self._draft(request)

    def _draft(self, request: PlanRequest) -> Draft:
        spared: Counter[Spared] = Counter()
        images = None if request.groups is None else frozenset(request.groups)
        if request.removals is not None:
            losing = chosen_by_hand(self._groups, request, spared)
        else:
            with self._groups.survey(_options(request), images) as survey:
                _require_groups(request, survey)
                losing = list(_losing(request, survey, spared))
        units = list(self._units(request.action, losing, spared))
        return Draft(
            action=request.action,
            by_hand=request.removals is not None,
            warnings=tuple(_warnings(request, units, spared)),
            sheets=tuple(sheets_of(units)),
        )

    def _units(self, action: Action, losing: Sequence[Choice], spared: Counter[Spared]) -> Iterator[Unit]:
        """The steps, each with what belongs to its picture; links leave that where it is."""
        number = 1
        if action in SHARING:
            for number, choice in enumerate(losing, 1):
                yield Unit(_step(number, choice))
            return
        leaving = self._companions_of(
            [(choice.loss.file.path, choice.loss.image.taken_at) for choice in losing]
        )
        kept = [choice for choice in losing if _has_more_than_words(leaving.get(choice.loss.file.path))]
        beside = self._beside([(choice.loss.keeper.path, choice.loss.kept.taken_at) for choice in kept])
        for choice in losing:
            companions = leaving.get(choice.loss.file.path)
            if companions is None:
                spared[Spared.UNSEEN] += 1
                continue
            equals = counterparts(companions, beside.get(choice.loss.keeper.path, ()))
            if any(each.role is not CompanionRole.SIDECAR and each.path not in equals for each in companions):
                spared[Spared.ALONE] += 1
                continue
            picture = _step(number, choice)
            yield Unit(picture, tuple(_belonging(picture, companions, equals)))
            number += 1 + len(companions)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Have Python look for no cycles meanwhile: it would go through all that is planned again and again.

    That takes a quarter of the time of a large plan, and finds nothing.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
    there = {outline.images[0] for outline in survey.outlines}
    missing = [group for group in request.groups or () if group not in there]
    if missing:
        raise NotFound(
            f"There is no group {missing[0]}.",
            hint="Its keeper may be another one by now: simctl groups lists them.",
        )


def _losing(request: PlanRequest, survey: Survey, spared: Counter[Spared]) -> Iterator[Choice]:
    """The files that would go, group by group."""
    wanted = None if request.groups is None else frozenset(request.groups)
    meant = [outline for outline in survey.outlines if wanted is None or outline.images[0] in wanted]
    found: dict[int, list[Choice]] = {}
    # Neighbours in the catalogue are read together, which takes a quarter less time.
    for portion in portions(sorted(meant, key=lambda outline: outline.images)):
        rows = GroupRows.of(portion, survey.snapshot, survey.order)
        for outline in portion:
            found[outline.images[0]] = list(_losing_in(request, outline, rows, spared))
    return chain.from_iterable(found[outline.images[0]] for outline in meant)


def _losing_in(
    request: PlanRequest, outline: Outline, rows: GroupRows, spared: Counter[Spared]
) -> Iterator[Choice]:
    group = held_files(outline.images, rows)
    if not group or group[0].image.id != outline.images[0]:
        spared[Spared.AWAY] += outline.files - 1
        return
    spared[Spared.AWAY] += outline.files - sum(len(held.files) for held in group)
    marked = outline.images[: outline.kept]
    wanted = sum(held.image.id in marked for held in group) if marked else 0
    found = losses(group, wanted, request.kind, equal_only=request.action in SHARING)
    going = [loss for loss in found if _may_go(loss, request, rows, spared)]
    freed = freed_bytes(going, rows)
    for loss in going:
        yield Choice(loss, _why(loss, rows), freed[loss.file.path])


def held_files(images: Iterable[int], rows: GroupRows) -> list[Held]:
    """Images with their files that are at hand; those without any are left out."""
    found = []
    for image_id in images:
        files = [row for row in rows.ordered(image_id) if row.state is FileState.PRESENT]
        if files:
            found.append(Held(rows.images[image_id], files))
    return found


def _may_go(loss: Loss, request: PlanRequest, rows: GroupRows, spared: Counter[Spared]) -> bool:
    path = loss.file.path
    if request.under and not any(lies_within(path, folder) for folder in request.under):
        return False
    if rows.order.protection.covers(path):
        spared[Spared.PROTECTED] += 1
    elif _is_doubtful(loss, rows):
        spared[Spared.DOUBTFUL] += 1
    elif rows.disks.inode(loss.file) == rows.disks.inode(loss.keeper):
        spared[Spared.LINKED] += 1
    else:
        return True
    return False


def _is_doubtful(loss: Loss, rows: GroupRows) -> bool:
    """Whether a closer look has contradicted what the hashes say of the two pictures."""
    look = rows.look(loss.image.id, loss.kept.id)
    return look is not None and look.doubtful


def freed_bytes(going: Sequence[Loss], rows: GroupRows) -> dict[bytes, int]:
    """What each file frees, by its path; of several names of one file the last that goes, if all go."""
    left: dict[tuple[int, int], int] = {}
    for image in {loss.image.id for loss in going}:
        for row in rows.files[image]:
            inode = rows.disks.inode(row)
            left[inode] = left.get(inode, 0) + 1
    freed = {}
    for loss in going:
        inode = rows.disks.inode(loss.file)
        left[inode] -= 1
        freed[loss.file.path] = 0 if left[inode] else loss.file.stamp.size
    return freed


def _why(loss: Loss, rows: GroupRows) -> str:
    if loss.kind is MatchKind.IDENTICAL:
        return "same bytes"
    distance = (loss.image.phash ^ loss.kept.phash).bit_count()
    kept, gone = candidate_at(loss.kept, loss.keeper), candidate_at(loss.image, loss.file)
    try:
        reason = merit(kept, gone, rows.order)
    except ValueError:
        reason = "marked to be kept"  # a verdict put it before one that ranks better
    return f"{distance} bits apart; what is kept: {reason}"


def _step(number: int, choice: Choice) -> Step:
    loss = choice.loss
    return Step(
        name=ActionName(0, number),
        file=_known(loss.file, loss.image),
        keeper=_known(loss.keeper, loss.kept),
        root=loss.file.root,
        kind=loss.kind,
        why=choice.why,
        size=choice.freed,
    )


def _known(row: FileRow, image: ImageRow) -> Known:
    return Known(row.path, row.stamp, image.digest)


def _belonging(
    picture: Step, companions: Sequence[Companion], equals: Mapping[bytes, Companion]
) -> Iterator[Step]:
    for number, each in enumerate(companions, (picture.name.step or 0) + 1):
        other = equals.get(each.path)
        # An equal sidecar is not asked for: what matters of it is that it goes with its picture.
        beside = None if other is None or each.role is CompanionRole.SIDECAR else other
        yield Step(
            name=ActionName(0, number),
            file=Known(each.path, each.stamp, None),
            keeper=None if beside is None else Known(beside.path, beside.stamp, None),
            root=picture.root,
            kind=MatchKind.NEAR if beside is None else MatchKind.IDENTICAL,
            why="belongs to the picture",
            size=each.stamp.size,
            unit=picture.name.step,
            role=each.role,
        )


def _has_more_than_words(companions: Sequence[Companion] | None) -> bool:
    return any(each.role is not CompanionRole.SIDECAR for each in companions or ())


def _warnings(request: PlanRequest, units: Sequence[Unit], spared: Mapping[Spared, int]) -> Iterator[str]:
    for reason, number in spared.items():
        if number:
            yield f"Left alone: {number} {'file' if number == 1 else 'files'}, {reason}."
    near = sum(unit.picture.kind is MatchKind.NEAR for unit in units)
    if near and request.removals is None:
        yield f"{near} of these only look the same: each is looked at closely before it goes."
    if request.action is Action.HARDLINK and units:
        yield "Files that are linked are one file from then on: whoever edits one edits all."
    if request.action is Action.DELETE and units:
        yield "What is deleted cannot be put back."
