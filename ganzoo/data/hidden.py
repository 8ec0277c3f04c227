"""Names of what programs keep beside pictures and file managers do not show: it is no data."""

# Folders, in small letters: of NAS boxes, archivers, trash, file systems and notebooks; besides all .names.
_FOLDERS = {
    "@eadir", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", "__macosx", "__pycache__",
    "$recycle.bin", "recycler", "system volume information", "lost+found",
}  # fmt: skip
_FILES = {"thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", "icon\r"}
_ENDINGS = (
    ".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".avif", ".jp2",
)  # fmt: skip


def has_picture_ending(name: str) -> bool:
    """Whether a name ends as those of pictures do."""
    return name.lower().endswith(_ENDINGS)


def is_hidden_folder(name: str) -> bool:
    """Whether a folder of this name is hidden: .ipynb_checkpoints, @eaDir, __MACOSX, $RECYCLE.BIN, ..."""
    return (name.startswith(".") and name not in (".", "..")) or name.lower() in _FOLDERS


def is_hidden_file(name: str) -> bool:
    """Whether a file of this name is a program's: .DS_Store, ._x.jpg, Thumbs.db, ...

    A picture that somebody called `.x.png` is one; what macOS writes beside it, `._x.png`, is not.
    """
    if name.startswith("._") or name.lower() in _FILES:
        return True
    return name.startswith(".") and not has_picture_ending(name)
