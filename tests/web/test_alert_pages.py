"""The pages of alerts and lists, as the people who use them find them, without script."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from review_app.alerts.models import DistributionList, Recipient
from review_app.alerts.queries.versions import newest_version, wording_of
from review_app.alerts.rules import AlertLevel, VersionState
from review_app.audit.models import AuditEvent
from review_app.catalogue.models import AdviceBlockSignature
from review_app.marks import Tlp
from review_app.policy import Role
from tests import factories
from tests.browser import Browser
from tests.service.alert_cases import decided_signal, edit, make_list, ready_draft, sign, soon, submitted, version_of
from tests.service.test_alert_visibility import issue

PARTS = {
    "Headline": "Blue tablets: collapse within minutes. Do not use alone",
    "What has happened": "Three people collapsed.",
    "Sold as": "diazepam",
    "What it may contain": "Not confirmed.",
    "What it looks like": "Small and blue, no marking.",
    "Signs to look for": "Very drowsy, blue lips.",
    "What to do if you use drugs": "Do not use alone.",
    "What to do if you support people": "Check on people often.",
    "What to do if you are a clinician": "Watch for delayed collapse.",
    "What is not known": "What it contains.",
}


@pytest.fixture
def here(work, clock):
    with work() as session:
        return factories.world(session, now=clock.now()).westhaven


@pytest.fixture
def sign_in(app, here):
    return lambda who: Browser(app).sign_in(here.email(who), factories.PASSWORD)


def waiting(work, here, clock, **changes):
    with work() as session:
        alert = ready_draft(session, here, now=clock.now(), **changes)
        submitted(session, here, alert, now=clock.now())
        return alert.reference


def test_an_alert_goes_from_the_signal_to_its_signers_and_is_scheduled(work, here, clock, sign_in):
    with work() as session:
        signal = decided_signal(session, here, now=clock.now()).reference
        make_list(session, here, now=clock.now(), people=40, name="Harbour network")
    page = sign_in("coordinator").get(f"/signals/{signal}")
    page.press("Draft an alert", within="Alerts")
    assert page.heading == "Write the alert"
    assert "parts are ready" in page.text
    page.press("Submit for sign-off")
    assert page.heading == "Write the alert"
    assert "Not ready for signature" in page.text
    for label, text in PARTS.items():
        page.fill(label, text)
    page.check("Harbour network (40 on it)").choose(
        "No", question=page.soup.find(id="ef8").find_parent("fieldset").legend.get_text(strip=True)
    )
    page.choose("At a set time").fill_parts("Send time", Day="9", Month="11", Year="2026", Time="12:30")
    page.press("Save")
    assert "22 of 22 parts are ready" in page.text
    assert "RED ALERT: Blue tablets" in page.text
    page.press("Submit for sign-off")
    reference = page.soup.select_one(".app-reference").get_text(strip=True)
    assert "Awaiting sign-off" in page.text
    assert "the Director of Public Health or their delegate" in page.text

    page.get(f"/alerts/{reference}/sign")
    assert "Someone else must sign" in page.text
    assert "Sign this version" not in page.buttons

    signer = sign_in("dph").get(f"/alerts/{reference}").follow("Read and sign")
    assert "40 people" in signer.text
    assert "Monday 9 November 2026 at 12:30" in signer.text
    signer.press("Sign this version")
    assert "You have signed. It still waits for others." in signer.text
    signer = sign_in("chair").get(f"/alerts/{reference}/sign").press("Sign this version")
    assert "It goes out on Monday 9 November 2026 at 12:30" in signer.text
    with work() as session:
        assert version_of(session, reference).state is VersionState.SCHEDULED


def test_a_page_that_was_read_before_an_edit_cannot_be_signed(work, here, clock, sign_in):
    reference = waiting(work, here, clock)
    signer = sign_in("dph").get(f"/alerts/{reference}/sign")
    with work() as session:
        alert = version_of(session, reference).alert
        changed = replace(wording_of(session, newest_version(session, alert)), headline="Something else")
        edit(session, here, "coordinator", alert, changed, now=clock.now())
        submitted(session, here, alert, now=clock.now())
    signer.press("Sign this version", status=422)
    assert "changed since you opened it" in signer.errors[0]
    assert "Something else" in signer.text
    signer.press("Sign this version")
    with work() as session:
        assert [each.role for each in version_of(session, reference).sign_offs] == [Role.DPH]


def test_a_signer_sees_what_changed_since_the_text_that_was_signed(work, here, clock, sign_in):
    reference = waiting(work, here, clock)
    with work() as session:
        alert = version_of(session, reference).alert
        sign(session, here, "dph", alert, Role.DPH, now=clock.now())
        wording = wording_of(session, newest_version(session, alert))
        changed = replace(wording, parts={**wording.parts, "signs": "Blue lips."})
        edit(session, here, "coordinator", alert, changed, now=clock.now())
        submitted(session, here, alert, now=clock.now())
    page = sign_in("dph").get(f"/alerts/{reference}/sign")
    assert "What changed since the text that was last signed" in page.text
    assert [each.get_text(strip=True) for each in page.soup.select("ins")] == ["Added:Blue lips."]
    assert "[[" not in page.text
    assert "Void: The text was changed." in page.get(f"/alerts/{reference}").text


def test_a_version_is_returned_with_a_reason_that_its_writer_reads(work, here, clock, sign_in):
    reference = waiting(work, here, clock)
    page = sign_in("dph").get(f"/alerts/{reference}/sign").press("Return with a reason", status=422)
    assert page.errors == ["Enter why you return it"]
    page.fill("Why do you return it?", "Say which tablets.").press("Return with a reason")
    writer = sign_in("coordinator").get(f"/alerts/{reference}")
    assert "Say which tablets." in writer.text
    assert "Say which tablets." in writer.follow("Go on writing").text


def test_two_writers_lose_nothing(work, here, clock, sign_in):
    with work() as session:
        reference = ready_draft(session, here, now=clock.now()).reference
    one, two = (sign_in(who).get(f"/alerts/{reference}/edit") for who in ("coordinator", "communications"))
    one.fill("Signs to look for", "Blue lips.").press("Save")
    two.fill("Signs to look for", "Slow breathing.").press("Save", status=422)
    assert "Nothing of yours is lost" in two.errors[0]
    assert ["Signs to look for", "Slow breathing.", "Blue lips."] in [
        [re.sub(r"^(Part|What you typed|What is saved now) ", "", cell) for cell in row]
        for row in two.table("What changed")
    ]
    two.fill("Signs to look for", "Blue lips. Slow breathing.").press("Save")
    with work() as session:
        assert version_of(session, reference).parts["signs"] == "Blue lips. Slow breathing."


def test_what_was_typed_wrong_is_shown_again(work, here, clock, sign_in):
    with work() as session:
        reference = ready_draft(session, here, now=clock.now()).reference
    page = sign_in("coordinator").get(f"/alerts/{reference}/edit")
    page.fill("Headline", "x" * 91).fill("Signs to look for", "Kept.")
    page.choose("At a set time").fill_parts("Send time", Day="29", Month="3", Year="2026", Time="01:30")
    page.press("Save", status=422)
    assert page.title.startswith("Error: ")
    assert any("90 characters" in error for error in page.errors)
    assert any("clocks change" in error for error in page.errors)
    assert "Kept." in page.soup.find(id="part_signs").get_text()


def test_the_preview_shows_what_is_typed_and_saves_nothing(work, here, clock, sign_in):
    with work() as session:
        reference = ready_draft(session, here, now=clock.now()).reference
        before = version_of(session, reference).version
    page = sign_in("coordinator").get(f"/alerts/{reference}/edit")
    form = page.soup.find("form", id="editor")
    fields = {field["name"]: field.get("value", "") for field in form.select("input[type=hidden]")}
    page.post(f"/alerts/{reference}/preview", {**fields, "headline": "Typed just now <b>"}, status=200)
    assert b"Typed just now &lt;b&gt;" in page.body
    assert b"<html" not in page.body
    with work() as session:
        assert version_of(session, reference).version == before


def test_visitors_read_public_alerts_only_and_ended_ones_with_a_banner(work, here, clock, browser):
    with work() as session:
        public = ready_draft(session, here, now=clock.now())
        issue(session, public, Tlp.CLEAR, now=clock.now())
        hidden = ready_draft(session, here, now=clock.now())
        issue(session, hidden, Tlp.GREEN, now=clock.now())
        names = public.reference, hidden.reference
    assert browser.get("/alerts").heading == "Drug alerts"
    assert names[0] in browser.text
    assert names[1] not in browser.text
    browser.get(f"/alerts/{names[1]}", status=404)
    browser.get(f"/alerts/{names[0]}")
    assert browser.text.index("What to do") < browser.text.index("What we know")
    assert "signed" not in browser.text.lower().replace("sign-off", "")
    with work() as session:
        alert = version_of(session, names[0]).alert
        alert.ended_at, alert.state = clock.now(), type(alert.state).EXPIRED
    assert "This alert has ended" in browser.get(f"/alerts/{names[0]}").text


def test_a_file_is_checked_shown_and_imported_once(work, here, clock, sign_in):
    with work() as session:
        reference = make_list(session, here, now=clock.now(), people=1).reference
    rows = "".join(f"worker{number}@hostel.example,Westhaven Hostel,Worker\n" for number in range(1000))
    wrong = "nobody,,\nworker1@hostel.example,,\n=1+1,,\np0@wes-l-2026-0001.example,,\nx@y.example,Nowhere,\n"
    page = sign_in("coordinator").get(f"/lists/{reference}").follow("Import CSV")
    page.press("Check the file", status=422)
    assert page.errors == ["Choose a CSV file"]
    page.attach("CSV file", "people.csv", ("address,agency,role\n" + rows + wrong).encode("utf-8-sig"))
    page.press("Check the file")
    assert page.heading == "Check before importing"
    assert "This is not an e-mail address." in page.text
    assert "There is no agency of this name" in page.text
    with work() as session:
        assert len(session.scalars(select(Recipient)).all()) == 1
    again = page.soup
    page.press("Import 1,000 recipients")
    assert "1,000 recipients added." in page.text
    page.soup, page.url = again, f"/lists/{reference}/import"
    page.press("Import 1,000 recipients")
    assert "on the list already" in page.text
    with work() as session:
        assert len(session.scalars(select(Recipient)).all()) == 1001


def test_a_workbook_is_refused_beside_the_field(work, here, clock, sign_in):
    with work() as session:
        reference = make_list(session, here, now=clock.now(), people=0).reference
    page = sign_in("communications").get(f"/lists/{reference}/import")
    page.attach("CSV file", "people.xlsx", b"PK\x03\x04\x00\x00\x00").press("Check the file", status=422)
    assert "not a CSV file" in page.errors[0]


def test_an_export_is_escaped_and_audited(work, here, clock, sign_in):
    with work() as session:
        made = make_list(session, here, now=clock.now(), people=1)
        session.scalars(select(Recipient)).one().role = "=HYPERLINK(1)"
        reference = made.reference
    page = sign_in("coordinator").get(f"/lists/{reference}").follow("Export CSV")
    assert page.headers["Content-Type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in page.body.decode("utf-8-sig")
    with work() as session:
        event = session.scalars(select(AuditEvent).where(AuditEvent.purpose == "export")).one()
        assert (event.object_table, event.object_reference) == ("distribution_list", reference)
    assert sign_in("chair").get(f"/lists/{reference}/export.csv", status=403)
    assert sign_in("nurse").get(f"/lists/{reference}/export.csv", status=404)


def test_people_are_added_corrected_and_taken_off(work, here, clock, sign_in):
    page = sign_in("communications").get("/lists").follow("Make a list")
    page.fill("Name of the list", "Hostels").choose("Agencies with people at risk").press("Make the list")
    page.follow("Add recipient").fill("E-mail address", "duty@hostel.example").fill("Role", "Manager")
    page.press("Add recipient")
    page.follow("Change duty@hostel.example").fill("Role", "Deputy manager").press("Save")
    assert "Deputy manager" in page.text
    page.follow("Change duty@hostel.example").press("Take off the list")
    assert "They are off the list" in page.text
    page.follow("Rename or put out of use").fill("Name of the list", "Old hostels").press("Save")
    page.follow("Rename or put out of use").press("Put the list out of use")
    with work() as session:
        made = session.scalars(select(DistributionList)).one()
        assert (made.name, made.archived) == ("Old hostels", True)


def test_a_clinician_signs_advice_and_others_only_read_it(work, here, sign_in):
    page = sign_in("clinician.panel").get("/settings/advice")
    page.press("Sign this advice", within="Opioids")
    assert "You have signed this advice" in page.text
    assert "Sign this advice" not in sign_in("coordinator").get("/settings/advice").buttons
    sign_in("nurse").get("/settings/advice", status=404)
    with work() as session:
        assert session.scalars(select(AdviceBlockSignature)).one().advice_block.key == "opioid_core"


def test_whoever_may_extend_writes_an_extension_and_no_words_of_it(work, here, clock, sign_in):
    with work() as session:
        alert = ready_draft(session, here, now=clock.now(), level=AlertLevel.AMBER)
        submitted(session, here, alert, now=clock.now())
        issue(session, alert, Tlp.AMBER, now=clock.now())
        newest_version(session, alert).body = "as it went out"
        reference = alert.reference
    page = sign_in("dph").get(f"/alerts/{reference}").follow("Extend").press("Choose the new end")
    assert page.heading == "Extend the alert"
    later = soon(clock.now(), days=30)
    page.fill_parts("When does it end?", Day=str(later.day), Month=str(later.month), Year=str(later.year))
    page.choose("When it is signed").choose("No").press("Submit for sign-off")
    assert "Awaiting sign-off" in page.text
    sign_in("dph").get(f"/alerts/{reference}/sign")
    with work() as session:
        version = version_of(session, reference)
        assert version.expires_at is not None
        assert version.expires_at.date() == later.date()
        assert version.headline == "Blue tablets: collapse within minutes. Do not use alone"


@pytest.mark.parametrize("who", ["chair", "dph", "oncall", "police.panel", "nurse", "analyst"])
def test_the_editor_is_for_writers_alone(work, here, clock, sign_in, who):
    reference = waiting(work, here, clock)
    known = who in {"chair", "dph", "oncall", "police.panel"}
    sign_in(who).get(f"/alerts/{reference}/edit", status=403 if known else 404)
