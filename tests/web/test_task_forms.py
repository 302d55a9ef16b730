"""Task forms: drawn from the content, handed in, and given back with all that was typed."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from service.domain.errors import DatabaseDown
from service.store.tables import audit, submission
from tests.web.office import ORDER, PNG, Office

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*191919 }}{% raw %}",
    "</textarea><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    '#read("/etc/passwd")',
]


def submissions(office: Office) -> int:
    with office.store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(submission)).scalar_one())


def dispatch_path(number: str) -> str:
    return f"/cases/{number}/forms/dispatch"


def test_a_form_is_drawn_in_chinese_with_its_groups_and_articles(office):
    text = office.browser("paidan").get("/start/register_case").text

    assert "<legend>诉求人</legend>" in text
    assert 'for="v.title"' in text
    assert "第二条" in text
    assert "办理情况" not in text
    assert '="None"' not in text


def test_a_number_typed_in_full_width_is_a_number(office):
    number = office.registered(upstream_round="　１２")

    assert "（第 12 轮）" in office.browser("paidan").get(f"/cases/{number}").text


def test_wrong_fields_come_back_in_place_with_a_summary_that_leads_to_them(office):
    browser = office.browser("paidan")

    answer = browser.fill(
        "/start/register_case", {"title": "留下来的标题", "urgency": "urgent", "upstream_round": "两"}
    )

    assert answer.status_code == 422
    assert "您填写的内容都还在" in answer.text
    assert 'href="#field-v.source"' in answer.text
    assert 'id="field-v.source"' in answer.text
    assert 'value="留下来的标题"' in answer.text
    assert 'value="两"' in answer.text
    assert "应为数字" in answer.text
    assert submissions(office) == 0


@pytest.mark.parametrize(
    "name, sent, told",
    [
        ("action", ["甲做法", "乙做法"], "只能填一个值，收到了 2 个"),
        ("objective_constraint", "maybe", "应为是或否"),
        ("objective_constraint", ["y", "y"], "只能填一个值，收到了 2 个"),
    ],
)
def test_what_no_page_of_ours_sends_is_no_value(office, name, sent, told):
    path = f"/cases/{office.dispatched()}/forms/record_handling"
    browser = office.browser("chengban_logistics")
    before = submissions(office)
    browser.get(path)

    answer = browser.post(path, {**browser.filled({"action": "甲做法"}), f"v.{name}": sent})

    assert answer.status_code == 422
    assert told in answer.text
    assert f'href="#field-v.{name}"' in answer.text
    assert submissions(office) == before


def test_a_rule_that_refuses_says_why_on_which_article_and_loses_nothing(office):
    number = office.registered()
    browser = office.browser("paidan")

    answer = browser.fill(
        dispatch_path(number), {"lead_department": "dept_archives", "dispatch_basis": "写了很久的依据"}
    )

    assert answer.status_code == 409
    assert "没有任职中的专人" in answer.text
    assert "第四条" in answer.text
    assert 'value="写了很久的依据"' in answer.text
    assert '<option selected value="dept_archives">' in answer.text
    corrected = browser.post(dispatch_path(number), browser.filled({"lead_department": "dept_logistics"}))
    assert corrected.status_code == 303


def test_all_that_stands_against_a_submission_is_told_at_once_each_with_its_code_and_article(office):
    number = office.dispatched("dept_logistics")
    handler = office.browser("chengban_logistics")

    answer = handler.fill(f"/cases/{number}/forms/submit_report", {"narrative.contact": "已电话联系"})

    assert answer.status_code == 409
    assert "有 4 项要先办好" in answer.text
    alert = answer.text[answer.text.index("没有提交") : answer.text.index("data-task-form")]
    for told in ("缺“一单”", "缺“一文”", "缺“一支撑”", "尚未向诉求人反馈", "第十一条", "E_FEEDBACK_MISSING"):
        assert told in alert
    assert alert.count("E_PACKAGE_INCOMPLETE") == 3
    assert "已电话联系" in answer.text
    course = office.browser("zhuren").get(f"/cases/{number}").text
    assert "缺“一单”" in course
    assert "尚未向诉求人反馈" in course


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text_on_every_page_that_shows_it(office, text):
    browser = office.browser("paidan")
    short = text.replace("\n", " ")[:60]
    refused = browser.fill("/start/register_case", {**ORDER, "title": short, "content": text, "source": None})
    number = office.registered(title=short, content=text, caller_name=short)

    pages = [
        refused,
        browser.get(f"/cases/{number}"),
        browser.get("/cases"),
        browser.get("/"),
        browser.get("/notices"),
    ]

    for page in pages:
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert "' onmouseover='" not in page.text
        assert "1343433" not in page.text
    assert browser.get(f"/cases/{number}").status_code == 200


def test_the_same_page_handed_in_twice_is_one_submission(office):
    browser = office.browser("paidan")
    browser.get("/start/register_case")
    sent = browser.filled(ORDER)

    first = browser.post("/start/register_case", sent)
    second = browser.post("/start/register_case", sent)

    assert first.location == second.location
    assert submissions(office) == 1
    assert "没有重复提交" in browser.get(second.location).text


def test_a_page_handed_in_again_with_other_words_is_not_taken_for_the_first(office):
    browser = office.browser("paidan")
    browser.get("/start/register_case")
    sent = browser.filled(ORDER)
    first = browser.post("/start/register_case", sent)
    number = first.location.rsplit("/", 1)[1]
    office.later(minutes=4)
    changed = {**sent, "v.title": "后来改过的标题", "v.upstream_order_no": "FIC-2024-000099"}

    answer = browser.post("/start/register_case", changed)
    again = dict(browser.page.form("key")["fields"])
    third = browser.post("/start/register_case", browser.filled({}))

    assert answer.status_code == 409
    assert "没有提交" in answer.text
    assert "03-08 16:30" in answer.text
    assert number in answer.text
    assert again["v.title"] == "后来改过的标题"
    assert again["key"] != sent["key"]
    assert third.status_code == 303
    assert submissions(office) == 2


def test_a_page_of_a_task_that_is_done_handed_in_again_with_other_words_keeps_them(office):
    number = office.registered()
    browser = office.browser("paidan")
    browser.get(dispatch_path(number))
    sent = browser.filled({"lead_department": "dept_logistics", "dispatch_basis": "职责范围"})
    browser.post(dispatch_path(number), sent)

    answer = browser.post(dispatch_path(number), {**sent, "v.dispatch_basis": "改写过的依据"})

    assert answer.status_code == 409
    assert "已经提交过一次" in answer.text
    assert "改写过的依据" in answer.text
    assert submissions(office) == 2


def test_a_key_of_somebody_else_gives_away_nothing(office):
    mine = office.browser("paidan")
    mine.get("/start/register_case")
    sent = mine.filled(ORDER)
    mine.post("/start/register_case", sent)
    other = office.browser("zhuren")
    other.get("/start/register_case")

    answer = other.post("/start/register_case", {**sent, "csrf_token": other.page.token})

    assert answer.status_code == 409  # the same order is here already: a rule, not the receipt of the other


def test_whoever_comes_second_learns_who_was_first_and_keeps_what_they_wrote(office):
    number = office.registered()
    second = office.browser("zhuren")
    second.get(dispatch_path(number))
    typed = second.filled({"lead_department": "dept_hr", "dispatch_basis": "主任写了很久的依据"})
    office.later(minutes=3)
    office.browser("paidan").fill(
        dispatch_path(number), {"lead_department": "dept_logistics", "dispatch_basis": "职责范围"}
    )

    answer = second.post(dispatch_path(number), typed)

    assert answer.status_code == 409
    assert "主任写了很久的依据" in answer.text
    assert "没有提交：周敏已先提交了“派单”" in answer.text
    assert "先完成的人：周敏，时间 03-08 16:33" in answer.text
    assert submissions(office) == 2


def test_what_was_typed_comes_back_in_the_words_of_the_form(office):
    number = office.registered(request_type="consult")
    second = office.browser("zhuren")
    second.get(dispatch_path(number))
    typed = second.filled({"lead_department": "dept_hr", "dispatch_basis": "职责", "urgency": "normal"})
    office.later(minutes=3)
    answered = office.browser("paidan").fill(
        f"/cases/{number}/forms/instant_answer",
        {"channel": 1, "answer_content": "已答复", "caller_reaction": "accepted", "evidence": proof(office)},
    )
    assert answered.status_code == 303, answered.text

    answer = second.post(dispatch_path(number), typed)
    told = answer.text[answer.text.index("您刚才填写的内容") :]

    assert answer.status_code == 409
    assert "最近一次提交：周敏，03-08 16:33，“即时答复”" in answer.text
    assert "人事处" in told
    assert "dept_hr" not in told
    assert "一般" in told
    assert ">normal" not in told


def proof(office) -> str:
    """A file that the dispatcher has uploaded."""
    uploaded = office.browser("paidan").upload("录音.png", PNG)
    return uploaded.json["id"]


def test_a_form_that_is_not_ones_own_is_refused_before_it_is_shown(office):
    number = office.dispatched("dept_logistics")

    answer = office.browser("zhuanren_logistics").get(dispatch_path(number))

    assert answer.status_code == 403
    assert "您的岗位不能办理" in answer.text


@pytest.mark.parametrize(
    "path", ["/start/no_such_form", "/cases/{number}/forms/no_such_form", "/cases/x/forms/dispatch"]
)
def test_a_form_that_is_not_there_is_not_found(office, path):
    number = office.registered()

    assert office.browser("paidan").get(path.format(number=number)).status_code == 404


def test_a_field_the_form_does_not_have_is_refused(office):
    browser = office.browser("paidan")
    browser.get("/start/register_case")

    answer = browser.post("/start/register_case", {**browser.filled(ORDER), "v.case_no": "JSJB-2024-77777"})

    assert answer.status_code == 422
    assert "表单里没有这个字段" in answer.text
    assert submissions(office) == 0


def test_a_field_that_its_condition_hides_does_not_count(office):
    number = office.registered(urgency_basis="accident")

    text = office.browser("paidan").get(f"/cases/{number}").text

    assert "紧急判断依据" not in text


def test_a_condition_hides_its_field_on_the_page_that_the_server_makes(office):
    browser = office.browser("paidan")

    plain = browser.get("/start/register_case").text
    urgent = browser.fill("/start/register_case", {"urgency": "urgent"}).text

    assert is_hidden(plain, "urgency_basis")
    assert not is_hidden(urgent, "urgency_basis")


def is_hidden(text: str, name: str) -> bool:
    tag = next(part for part in text.split("<div ") if f'data-path="{name}"' in part).split(">")[0]
    return " hidden" in tag


def test_the_time_of_a_form_is_beijings(office):
    office.registered(received_at="2024-03-08T16:10", received_reason="系统升级后补录")
    number = "JSJB-2024-00001"

    text = office.browser("paidan").get(f"/cases/{number}").text

    assert "03-08 16:10" in text
    assert "03-09 24:00" in text


def test_a_refusal_stands_in_the_record_of_the_case(office):
    number = office.registered()
    office.browser("paidan").fill(
        dispatch_path(number), {"lead_department": "dept_archives", "dispatch_basis": "依据"}
    )

    with office.store.reading() as connection:
        kinds = [row.kind for row in connection.execute(select(audit.c.kind).order_by(audit.c.seq))]

    assert kinds == ["submitted", "refused"]
    assert "未获接受" in office.browser("zhuren").get(f"/cases/{number}").text


def test_files_sent_with_the_form_itself_are_kept_where_no_script_runs(office):
    import io

    browser = office.browser("paidan")
    browser.get("/start/register_case")
    sent = browser.filled(ORDER)

    answer = browser.post(
        "/start/register_case",
        {**sent, "upload.attachments": (io.BytesIO(PNG), "截图.png")},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 303, answer.text
    assert "截图.png" in browser.get(answer.location).text


def test_what_was_typed_outlives_a_database_that_is_away(office, monkeypatch):
    number = office.registered()
    browser = office.browser("paidan")
    browser.get(dispatch_path(number))
    typed = browser.filled({"lead_department": "dept_logistics", "dispatch_basis": "写了很久的依据"})
    with monkeypatch.context() as broken:
        broken.setattr("service.web.staff.task_form.submit_form", down)
        answer = browser.post(dispatch_path(number), typed)

    assert answer.status_code == 503
    assert "写了很久的依据" in answer.text
    once_more = dict(browser.page.form("key")["fields"])
    assert browser.post(dispatch_path(number), once_more).status_code == 303


def down(*_: object) -> None:
    raise DatabaseDown


def test_an_earlier_case_is_named_by_its_number_and_only_one_that_is_there(office):
    earlier = office.registered()
    browser = office.browser("paidan")

    unknown = browser.fill(
        "/start/register_case", {**ORDER, "upstream_order_no": "X2", "repeat_of": "JSJB-2024-99999"}
    )
    known = browser.fill("/start/register_case", {**ORDER, "upstream_order_no": "X2", "repeat_of": earlier})

    assert unknown.status_code == 422
    assert f'<option value="{earlier}">' in unknown.text
    assert known.status_code == 303
