"""A browser of the operating system, and LaTeX; what is missing fails, since these tests are asked for by name."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"]


def program(*names: str) -> str:
    """The first of these programs that is there."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    assert found is not None, f"none of {', '.join(names)} is installed; install it to run the tests marked system"
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program("chromium", "chromium-browser"), args=QUIET)
        yield opened
        opened.close()


Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a page; whatever it complains about, and every request but the one for the file, fails the test."""
    complaints: list[str] = []

    def console(message: ConsoleMessage) -> None:
        complaints.append(message.text)

    def open_page(text: str, *, width: int = 1280, dark: bool = False, scripts: bool = True) -> Page:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        page = context.new_page()
        page.on("console", console)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: None if request.url == path.as_uri() else complaints.append(request.url))
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in browser.contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def typeset(tmp_path: Path) -> Callable[[str], str]:
    """Runs pdflatex and returns its log."""

    def run(text: str) -> str:
        (tmp_path / "example.tex").write_text(text, encoding="utf-8")
        command = [program("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "example.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=120)
        log = (tmp_path / "example.log").read_text(encoding="utf-8", errors="replace")
        assert done.returncode == 0, log[-2000:]
        assert (tmp_path / "example.pdf").stat().st_size > 5_000
        return log

    return run
