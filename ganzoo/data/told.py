"""What a person should read of a prepared set besides its counts: a sentence each, with what to do."""


def sentences(plan, report: dict) -> list[str]:
    """Sentences about what was passed over, about labels and about pictures that want a setting."""
    told = list(plan.label.told) if plan.label else []
    if plan.skipped:
        path, why = plan.skipped[0]
        more = f" and {len(plan.skipped) - 1:,} more" if len(plan.skipped) > 1 else ""
        told.append(f"passed over as no data: {path} ({why}){more}, see manifest.csv")
    return told
