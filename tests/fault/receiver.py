"""A push service that behaves as it is told, inside the test's own process.

Knows no rule; keeps what came, in the order of coming.
"""

import http.server
import json
import socket
import struct
import threading
import time


class Push:
    """One request: its Idempotency-Key, its bytes, and what they say."""

    def __init__(self, headers, body):
        self.key = headers["Idempotency-Key"]
        self.headers, self.body = headers, body
        self.said = json.loads(body)


class Receiver:
    """Stands on 127.0.0.1 until stop(); url is for PUSH_URL.

    answer: called with each Push; gives (status, headers, body), or "reset"
    to cut off without an answer, or a number of seconds to say nothing for.
    """

    def __init__(self, answer=None, context=None):
        self.answer = answer or (lambda push: (200, {}, b"{}"))
        self.seen, self.given, self.connections = [], 0, set()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):  # pylint: disable=invalid-name
                outer.take(self)

            do_GET = do_POST

            def log_message(self, format, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda request, address: None
        if context:
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        scheme = "https" if context else "http"
        self.url = f"{scheme}://127.0.0.1:{self.port}/push"
        self.thread = threading.Thread(
            target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def take(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        push = Push(handler.headers, handler.rfile.read(length) or b"{}")
        self.connections.add(handler.client_address)
        self.seen.append(push)
        answer = self.answer(push)
        if answer == "reset":
            handler.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
        elif isinstance(answer, (int, float)):
            time.sleep(answer)
            handler.close_connection = True
        else:
            self.reply(handler, *answer)

    def reply(self, handler, status, headers, body):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        for at in range(0, len(body), 65536):
            handler.wfile.write(body[at:at + 65536])
            self.given += len(body[at:at + 65536])

    def keys(self):
        return sorted(push.key for push in self.seen)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)
