"""Somebody who has no mouse: Tab, arrows, Enter, space, Escape."""

from tests.e2e import quality

FAR = 150
"""Presses of Tab beyond which something isn't in reach."""


class Keyboard:
    """Somebody who has no mouse."""

    def __init__(self, page):
        self.page = page
        page.set_default_timeout(60_000)

    def to(self, selector, *, back=False):
        """Go on to the next element that `selector` matches, past elements in which one sees the focus."""
        # what the page still waits for, such as a file's types, is waited for by those who press Tab too
        self.page.wait_for_selector(selector, state="attached")
        for _ in range(FAR):
            self.page.keyboard.press("Shift+Tab" if back else "Tab")
            focused = self.page.evaluate(quality.FOCUSED)
            if focused is None:
                continue
            assert focused["visible"], f"the focus isn't seen on {focused['what']}"
            if self.at(selector):
                return self
        raise AssertionError(f"{selector} is not reached at {self.page.url}")

    def at(self, selector):
        """Tell whether the focus is on what `selector` matches."""
        return self.page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector)

    def press(self, *keys):
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def write(self, text):
        """Write, in place of what stands there."""
        self.press("Control+a")
        self.page.keyboard.type(text)
        return self

    def enter(self, key="Enter"):
        """Press a key that leads to another page, and wait for it."""
        with self.page.expect_navigation():
            self.press(key)
        return self

    def said(self):
        """Give the words of the page."""
        return self.page.inner_text("main")
