"""One image, and two images side by side."""

from simd.core.wire import Json
from simd.render.pictures import facts, pixels, remarks
from simd.render.style import Style
from simd.render.table import Cell, table
from simd.render.words import count, escape, moment, size

_VERDICT_COLOURS = {"identical": "green", "near": "cyan", "different": "yellow"}

_MEASURES = (
    ("distance", "pHash 64, bits that differ"),
    ("distance256", "pHash 256, bits that differ"),
    ("similarity", "similarity by pHash 256, 0 to 1"),
    ("correlation", "gradient correlation, -1 to 1"),
    ("colour", "colour cosine, -1 to 1"),
    ("worst_cell", "worst cell, standard deviations"),
    ("ssim", "structural similarity, -1 to 1"),
    ("mean_difference", "mean difference, grey levels"),
    ("worst_block", "worst block, grey levels"),
    ("dhash", "dHash, bits that differ"),
    ("ahash", "aHash, bits that differ"),
    ("whash", "wHash, bits that differ"),
    ("colorhash", "colour hash, bits that differ"),
    ("colour_difference", "colour difference, CIE76"),
    ("sharpness_a", "sharpness of A"),
    ("sharpness_b", "sharpness of B"),
    ("changed", "blocks that changed, 0 to 1"),
)


def show(answer: Json, style: Style) -> str:
    """All that is known of one image: facts, files, similar images, trouble."""
    rows: list[list[Cell]] = [
        ["picture", f"{pixels(answer)} {escape(answer['format'])}, {size(answer['bytes'])}"],
        ["digest", escape(answer["digest"])],
        ["phash", escape(answer["phash"]) + (" (low detail: means little)" if answer["low_detail"] else "")],
        ["phash256", escape(answer["phash256"])],
    ]
    if answer["taken_at"]:
        rows.append(["taken", moment(answer["taken_at"])])
    if answer["camera"]:
        rows.append(["camera", escape(answer["camera"])])
    head = style.paint(f"Image {answer['id']}", "bold")
    blocks = [f"{head}\n{table(rows, style, indent='  ')}", _files(answer, style), _pairs(answer, style)]
    if answer["problem"] is not None:
        blocks.append(f"{style.paint('!', 'yellow')} {escape(answer['problem']['reason'])}")
    return "\n\n".join(blocks)


def _files(answer: Json, style: Style) -> str:
    files = answer["files"]
    rows: list[list[Cell]] = []
    for file in files:
        state = (escape(file["state"]), None if file["state"] == "present" else "yellow")
        rows.append([state, moment(file["mtime"]), escape(file["path"])])
        # A daemon that is older than this client says nothing of companions.
        rows += [
            [(f"  {escape(each['role'])}", "dim"), size(each["bytes"]), f"  {escape(each['path'])}"]
            for each in file.get("companions", ())
        ]
    return f"{count(len(files), 'file')}\n{table(rows, style, indent='  ')}".rstrip()


def _pairs(answer: Json, style: Style) -> str:
    pairs = answer["pairs"]
    rows: list[list[Cell]] = [
        [
            f"image {pair['id']}",
            f"d {pair['distance']}",
            f"{pair['similarity']:.2f}",
            escape(pair["preset"] or "no preset"),
            escape(pair["path"]) if pair["path"] is not None else "(no file present)",
            (remarks(pair), "dim"),
        ]
        for pair in pairs
    ]
    return f"{count(len(pairs), 'similar image')}\n{table(rows, style, right={1}, indent='  ')}".rstrip()


def compare(answer: Json, style: Style) -> str:
    """Two pictures, the judgement with its reason, and every measure."""
    pictures: list[list[Cell]] = [
        [(name, "bold"), *facts(answer[key]), escape(answer[key]["path"] or "")]
        for name, key in (("A", "a"), ("B", "b"))
    ]
    verdict = escape(answer["verdict"])
    under = f" (preset {escape(answer['preset'])})" if answer["preset"] is not None else ""
    marks = f" {remarks({'tags': answer['tags']})}" if answer["tags"] else ""
    judgement = (
        f"{style.paint(verdict, _VERDICT_COLOURS.get(verdict))}{under}{marks}: {escape(answer['reason'])}"
    )
    measures = answer["measures"]
    rows: list[list[Cell]] = [[label, _number(measures[name])] for name, label in _MEASURES]
    flat = "\n  both are too flat for their hashes: judged by pixels and colour" if measures["flat"] else ""
    return "\n\n".join(
        [
            table(pictures, style, right={1, 2}),
            f"{judgement}{flat}{_closer_look(answer, style)}",
            table(rows, style, right={1}, indent="  "),
        ]
    )


def _closer_look(answer: Json, style: Style) -> str:
    """What the pixels say of B as against A, and whether that contradicts the verdict."""
    if answer["words"] is None:
        return ""
    said = f"\ncloser look: {escape(answer['words'])}"
    return (
        f"{said}\n{style.paint('doubtful', 'yellow')}: the hashes say otherwise"
        if answer["doubtful"]
        else said
    )


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
