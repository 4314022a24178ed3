"""Reading the pack of a case."""

from flask import render_template
from flask.typing import ResponseReturnValue

from review_app.clock import utc_now
from review_app.guards import acting, current_actor, read
from review_app.reviews.queries import packs
from review_app.reviews.service.packs import open_pack
from review_app.reviews.views.sittings.blueprint import attending, bp


@bp.get("/<reference>/cases/<case_reference>")
@attending
def pack(reference: str, case_reference: str) -> ResponseReturnValue:
    """Show the pack of a case to somebody who accepted and declared no interest. Each opening is recorded."""
    now = utc_now()
    with acting() as (session, actor):
        open_pack(session, actor, reference, case_reference, now=now)
    meeting, case = packs.get_pack_case(read(), current_actor(), reference, case_reference, now=now)
    shown = packs.pack(read(), current_actor(), meeting, case, now=now)
    return render_template("meetings/pack.html", pack=shown, meeting=meeting, now=now)
