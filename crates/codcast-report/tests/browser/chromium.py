"""A headless Chromium over the DevTools protocol, through its pipe: nothing to install but Chromium."""

import json
import os
import shutil
import subprocess
import tempfile
import time


class Chromium:
    """One browser with one page. Collects what a page must not do."""

    def __init__(self):
        program = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
        if program is None:
            raise SystemExit("no Chromium: apt-get install chromium")
        to_read, to_write = os.pipe()
        from_read, from_write = os.pipe()
        self.profile = tempfile.mkdtemp(prefix="chromium-")
        self.downloads = tempfile.mkdtemp(prefix="downloads-")

        def pipes():
            # The pipe's ends are known by number; high copies first, so that none is overwritten.
            reader, writer = os.dup2(to_read, 63), os.dup2(from_write, 64)
            os.dup2(reader, 3)
            os.dup2(writer, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu",
             "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars", "--force-color-profile=srgb",
             f"--user-data-dir={self.profile}", "about:blank"],
            preexec_fn=pipes, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(from_write)
        self.to, self.source = to_write, from_read
        self.pending, self.last, self.session = b"", 0, None
        self.faults, self.requests, self.loaded = [], [], False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log", "Network"]:
            self.call(f"{domain}.enable")
        self.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=self.downloads)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close")
        except (OSError, EOFError):
            pass
        self.process.wait(timeout=60)
        for folder in [self.profile, self.downloads]:
            shutil.rmtree(folder, ignore_errors=True)

    def call(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session and not method.startswith(("Browser.", "Target.")):
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self._event(answer)

    def _read(self):
        while b"\0" not in self.pending:
            part = os.read(self.source, 1 << 20)
            if not part:
                raise EOFError("Chromium ended")
            self.pending += part
        message, self.pending = self.pending.split(b"\0", 1)
        return json.loads(message)

    def _event(self, event):
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.faults.append(json.dumps(params["exceptionDetails"])[:500])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.faults.append(json.dumps(params["args"])[:500])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.faults.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded = True

    def open(self, path):
        """Opens a file, with nothing held against it yet."""
        self.faults, self.requests, self.loaded = [], [], False
        self.url = "file://" + os.path.abspath(path)
        self.call("Page.navigate", url=self.url)
        end = time.time() + 120
        while not self.loaded and time.time() < end:
            self.run("1")
            time.sleep(0.05)
        assert self.loaded, f"{path} did not load"

    def run(self, script):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def screen(self, width, height, phone=False, dark=False):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=phone)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def downloaded(self):
        """Content of the next finished download and its name."""
        end = time.time() + 30
        while time.time() < end:
            done = [n for n in os.listdir(self.downloads) if not n.endswith(".crdownload") and not n.startswith(".")]
            if done:
                time.sleep(0.2)
                path = os.path.join(self.downloads, done[0])
                with open(path, "rb") as file:
                    content = file.read()
                os.remove(path)
                return done[0], content
            self.run("1")
            time.sleep(0.05)
        raise AssertionError("nothing was downloaded")
