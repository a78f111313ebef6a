"""Fills a volume with the weights of one model, in the layout of the Hugging Face cache.

Runs once for a repository and revision, before anything serves from the volume. The hub's own library downloads: it
writes each file under another name and renames it when complete, and continues where an earlier attempt stopped. What
lies there afterwards is held against the lock, size and SHA-256 of every file, before the Job may succeed. A file that
differs is removed, so that the next attempt fetches it again. When everything is there already, no request is made.
"""

import glob
import hashlib
import json
import os
import re
import sys
from pathlib import Path

CHUNK_BYTES = 8 * 1024 * 1024


def sha256(path):
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def differences(snapshot, files):
    """What the lock names and the snapshot does not hold: pairs of file name and reason."""
    found = []
    for file in files:
        path = snapshot / file["name"]
        if not path.is_file():
            found.append((file["name"], "is missing"))
        elif path.stat().st_size != file["bytes"]:
            found.append((file["name"], f"has {path.stat().st_size} bytes, the lock says {file['bytes']}"))
        elif file["sha256"] is not None and (actual := sha256(path)) != file["sha256"]:
            found.append((file["name"], f"has SHA-256 {actual}, the lock says {file['sha256']}"))
    return found


def remove(path):
    """Removes a file of a snapshot together with the stored content it points at."""
    stored = path.resolve()
    path.unlink(missing_ok=True)
    stored.unlink(missing_ok=True)


def snapshot_path(cache, repository, commit):
    """Where the library keeps one commit of a repository."""
    return cache / f"models--{repository.replace('/', '--')}" / "snapshots" / commit


def download(cache, repository, revision, files):
    """The folder that holds the revision, fetched if need be: the files of the lock, or all without a lock."""
    # Only a fetch needs the library, so what was fetched can be checked without it.
    from huggingface_hub import snapshot_download

    wanted = [glob.escape(file["name"]) for file in files] or None
    return Path(snapshot_download(repository, revision=revision, cache_dir=str(cache), allow_patterns=wanted))


def fetch(cache, repository, revision, files):
    """True when the volume holds the revision as the lock describes it."""
    if files and re.fullmatch("[0-9a-f]{40}", revision):
        present = snapshot_path(cache, repository, revision)
        if not differences(present, files):
            print(f"{repository}@{revision} is already there and matches the lock: {len(files)} files.")
            return True
    print(f"Fetching {repository}@{revision}.", flush=True)
    snapshot = download(cache, repository, revision, files)
    found = differences(snapshot, files)
    for name, reason in found:
        print(f"{name} {reason}.", file=sys.stderr)
        remove(snapshot / name)
    if found:
        return False
    checked = f"{len(files)} files match the lock" if files else "not checked, the revision is not in the lock"
    print(f"{repository}@{revision} is there: {checked}.")
    return True


def main():
    """0 when the weights are there, 1 when they differ from the lock."""
    with open(os.environ["FREEHOLD_WEIGHTS"], encoding="utf-8") as file:
        wanted = json.load(file)
    cache = Path(os.environ["HF_HUB_CACHE"])
    return 0 if fetch(cache, wanted["repository"], wanted["revision"], wanted["files"]) else 1


if __name__ == "__main__":
    sys.exit(main())
