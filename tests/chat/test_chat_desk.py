"""The desk, what the page is told, and what the guard lets in: without a browser."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from gradio_client import Client
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from starlette.testclient import TestClient

import chat.server
from chat.desk import Busy, Desk, NotReady, Opened, Unanswerable, checked
from chat.feedback import is_loopback, keep_verdict, keeps_verdicts
from chat.guard import BODY_LIMIT, Rate
from chat.server import ServeError, application
from chat.talk import Message, talk
from corpus.errors import QuestionError
from qa.question import LONGEST
from tests.chat.browser import ROOT, served
from tests.chat.fakes import FakeAssistant, document

T = TypeVar("T")

DOCUMENT = document("a.txt", "Kop\n\nMagnesium zit in noten en zaden.\n", publisher="Winkel")


def _run(coroutine: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: Playwright keeps a loop running in the one the tests run in."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def _desk(act: Callable[[str], None] | None = None, **options: int) -> tuple[Desk, FakeAssistant]:
    assistant = FakeAssistant([DOCUMENT], act=act)
    desk = Desk(lambda report: assistant.opened(), **options)
    desk.open()
    return desk, assistant


async def _messages(desk: Desk, payload: Any) -> list[Message]:
    return [message async for message in talk(desk, payload, feedback=False)]


# -- the desk -------------------------------------------------------------------------------


def test_a_question_is_answered_once_and_remembered() -> None:
    desk, assistant = _desk()
    first = _run(desk.ask("welke noten", ["magnesium"]))
    again = _run(desk.ask("  welke   noten ", ["magnesium"]))
    assert again is first and assistant.asked == [("welke noten", ("magnesium",))]
    _run(desk.ask("welke noten", ["", "a\x00", "x" * 2000]))
    assert assistant.asked[-1] == ("welke noten", ())


def test_a_full_line_says_so_at_once_and_gives_its_places_back() -> None:
    gate = threading.Event()
    desk, _ = _desk(lambda question: gate.wait(10) and None, workers=1, line=2)

    async def rush() -> list[object]:
        asking = [asyncio.create_task(desk.ask(f"noten {n}")) for n in range(5)]
        await asyncio.sleep(0.2)
        gate.set()
        return list(await asyncio.gather(*asking, return_exceptions=True))

    results = _run(rush())
    assert [isinstance(r, Busy) for r in results] == [False, False, False, True, True]
    assert desk.waiting == 0


def test_a_reader_who_stops_leaves_the_line() -> None:
    gate = threading.Event()
    desk, _ = _desk(lambda question: gate.wait(10) and None, workers=1, line=2)

    async def stop() -> int:
        task = asyncio.create_task(desk.ask("noten"))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        gate.set()
        return desk.waiting

    assert _run(stop()) == 0


def test_a_reader_who_stops_while_it_is_opening_stops_nobody_else() -> None:
    gate = threading.Event()

    def slowly(report: Callable[[str], None]) -> Opened:
        gate.wait(10)
        return FakeAssistant([DOCUMENT]).opened()

    desk = Desk(slowly)
    desk.open()

    async def stop_and_ask() -> str:
        task = asyncio.create_task(desk.ask("noten"))
        await asyncio.sleep(0.1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        gate.set()
        return (await desk.ask("welke noten")).outcome.value

    assert _run(stop_and_ask()) == "answered"


def test_an_assistant_that_cannot_be_opened_is_reported_not_raised() -> None:
    def fail(report: Callable[[str], None]) -> Opened:
        raise OSError("disk is full")

    desk = Desk(fail)
    desk.open()
    with pytest.raises(NotReady):
        _run(desk.ask("noten"))
    assert desk.status.state == "failed"
    told = _run(_messages(desk, {"id": "1a", "question": "noten", "language": "en"}))
    assert told[-1]["kind"] == "error" and "could not start" in told[-1]["text"]


@pytest.mark.parametrize(
    ("question", "key"),
    [
        ("", "empty"),
        (" \n", "empty"),
        (None, "empty"),
        (7, "empty"),
        ("?!", "no_words"),
        ("a" * (LONGEST + 1), "too_long"),
        ("a\x00b", "control"),
        ("a\ud800b", "control"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_mend(question: Any, key: str) -> None:
    with pytest.raises(Unanswerable) as refused:
        checked(question)
    assert refused.value.key == key


# -- what the page is told ------------------------------------------------------------------


def test_a_quick_answer_comes_without_stages() -> None:
    desk, _ = _desk()
    told = _run(_messages(desk, {"id": "1a", "question": "welke noten"}))
    assert [message["kind"] for message in told] == ["turn"] and told[0]["id"] == "1a"


def test_a_slow_answer_tells_which_steps_were_done() -> None:
    release = threading.Event()
    gate = threading.Timer(0.6, release.set)
    desk, _ = _desk(lambda question: release.wait(10) and None)
    gate.start()
    told = _run(_messages(desk, {"id": "1a", "question": "noten", "language": "nl"}))
    assert [m["kind"] for m in told] == ["stage", "turn"]
    assert told[0]["text"] == "Gevonden; nu lezen…"


def test_a_question_asked_while_loading_waits_and_says_why() -> None:
    gate = threading.Event()

    def slowly(report: Callable[[str], None]) -> Opened:
        report("indexing")
        gate.wait(10)
        return FakeAssistant([DOCUMENT]).opened()

    desk = Desk(slowly)
    desk.open()
    threading.Timer(0.6, gate.set).start()
    told = _run(_messages(desk, {"id": "1a", "question": "welke noten", "language": "en"}))
    assert "index of the articles is being made" in told[0]["text"]
    assert told[-1]["kind"] == "turn"


def _raise(error: Exception) -> Callable[[str], None]:
    def act(question: str) -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (QuestionError("This question looks French"), "alleen Nederlands en Engels"),
        (RuntimeError("secret /path/to/model"), "de reden staat in het logboek"),
    ],
)
def test_an_error_is_one_sentence_without_details(error: Exception, sentence: str) -> None:
    desk, _ = _desk(_raise(error))
    told = _run(_messages(desk, {"id": "1a", "question": "noten"}))
    assert told[0]["kind"] == "error" and sentence in told[0]["text"]
    assert "secret" not in told[0]["text"] and "\n" not in told[0]["text"]


@pytest.mark.parametrize("payload", [[], "x", 7, {}, {"id": "<b>", "history": "x", "question": []}])
def test_a_malformed_message_is_answered_with_a_sentence(payload: Any) -> None:
    desk, _ = _desk()
    told = _run(_messages(desk, payload))
    assert [m["kind"] for m in told] == ["error"] and told[0]["id"] == "x"


# -- the application ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    desk, _ = _desk()
    with served(application(desk)) as url:
        yield url


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    desk, _ = _desk()
    with TestClient(application(desk)) as client:
        yield client


def test_health_says_whether_it_is_ready(client: TestClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert set(answer.json()) == {"status", "stage", "waiting"}


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/file/etc/passwd",
        "/gradio_api/proxy=https://example.org",
        "/gradio_api/upload_progress",
        "/gradio_api/runs",
        "/gradio_api/vibe-code/",
        "/gradio_api/queue/status",
        "/gradio_api/deep_link",
        "/monitoring",
        "/monitoring/summary",
        "/docs",
        "/openapi.json",
        "/login",
        "/svelte/x.js",
        "/pwa_icon",
        "/x",
    ],
)
def test_nothing_is_served_by_accident(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path).status_code == 404


def test_uploads_are_refused_and_bodies_are_bounded(client: TestClient) -> None:
    upload = client.post("/gradio_api/upload", files={"files": ("x.txt", b"x")})
    assert upload.status_code == 404
    huge = client.post("/gradio_api/queue/join", content=b"x" * (BODY_LIMIT + 1))
    assert huge.status_code == 413

    def drip() -> Iterator[bytes]:
        for _ in range(300):
            yield b"x" * 1000

    assert client.post("/gradio_api/queue/join", content=drip()).status_code >= 400


def test_the_page_has_a_policy_that_names_its_own_scripts_only(client: TestClient) -> None:
    answer = client.get("/", headers={"accept-encoding": "br, gzip"})
    policy = answer.headers["content-security-policy"]
    scripts = policy.split("script-src")[1].split(";")[0]
    assert "'unsafe-inline'" not in scripts and "'sha256-" in scripts
    assert "default-src 'none'" in policy and "connect-src 'self'" in policy
    assert "fonts.googleapis" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_only_three_endpoints_have_a_name(client: TestClient) -> None:
    info = client.get("/gradio_api/info").json()
    assert set(info["named_endpoints"]) == {"/ask", "/search", "/flags"}
    assert not info["unnamed_endpoints"]


def test_programs_get_the_json_contract(address: str) -> None:
    program = Client(address, verbose=False)
    answer = program.predict("welke noten", ["magnesium"], api_name="/ask")
    assert answer["outcome"] == "answered" and answer["answers"][0]["source"] == "a.txt"
    assert set(answer) >= {"question", "language", "standalone_question", "confidence"}
    assert set(answer) >= {"passages", "agreement", "timings_ms"}
    passages = program.predict("welke noten", 1, api_name="/search")
    assert [p["rank"] for p in passages] == [1] and passages[0]["flags"]
    flags = program.predict("a.txt", "en", api_name="/flags")
    assert flags and set(flags[0]) >= {"type", "start", "end", "severity", "label", "why", "basis"}


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (("/ask", "", None), "Type a question first"),
        (("/ask", "x" * 2000, None), "too long"),
        (("/search", "noten", 0), "k must be a whole number from 1 to 20"),
        (("/flags", "../secret", "nl"), "source must be one of: a.txt"),
        (("/flags", "a.txt", "fr"), "language must be nl or en"),
    ],
)
def test_programs_get_a_sentence_for_bad_input(
    address: str, call: tuple[Any, ...], sentence: str
) -> None:
    name, *values = call
    with pytest.raises(Exception, match=sentence):
        Client(address, verbose=False).predict(*values, api_name=name)


def test_one_reader_cannot_ask_without_end() -> None:
    desk, _ = _desk()
    with TestClient(application(desk, rate=Rate(3, 60))) as client:
        codes = [client.post("/gradio_api/queue/join", json={}).status_code for _ in range(5)]
    assert codes.count(429) == 2 and 429 not in codes[:3]


def test_behind_a_proxy_every_reader_has_a_rate_of_their_own() -> None:
    """The server trusts ``X-Forwarded-For`` of who connects from this computer, as a proxy does."""
    desk, _ = _desk()
    proxied = application(desk, rate=Rate(1, 60), root_path="/lees/bijsluiter")
    with served(proxied) as address, httpx.Client(base_url=address) as proxy:
        codes = [
            proxy.post(
                "/gradio_api/queue/join", json={}, headers={"x-forwarded-for": reader}
            ).status_code
            for reader in ("203.0.113.5", "203.0.113.5", "203.0.113.6")
        ]
    assert [code == 429 for code in codes] == [False, True, False]


def test_it_works_below_a_path_of_a_proxy() -> None:
    desk, _ = _desk()
    with TestClient(application(desk, root_path="/lees/bijsluiter")) as client:
        page = client.get("/")
        assert '"root":"http://testserver/lees/bijsluiter"' in page.text.replace(" ", "")
        proxied = {"host": "example.org", "x-forwarded-proto": "https"}
        page = client.get("/", headers=proxied)
        assert '"root":"https://example.org/lees/bijsluiter"' in page.text.replace(" ", "")
        assert client.get("/health").json()["status"] in ("loading", "ready")


def test_mcp_offers_the_same_three_as_tools_that_answer_in_json() -> None:
    desk, _ = _desk()
    calls: list[tuple[str, dict[str, Any]]] = [
        ("ask", {"question": "welke noten"}),
        ("search", {"question": "welke noten", "k": 1}),
        ("flags", {"source": "a.txt", "language": "en"}),
        ("ask", {"question": "?!"}),
    ]

    async def use(address: str) -> tuple[list[Any], list[Any]]:
        url, elsewhere = f"{address}/gradio_api/mcp/", {"host": "127.0.0.1:9"}
        async with (
            # the host that a request names is not where the answer is fetched
            httpx.AsyncClient(headers=elsewhere, timeout=30) as client,
            streamable_http_client(url, http_client=client) as (incoming, outgoing, _),
            ClientSession(incoming, outgoing) as session,
        ):
            await session.initialize()
            tools = (await session.list_tools()).tools
            return tools, [await session.call_tool(*call) for call in calls]

    with served(application(desk, mcp=True)) as address:
        tools, results = _run(use(address))
        program = Client(address, verbose=False)
        answer = program.predict("welke noten", None, api_name="/ask")
    assert [tool.name for tool in tools] == ["ask", "search", "flags"]
    assert all(len(tool.description or "") > 60 for tool in tools)
    assert [set(tool.inputSchema["properties"]) for tool in tools] == [
        {"question", "history"},
        {"question", "k"},
        {"source", "language"},
    ]
    *told, refused = results
    asked, found, flags = (json.loads(result.content[0].text) for result in told)
    assert asked == answer and asked["answers"][0]["quote"] == "Magnesium zit in noten en zaden."
    assert found[0]["rank"] == 1 and flags[0]["type"] == "brand_promotion"
    assert refused.isError and refused.content[0].text.count("\n") == 0
    assert "This question has no words" in refused.content[0].text


def test_mcp_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.server.find_spec", lambda name: None)
    with pytest.raises(ServeError, match=r"pip install 'bijsluiter\[mcp\]'"):
        application(_desk()[0], mcp=True)


def test_sessions_that_came_by_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[Any] = []
    build = chat.server.build
    monkeypatch.setattr(
        "chat.server.build",
        lambda *given, **options: pages.append(build(*given, **options)) or pages[0],
    )
    desk, _ = _desk()
    with TestClient(application(desk)) as client:
        function = next(
            d["id"] for d in client.get("/config").json()["dependencies"] if d["api_name"] == "turn"
        )
        for number in range(150):
            session = f"s{number}"
            payload = {"id": "1a", "question": "welke noten"}
            body = {"fn_index": function, "session_hash": session, "data": [payload]}
            client.post("/gradio_api/queue/join", json=body)
            said = client.get("/gradio_api/queue/data", params={"session_hash": session}).text
            assert "noten en zaden" in said
    assert len(pages[0].state_holder.session_data) <= 100


# -- address, verdicts ----------------------------------------------------------------------


def test_a_taken_port_is_one_sentence(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    port = address.rsplit(":", 1)[1]
    monkeypatch.setenv("PORT", port)
    with pytest.raises(ServeError, match=rf"127.0.0.1:{port} cannot be used .*PORT="):
        chat.server.serve()


def test_app_py_leaves_with_a_sentence_and_code_2(address: str) -> None:
    environment = {**os.environ, "PORT": address.rsplit(":", 1)[1], "HOST": "127.0.0.1"}
    ended = subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1
    assert "cannot be used" in ended.stderr and "Traceback" not in ended.stderr


@pytest.mark.parametrize("port", ["abc", "-1", "70000", "7.5"])
def test_a_port_that_is_none_is_one_sentence(port: str) -> None:
    with pytest.raises(ServeError, match="give a whole number from 1 to 65535"):
        chat.server.serve(port=port)


def test_a_host_that_is_not_ours_is_one_sentence() -> None:
    with pytest.raises(ServeError, match="HOST"):
        chat.server.serve(host="niet.bestaand.invalid", port=0)


@pytest.mark.parametrize("text", ["", "30", "0/60", "x/y", "30/0"])
def test_a_rate_that_is_none_is_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="COUNT/SECONDS"):
        Rate.parse(text)


def test_verdicts_are_off_where_others_can_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BIJSLUITER_FEEDBACK", raising=False)
    assert keeps_verdicts("127.0.0.1") and keeps_verdicts("::1") and keeps_verdicts("localhost")
    assert not keeps_verdicts("0.0.0.0") and not is_loopback("bijsluiter.example")
    monkeypatch.setenv("BIJSLUITER_FEEDBACK", "1")
    assert keeps_verdicts("0.0.0.0")


def test_verdicts_are_appended_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "new" / "verdicts.jsonl"
    for good in (True, False):
        keep_verdict({"question": "één\nvraag", "good": good}, path)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["good"] for line in lines] == [True, False] and "time" in lines[0]


def test_a_verdicts_file_stops_growing(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.jsonl"
    path.write_bytes(b"x" * 5_000_000)
    with pytest.raises(OSError, match="limit"):
        keep_verdict({"question": "q"}, path)
