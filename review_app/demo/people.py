"""Who and what the demo's two Partnerships hold. Every name here is plainly invented."""

from collections.abc import Mapping
from dataclasses import dataclass

from review_app.policy import PanelKind, Role

PASSWORD = "harbour lantern forty"


@dataclass(frozen=True, kw_only=True)
class Person:
    """One sign-in: the first part of the address, a display name, an agency, and the roles held."""

    key: str
    name: str
    agency: str
    does: str
    panel_roles: tuple[tuple[Role, PanelKind], ...] = ()
    roles: tuple[Role, ...] = ()
    expertise: str = ""
    clinical: bool = False


AGENCIES: Mapping[str, tuple[str, str]] = {
    "public_health": ("Westhaven Council Public Health", "council_public_health"),
    "police": ("Tidewater Police", "police"),
    "ambulance": ("Three Rivers Ambulance Service", "ambulance"),
    "hospital": ("Westhaven General Emergency Department", "acute_trust_ed"),
    "treatment": ("Lantern Recovery Service", "adult_treatment"),
    "hostel": ("Harbour Light Hostel", "hostels_homeless"),
    "housing": ("Westhaven Council Housing", "council_housing"),
    "pharmacy": ("Quayside Pharmacy", "pharmacy"),
}
SHARED = frozenset({"police", "ambulance"})
PLACES = ("Harbourside", "Northgate", "Mill Lane", "St Anselm's", "Ferry Road")
NEIGHBOUR_PLACES = ("Eastmoor Centre", "Fenwick", "Upper Moor")

