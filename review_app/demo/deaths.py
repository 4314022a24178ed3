"""Who is reviewed in the demo, and what was learned. Every person, place and event here is invented.

No published alert or case is behind any of it. What was learned follows the themes that a partnership has published:
joint working, flexible approaches, responsive outreach, advocacy and wider health needs as good practice; record
keeping, assessment standards and alcohol preventative work as areas for learning.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from review_app.learning.rules.states import Polarity
from review_app.reviews.rules.notified import Suspected

GOOD, AREA = Polarity.GOOD_PRACTICE, Polarity.AREA_FOR_LEARNING
DRUGS, ALCOHOL, SUICIDE = Suspected.DRUG_POISONING, Suspected.ALCOHOL, Suspected.SUICIDE


@dataclass(frozen=True, kw_only=True)
class Death:
    """One invented death: the person, where, what is suspected, and who notified it."""

    name: str
    age: int
    place: str
    locality: int
    suspected: Suspected
    substances: tuple[str, ...] = ()
    by: str = "treatment.rep"
    source: str = "police"
    story: str = ""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What a panel found, and how it may be told to those who do not know the case; without that it is not told yet."""

    polarity: Polarity
    theme: int
    statement: str
    wording: str


LESSONS: Mapping[str, Lesson] = {
    "weekly meeting": Lesson(
        polarity=GOOD, theme=1,
        statement="Housing, treatment and the hospital met every week about the person and shared one plan.",
        wording="Agencies that met every week and shared one plan noticed sooner when things changed.",
    ),
    "one lead": Lesson(
        polarity=GOOD, theme=2,
        statement="One named worker held the plan, and everybody rang her first.",
        wording="One named worker who held the plan kept everyone from asking the same things again.",
    ),
    "home visits": Lesson(
        polarity=GOOD, theme=3,
        statement="Appointments were moved to the person’s own kitchen when leaving the flat became too hard.",
        wording="Seeing people where they are, at times that suit them, kept contact when clinics could not.",
    ),
    "doorstep": Lesson(
        polarity=GOOD, theme=4,
        statement="Outreach knocked every other day for six weeks until the door was opened.",
        wording="Outreach that kept coming back, kindly and without conditions, rebuilt trust.",
    ),
    "spoke up": Lesson(
        polarity=GOOD, theme=5,
        statement="A hostel worker went along to the benefits appeal and spoke for the person.",
        wording="Somebody who goes along and speaks up can keep a home or an income in place.",
    ),
    "whole health": Lesson(
        polarity=GOOD, theme=6,
        statement="The treatment service arranged a lung check and an eye test on the same morning.",
        wording="Looking after lungs, eyes and teeth as well as drug use brought people back.",
    ),
    "mind and drugs": Lesson(
        polarity=GOOD, theme=7,
        statement="Mental health and treatment staff saw the person together instead of in turn.",
        wording="Being seen by both services in one room spared people telling their story twice.",
    ),
    "two records": Lesson(
        polarity=AREA, theme=8,
        statement="Two services each wrote that the other had the current risk assessment.",
        wording="Records should say who holds the current plan, so that no two services each think it is the other.",
    ),
    "no record": Lesson(
        polarity=AREA, theme=8,
        statement="The last three contacts were remembered by staff and written down nowhere.",
        wording="Contacts that are not written down the same day are lost to everyone else.",
    ),
    "old assessment": Lesson(
        polarity=AREA, theme=9,
        statement="The risk assessment was fourteen months old and did not know of the overdose in spring.",
        wording="A risk assessment needs to be looked at again after every overdose that somebody survives.",
    ),
    "two scales": Lesson(
        polarity=AREA, theme=9,
        statement="Three agencies assessed alcohol on three scales that could not be compared.",
        wording="Agencies should assess alcohol with the same questions, so that scores can be compared.",
    ),
    "never asked": Lesson(
        polarity=AREA, theme=23,
        statement="Drinking was never asked about in eleven visits to the emergency department.",
        wording="Every attendance is a chance to ask about drinking, and to offer help early.",
    ),
    "too late": Lesson(
        polarity=AREA, theme=23,
        statement="Alcohol help was offered for the first time when the liver had failed.",
        wording="Help with drinking should be offered years before it shows in the liver.",
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """A death that the panel has reviewed, and which lessons it gave; a lesson named with `?` has no wording yet."""

    death: Death
    lessons: tuple[str, ...]
    asked: tuple[str, ...] = ("treatment",)
    reply: str = "The person was known to us. Contact was weekly until the last month."


HOME, HOSTEL, ELSEWHERE, OUTDOORS, WARD = "own_home", "hostel_or_supported", "other_home", "outdoors", "hospital"
SITTINGS: tuple[tuple[Reviewed, ...], ...] = (
    (
        Reviewed(death=Death(name="Fern Applegarth-Demo", age=44, place=HOME, locality=0, suspected=DRUGS,
                             substances=("isotonitazene",)), lessons=("weekly meeting", "two records")),
        Reviewed(death=Death(name="Rowan Tidewell-Demo", age=38, place=HOSTEL, locality=1, suspected=DRUGS,
                             substances=("metonitazene",), by="housing.rep"), lessons=("doorstep", "old assessment")),
        Reviewed(death=Death(name="Bryn Saltcote-Demo", age=57, place=WARD, locality=2, suspected=ALCOHOL,
                             by="hospital.rep", source="hospital"), lessons=("whole health", "never asked")),
        Reviewed(death=Death(name="Hazel Quillmark-Demo", age=49, place=HOME, locality=3, suspected=DRUGS,
                             substances=("heroin (diamorphine)", "diazepam")), lessons=("doorstep",)),
    ),
    (
        Reviewed(death=Death(name="Perry Lanternby-Demo", age=35, place=ELSEWHERE, locality=0, suspected=DRUGS,
                             substances=("protonitazene",), by="police.rep"), lessons=("weekly meeting", "no record")),
        Reviewed(death=Death(name="Linnet Harrowgill-Demo", age=61, place=HOME, locality=1, suspected=ALCOHOL,
                             by="hospital.rep", source="hospital"), lessons=("weekly meeting", "too late")),
        Reviewed(death=Death(name="Ash Moorfoot-Demo", age=29, place=OUTDOORS, locality=4, suspected=SUICIDE,
                             substances=("cocaine (powder)",), by="police.rep"),
                 lessons=("mind and drugs", "two scales")),
        Reviewed(death=Death(name="Clover Netherby-Demo", age=46, place=HOSTEL, locality=2, suspected=DRUGS,
                             substances=("methadone", "pregabalin"), by="housing.rep"),
                 lessons=("spoke up", "two records")),
    ),
    (
        Reviewed(death=Death(name="Teal Brackwater-Demo", age=52, place=HOME, locality=3, suspected=DRUGS,
                             substances=("heroin (diamorphine)",)), lessons=("doorstep", "old assessment")),
        Reviewed(death=Death(name="Sorrel Duskfield-Demo", age=41, place=HOME, locality=0, suspected=DRUGS,
                             substances=("metonitazene",)), lessons=("weekly meeting", "no record")),
        Reviewed(death=Death(name="Jay Copperhill-Demo", age=66, place=WARD, locality=1, suspected=ALCOHOL,
                             by="hospital.rep", source="hospital"), lessons=("whole health", "never asked")),
        Reviewed(death=Death(name="Wren Ottersby-Demo", age=33, place=ELSEWHERE, locality=4, suspected=DRUGS,
                             substances=("isotonitazene",), by="police.rep"), lessons=("weekly meeting",)),
    ),
    (
        Reviewed(death=Death(name="Reed Millbank-Demo", age=47, place=HOME, locality=2, suspected=DRUGS,
                             substances=("heroin (diamorphine)", "alprazolam")),
                 lessons=("doorstep", "old assessment")),
        Reviewed(death=Death(name="Ivy Stonecrop-Demo", age=55, place=HOME, locality=3, suspected=ALCOHOL,
                             by="hospital.rep", source="hospital"), lessons=("one lead", "too late")),
        Reviewed(death=Death(name="Finch Larkmead-Demo", age=39, place=HOSTEL, locality=0, suspected=DRUGS,
                             substances=("metonitazene",), by="housing.rep"), lessons=("doorstep", "two records")),
    ),
    (
        Reviewed(death=Death(name="Birch Wavecrest-Demo", age=43, place=HOME, locality=1, suspected=DRUGS,
                             substances=("protonitazene",)), lessons=("mind and drugs?", "two scales")),
        Reviewed(death=Death(name="Poppy Gullmoor-Demo", age=50, place=HOME, locality=4, suspected=ALCOHOL,
                             by="hospital.rep", source="hospital"), lessons=("whole health", "never asked?")),
    ),
)  # fmt: skip
"""Seventeen of the eighteen, in the sittings that dealt with them."""
OF_THE_SIGNAL = Reviewed(
    death=Death(
        name="Marlow Fennick-Demo", age=36, place=HOSTEL, locality=0, suspected=DRUGS, substances=("isotonitazene",),
        by="coordinator", source="drug_report", story="Died two days after the same tablets were reported nearby.",
    ),
    lessons=("weekly meeting", "old assessment"), asked=("treatment", "housing"),
)  # fmt: skip
"""The eighteenth began from a Signal, and its whole thread can be followed."""

WAITING = Death(name="Robin Ashgrove-Demo", age=48, place=HOME, locality=0, suspected=DRUGS,
                substances=("isotonitazene",))  # fmt: skip
AGAIN = Death(
    name="Robyn Ashgrove-Demo", age=48, place=HOME, locality=0, suspected=DRUGS, by="housing.rep", source="housing"
)
"""The same death as a second agency tells it."""
NEW = Death(name="Sage Copperfield-Demo", age=59, place=WARD, locality=2, suspected=ALCOHOL, by="hospital.rep",
            source="hospital")  # fmt: skip
UNCHECKED = Death(name="Laurel Tarnsby-Demo", age=31, place=ELSEWHERE, locality=1, suspected=DRUGS,
                  substances=("bromazolam",), by="police.rep")  # fmt: skip
SELECTED = Death(name="Heron Blackmere-Demo", age=45, place=HOME, locality=3, suspected=DRUGS,
                 substances=("metonitazene",))  # fmt: skip
ASKED = (
    Death(name="Juniper Holloway-Demo", age=40, place=HOME, locality=0, suspected=DRUGS,
          substances=("isotonitazene",)),
    Death(name="Alder Crossbeck-Demo", age=53, place=HOSTEL, locality=4, suspected=ALCOHOL, by="housing.rep",
          source="housing"),
)  # fmt: skip
PLANNED = (
    Death(name="Martin Greywether-Demo", age=37, place=HOME, locality=2, suspected=DRUGS,
          substances=("protonitazene",)),
    Death(name="Olive Kestrelway-Demo", age=62, place=WARD, locality=1, suspected=ALCOHOL, by="hospital.rep",
          source="hospital"),
)  # fmt: skip
TO_SIGN = (
    Reviewed(death=Death(name="Kit Thistledown-Demo", age=42, place=HOME, locality=3, suspected=DRUGS,
                         substances=("metonitazene",)), lessons=("home visits", "no record"),
             asked=("treatment", "housing")),
    Reviewed(death=Death(name="Lark Winterbourne-Demo", age=58, place=HOME, locality=2, suspected=ALCOHOL,
                         by="hospital.rep", source="hospital"), lessons=("one lead", "two scales")),
)  # fmt: skip
UNDER_AGE = Death(name="Vale Summerlee-Demo", age=17, place=HOME, locality=0, suspected=DRUGS,
                  substances=("cocaine (powder)",))  # fmt: skip
NOT_CHOSEN = Death(name="Cole Ferrier-Demo", age=71, place=WARD, locality=1, suspected=ALCOHOL, by="hospital.rep",
                   source="hospital")  # fmt: skip
LONG_AGO = (
    Death(name="Old Demo-Record One", age=51, place=HOME, locality=2, suspected=DRUGS, by="review.coordinator"),
    Death(name="Old Demo-Record Two", age=47, place=HOME, locality=3, suspected=ALCOHOL, by="review.coordinator"),
)
