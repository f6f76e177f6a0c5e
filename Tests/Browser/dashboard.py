#!/usr/bin/env python3
"""Walks the dashboard in a real Chromium and says what is wrong; exit 0 when nothing is.

    dashboard.py SETTINGS.json

SETTINGS.json: {"url", "login_link", "users": {"ann": PASSWORD, "ben": PASSWORD}, "artifacts": [[FILE, FILE.asc], …],
"target", "screenshots": FOLDER}. The hub is running, ann may ask (role release), ben may approve, two signed versions lie
ready as artifacts. The walk uploads, stages, asks, approves by keyboard alone, rejects without scripts, rolls back, and
checks every page on the way: no console error, no foreign request, no axe violation, no sideways scrolling at 320 px.
"""

import json
import pathlib
import re
import shutil
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

NAUGHTY = "<img src=x onerror=alert(1)>\"'&lt;script&gt;alert(2)</script> reason"
WIDTH = 320


def version_of(path):
    """2.0.0 of gateway-2.0.0.tar.gz."""
    return re.search(r"-(\d+\.\d+\.\d+)", pathlib.Path(path).name)[1]


class Walk:
    def __init__(self, browser, settings):
        self.browser, self.settings = browser, settings
        self.url = settings["url"]
        self.problems = []
        self.axe = Axe()

    # Contexts and pages

    def context(self, **options):
        context = self.browser.new_context(reduced_motion="reduce", viewport={"width": 1000, "height": 800}, **options)
        context.set_default_timeout(15_000)
        return context

    def page(self, context):
        page = context.new_page()
        page.on("console", lambda m: self.problem(page, f"console: {m.text}") if m.type == "error" else None)
        page.on("pageerror", lambda e: self.problem(page, f"script: {e}"))
        page.on("dialog", lambda d: (self.problem(page, f"dialog: {d.message}"), d.dismiss()))
        page.on("request", lambda r: self.problem(page, f"foreign request: {r.url}") if not self.is_ours(r.url) else None)
        return page

    def is_ours(self, address):
        return address.startswith((self.url + "/", "data:", "about:"))

    def problem(self, page, text):
        self.problems.append(f"{page.url}: {text}")

    # Checks every page gets

    def inspect(self, page, name):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for violation in self.axe.run(page).response["violations"]:
                nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
                self.problem(page, f"axe {violation['id']} ({scheme}): {nodes}")
            page.screenshot(path=str(self.folder / f"{name}-{scheme}.png"), full_page=True)
        page.emulate_media(color_scheme="light")
        size = page.viewport_size
        page.set_viewport_size({"width": WIDTH, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > WIDTH:
            self.problem(page, f"scrolls sideways at {WIDTH} px: {wide} px wide")
        page.set_viewport_size(size)
        page.emulate_media(forced_colors="active")
        page.emulate_media(forced_colors="none")

    @property
    def folder(self):
        return pathlib.Path(self.settings["screenshots"])

    # Steps

    def log_in_with_link(self):
        page = self.page(self.context())
        page.goto(self.url + "/login")
        self.inspect(page, "login")
        page.goto(self.settings["login_link"])
        expect(page.locator("#code")).not_to_have_value("")
        if "code=" in page.url:
            self.problem(page, "the login code stays in the address bar")
        page.get_by_role("button", name="Log in").first.click()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        page.context.close()

    def log_in(self, name, **options):
        page = self.page(self.context(**options))
        page.goto(self.url + "/login")
        form = page.locator("form", has=page.locator("input[type=password]"))
        form.get_by_label("Name").fill(name)
        form.get_by_label("Password").fill(self.settings["users"][name])
        form.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Overview")).to_be_visible()
        return page

    def upload(self, page, path):
        page.goto(self.url + "/")
        page.get_by_label(re.compile("^Artifact, signature")).set_input_files(path)
        page.get_by_role("button", name="Upload", exact=True).click()
        expect(page.locator("#said")).to_contain_text("arrived whole")

    def stage(self, page, path):
        page.goto(self.url + "/")
        page.get_by_role("button", name=f"Stage {pathlib.Path(path).name}", exact=True).click()
        self.wait_for_end(page)

    def wait_for_end(self, page, word="done"):
        """A change's page follows the change by itself until it has ended."""
        expect(page.get_by_role("heading", name="Steps")).to_be_visible()
        expect(page.locator("[data-follow]")).to_have_count(0, timeout=60_000)
        expect(page.locator(".state", has_text=word).first).to_be_visible(timeout=60_000)

    def ask(self, page, version, reason):
        page.goto(f"{self.url}/targets/{self.settings['target']}")
        chooser = page.get_by_label("Release")
        option = chooser.locator("option", has_text=version).first.get_attribute("value")
        chooser.select_option(option)
        page.locator("#promote-reason").fill(reason)
        page.get_by_role("button", name="Ask for this change").click()
        expect(page.get_by_role("heading", name="What is asked")).to_be_visible()
        return page.url

    def approve_by_keyboard(self, page, address, reason):
        page.goto(address)
        self.inspect(page, "suggestion")
        self.tab_to(page, "#approve-reason")
        page.keyboard.type(reason)
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/changes/"))
        self.wait_for_end(page)

    def tab_to(self, page, selector):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
                return
        self.problem(page, f"{selector} cannot be reached with the Tab key")

    # The walk

    def run(self):
        first, second = self.settings["artifacts"]
        self.log_in_with_link()
        ann, ben = self.log_in("ann"), self.log_in("ben")
        for files in (first, second):
            for path in files:
                self.upload(ann, path)
            self.stage(ann, files[0])
            self.inspect(ann, "change")
        ann.goto(self.url + "/")
        self.inspect(ann, "overview")
        address = self.ask(ann, version_of(first[0]), NAUGHTY)
        expect(ann.get_by_role("button", name="Approve this plan")).to_have_count(0)
        self.approve_by_keyboard(ben, address, "Looked at every file of the diff.")
        ben.goto(address)
        self.wait_for_state(ben, "done")
        self.reject_without_scripts(ann, second)
        self.approve_second(ann, ben, second)
        self.roll_back(ben)
        self.read_the_log(ben)
        return self.problems

    def wait_for_state(self, page, word):
        """Reloads a page until it says `word`."""
        for _ in range(120):
            if page.locator(".state", has_text=word).count():
                return
            page.wait_for_timeout(250)
            page.reload()
        self.problem(page, f"never said {word}")

    def reject_without_scripts(self, ann, files):
        address = self.ask(ann, version_of(files[0]), "The second version, to be rejected.")
        plain = self.log_in("ben", java_script_enabled=False)
        plain.goto(address)
        plain.locator("#reject-reason").fill("Not this week: the line is running.")
        with plain.expect_navigation():
            plain.get_by_role("button", name="Reject this plan").click()
        plain.goto(address)
        expect(plain.locator(".state", has_text="rejected").first).to_be_visible()
        plain.context.close()

    def approve_second(self, ann, ben, files):
        address = self.ask(ann, version_of(files[0]), "The second version, asked for again.")
        ben.goto(address)
        ben.locator("#approve-reason").fill("The line stands still now.")
        with ben.expect_navigation():
            ben.get_by_role("button", name="Approve this plan").click()
        self.wait_for_end(ben)
        ben.goto(address)
        self.wait_for_state(ben, "done")

    def roll_back(self, ben):
        ben.goto(f"{self.url}/targets/{self.settings['target']}")
        self.inspect(ben, "target")
        ben.locator("#rollback-reason").fill("Trying the way back in the browser.")
        ben.get_by_role("button", name="Roll back now").click()
        self.wait_for_end(ben)

    def read_the_log(self, ben):
        ben.goto(self.url + "/audit")
        self.wait_for_state(ben, "verified")
        self.inspect(ben, "audit")
        ben.goto(self.url + "/suggestions")
        self.inspect(ben, "suggestions")
        ben.goto(self.url + "/changes")
        self.inspect(ben, "changes")


def main():
    settings = json.loads(pathlib.Path(sys.argv[1]).read_text())
    pathlib.Path(settings["screenshots"]).mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        problems = Walk(browser, settings).run()
        browser.close()
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