ALERT, REVIEW = PanelKind.ALERT, PanelKind.REVIEW
PEOPLE = (
    Person(
        key="coordinator",
        name="Robin Fairweather",
        agency="public_health",
        does="runs the inbox, Signals and questions to agencies",
        panel_roles=((Role.COORDINATOR, ALERT),),
    ),
    Person(
        key="chair",
        name="Dr Morgan Ashdown",
        agency="public_health",
        does="chairs the alert panel and decides",
        panel_roles=((Role.CHAIR, ALERT),),
        expertise="Public health consultant",
    ),
    Person(
        key="deputy",
        name="Sam Birchall",
        agency="treatment",
        does="stands in for the chair",
        panel_roles=((Role.DEPUTY_CHAIR, ALERT),),
        expertise="Treatment service manager",
    ),
    Person(
        key="police.panel",
        name="Jo Larkspur",
        agency="police",
        does="grades for the police",
        panel_roles=((Role.PANEL_MEMBER, ALERT),),
        expertise="Drug intelligence",
    ),
    Person(
        key="clinician.panel",
        name="Dr Alex Wrenfield",
        agency="hospital",
        does="grades as a clinician and signs advice",
        panel_roles=((Role.PANEL_MEMBER, ALERT),),
        expertise="Emergency medicine and toxicology",
        clinical=True,
    ),
    Person(
        key="approver",
        name="Charlie Oakhurst",
        agency="public_health",
        does="signs alerts for the director",
        roles=(Role.APPROVER,),
    ),
    Person(
        key="dph",
        name="Dr Frances Seabrook",
        agency="public_health",
        does="Director of Public Health: signs alerts, decides recommendations",
        roles=(Role.DPH,),
    ),
    Person(
        key="communications",
        name="Toni Maplewood",
        agency="public_health",
        does="keeps lists, drafts and signs public alerts",
        roles=(Role.COMMUNICATIONS,),
    ),
    Person(
        key="oncall",
        name="Pat Stonebridge",
        agency="ambulance",
        does="on-call lead: sees urgent reports",
        roles=(Role.ON_CALL,),
    ),
    Person(
        key="housing.rep",
        name="Chris Fernley",
        agency="housing",
        does="answers questions and requests for housing, owns actions",
        roles=(Role.AGENCY_REPRESENTATIVE,),
    ),
    Person(
        key="treatment.rep",
        name="Lou Hazelgrove",
        agency="treatment",
        does="answers questions and requests for treatment, owns actions",
        roles=(Role.AGENCY_REPRESENTATIVE,),
    ),
    Person(
        key="police.rep",
        name="Sandy Merewether",
        agency="police",
        does="answers questions and requests for the police",
        roles=(Role.AGENCY_REPRESENTATIVE,),
    ),
    Person(
        key="hospital.rep",
        name="Noor Fairholme",
        agency="hospital",
        does="answers questions and requests for the hospital",
        roles=(Role.AGENCY_REPRESENTATIVE,),
    ),
    Person(
        key="hostel.lead",
        name="Ashley Drift",
        agency="hostel",
        does="leads an agency: sees its totals",
        roles=(Role.AGENCY_LEAD,),
    ),
    Person(
        key="hostel.worker",
        name="Kit Marlow-Demo",
        agency="hostel",
        does="frontline worker: own reports",
        roles=(Role.SUBMITTER,),
    ),
    Person(
        key="nurse", name="Bobbie Sandringham-Demo", agency="hospital", does="emergency nurse", roles=(Role.SUBMITTER,)
    ),
    Person(key="officer", name="Max Thornbury-Demo", agency="police", does="police officer", roles=(Role.SUBMITTER,)),
    Person(
        key="analyst",
        name="Nic Plover",
        agency="public_health",
        does="figures and themes",
        roles=(Role.ANALYST,),
    ),
    Person(
        key="ig",
        name="Val Greystone",
        agency="public_health",
        does="audit, destruction",
        roles=(Role.IG_LEAD,),
    ),
    Person(
        key="sro",
        name="Hilary Coombe",
        agency="public_health",
        does="decides recommendations",
        roles=(Role.SRO,),
    ),
    Person(
        key="board.reader",
        name="Jamie Saltmarsh",
        agency="public_health",
        does="reads themes, recommendations and actions",
        roles=(Role.BOARD_READER,),
    ),
    Person(
        key="family.liaison",
        name="Dale Kingfisher",
        agency="public_health",
        does="reads themes; family contact comes later",
        roles=(Role.FAMILY_LIAISON,),
    ),
    Person(
        key="admin", name="Terry Fieldgate", agency="public_health", does="accounts and settings", roles=(Role.ADMIN,)
    ),
    Person(
        key="review.coordinator",
        name="Ellis Rowanberry",
        agency="public_health",
        does="runs reviews of deaths",
        panel_roles=((Role.COORDINATOR, REVIEW),),
    ),
    Person(
        key="review.chair",
        name="Dr Lee Hawksmoor",
        agency="public_health",
        does="chairs reviews of deaths; sits on the alert panel too, so sees a whole thread",
        panel_roles=((Role.CHAIR, REVIEW), (Role.PANEL_MEMBER, ALERT)),
        expertise="Liver medicine",
    ),
    Person(
        key="review.deputy",
        name="Jules Penhallow",
        agency="treatment",
        does="stands in for the review chair",
        panel_roles=((Role.DEPUTY_CHAIR, REVIEW),),
    ),
    Person(
        key="review.member",
        name="Billie Fairbrook",
        agency="housing",
        does="sits on the review panel for housing",
        panel_roles=((Role.PANEL_MEMBER, REVIEW),),
        expertise="Homelessness",
    ),
    Person(
        key="review.member2",
        name="Dr Casey Larkhill",
        agency="hospital",
        does="sits on the review panel for the hospital",
        panel_roles=((Role.PANEL_MEMBER, REVIEW),),
        expertise="Emergency medicine",
    ),
)
NEIGHBOURS = (
    Person(
        key="coordinator",
        name="Andy Fenland",
        agency="public_health",
        does="the neighbour: of Westhaven only green alerts",
        panel_roles=((Role.COORDINATOR, ALERT),),
    ),
)


def sign_in_table() -> str:
    """Give the table of demo sign-ins that the start prints."""
    rows = [(f"{person.key}@westhaven.example", person.does) for person in PEOPLE]
    rows += [(f"{person.key}@eastmoor.example", person.does) for person in NEIGHBOURS]
    width = max(len(address) for address, _ in rows)
    lines = [f"  {address:<{width}}  {does}" for address, does in rows]
    return "\n".join([f"Demo sign-ins, all with the password: {PASSWORD}", *lines])
