"""A browser of the operating system, and LaTeX; what is missing fails, since these tests are asked for by name."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

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


Visit = Callable[..., Page]


@pytest.fixture
def visited(browser: Browser) -> Iterator[Visit]:
    """Opens a file; whatever it complains about, and every request for something outside of ``root``, fails."""
    complaints: list[str] = []

    def visit(path: Path, root: Path, *, width: int = 1280, dark: bool = False, scripts: bool = True) -> Page:
        def console(message: ConsoleMessage) -> None:
            complaints.append(f"{path.name}: {message.text}")

        def request(asked: Request) -> None:
            if not asked.url.startswith((root.as_uri(), "data:", "blob:")):
                complaints.append(f"{path.name} asks for {asked.url}")

        context = browser.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        page = context.new_page()
        page.on("console", console)
        page.on("pageerror", lambda error: complaints.append(f"{path.name}: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("request", request)
        page.on("requestfailed", lambda failed: complaints.append(f"{path.name} lacks {failed.url}"))
        page.goto(path.as_uri())
        return page

    yield visit
    for context in browser.contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def opened(visited: Visit, tmp_path: Path) -> Callable[..., Page]:
    """Opens the text of a page, which may ask for nothing but itself."""

    def open_page(text: str, *, width: int = 1280, dark: bool = False, scripts: bool = True) -> Page:
        path = tmp_path / "page.html"
        path.write_text(text, encoding="utf-8")
        return visited(path, path, width=width, dark=dark, scripts=scripts)

    return open_page


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
