"""What a person should read of a prepared set besides its counts: a sentence each, with what to do."""

import re

from ganzoo.data.foreign import CURES

_BITS = re.compile(r"(\d+) of 16 bits used$")


def sentences(plan, report: dict) -> list[str]:
    """Sentences about what was passed over, about labels, and about files that want something done."""
    told = list(plan.label.told) if plan.label else []
    told += cures(report["reasons"], report["notes"])
    if plan.skipped:
        path, why = plan.skipped[0]
        more = f" and {len(plan.skipped) - 1:,} more" if len(plan.skipped) > 1 else ""
        told.append(f"passed over as no data: {path!r} ({why}){more}, see manifest.csv")
    return told


def cures(reasons: dict[str, int], notes: dict[str, int]) -> list[str]:
    """What to do about files that were rejected, or came out otherwise than they look."""
    told = [
        f"{kind}, {count:,} of the files: {CURES[kind]}" for kind, count in reasons.items() if kind in CURES
    ]
    bits = {
        int(found[1]): n for what, n in [*reasons.items(), *notes.items()] if (found := _BITS.match(what))
    }
    if bits:
        most, count = max(bits), sum(bits.values())
        told.append(
            f"{_files(count)} 16 bits a pixel of which only {most} or fewer are used, so they come out "
            f"nearly black: --bits {most} (ganzoo-train: --set data.bits={most}) makes their largest "
            "value white"
        )
    if "too small" in reasons:
        told.append(
            f"{_files(reasons['too small'])} fewer pixels than asked for: data.upscale = true (--upscale, "
            "ganzoo-train: --set data.upscale=true) enlarges small ones"
        )
    return told


def _files(count: int) -> str:
    return f"{count:,} files have" if count > 1 else "1 file has"
