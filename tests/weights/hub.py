"""A server on loopback that answers as the Hugging Face Hub does, for one repository, and for files."""

import contextlib
import hashlib
import http.server
import json
import threading
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "painters/small"


@contextlib.contextmanager
def serving(folder: Path):
    """Serves the files of a folder, as the repository `painters/small` and at /NAME; yields the address."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.answer()

        def do_GET(self):
            self.answer()

        def answer(self):
            path = self.path.partition("?")[0]
            api, name = f"/api/models/{REPOSITORY}", path.rpartition("/")[2]
            if path in (f"{api}/revision/main", api):
                siblings = [{"rfilename": each} for each in files]
                return self.say(json.dumps({"id": REPOSITORY, "sha": COMMIT, "siblings": siblings}).encode())
            if path == f"{api}/tree/{COMMIT}":
                listed = [
                    {"type": "file", "path": each, "size": len(content), "oid": sha1(content)}
                    for each, content in files.items()
                ]
                return self.say(json.dumps(listed).encode())
            if path in (f"/{name}", f"/{REPOSITORY}/resolve/{COMMIT}/{name}") and name in files:
                return self.say(files[name], {"ETag": f'"{sha1(files[name])}"', "X-Repo-Commit": COMMIT})
            return self.say(b"{}", {"X-Error-Code": "RepoNotFound"}, 404)

        def say(self, content, headers=None, status=200):
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            for key, value in (headers or {}).items():
                self.send_header(key, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sha1(content: bytes) -> str:
    """What git calls a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
