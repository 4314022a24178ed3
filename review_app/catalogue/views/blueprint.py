"""The blueprint on which every page of the catalogue stands."""

from flask import Blueprint

bp = Blueprint("catalogue", __name__, url_prefix="/settings")
