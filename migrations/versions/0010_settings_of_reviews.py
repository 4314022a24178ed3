"""A Partnership has its own versions of rules, forms and clocks; themes; and every change of a substance is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OWNER = "(partnership_id IS NULL) = (saved_by_id IS NULL) AND (partnership_id IS NULL) = (saved_at IS NULL)"
SHIPPED = sa.text("partnership_id IS NULL")
UNITS = "'hours', {}'months', 'end_of_next_working_day', 'on_record'"
ONE_DATE = "controlled_on IS NULL OR controlled_before IS NULL"
DATED = "mda_class IS NOT NULL OR (controlled_on IS NULL AND controlled_before IS NULL)"
VERIFIED = (
    "NOT verified OR (source <> '' AND"
    " (mda_class IS NULL OR controlled_on IS NOT NULL OR controlled_before IS NOT NULL))"
)
NEVER_CHANGED = ("form_definition", "rule_set", "clock_rule", "substance_version", "learning_theme_version")


def upgrade() -> None:
    """Let Partnerships own versions, then create the new tables."""
    for table in ("form_definition", "rule_set"):
        own(table, [sa.Column("content", sa.JSON(), nullable=False)])
    clocks: list[SchemaItem] = [
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=40), nullable=False),
        sa.Column("starts", sa.String(length=80), nullable=False),
        sa.Column("stops", sa.String(length=80), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_clock_rule_amount")),
        sa.CheckConstraint(f"unit IN ({UNITS.format('')})", name=op.f("ck_clock_rule_clockunit")),
        sa.CheckConstraint(
            "mode IN ('elapsed', 'working_days', 'working_hours')", name=op.f("ck_clock_rule_countingmode")
        ),
    ]
    own("clock_rule", clocks)
    count_substances()
    create_substance_version()
    create_themes()
    for table in NEVER_CHANGED:
        refuse_changes(table)


def own(table: str, parts: list[SchemaItem]) -> None:
    """Number the versions of a table by owner, and say who saved each and why. What is there is what shipped."""
    old = sa.Table(
        table,
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *parts,
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f(f"ck_{table}_version")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("key", "version", name=op.f(f"uq_{table}_key_version")),
    )
    with op.batch_alter_table(table, copy_from=old) as batch:
        batch.add_column(sa.Column("partnership_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("saved_by_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("reason", sa.String(length=300), nullable=False, server_default=""))
        batch.create_foreign_key(op.f(f"fk_{table}_partnership_id"), "partnership", ["partnership_id"], ["id"])
        batch.create_foreign_key(op.f(f"fk_{table}_saved_by_id"), "user", ["saved_by_id"], ["id"])
        batch.create_check_constraint(op.f(f"ck_{table}_owner"), OWNER)
        batch.drop_constraint(op.f(f"uq_{table}_key_version"), type_="unique")
        batch.create_unique_constraint(
            op.f(f"uq_{table}_partnership_id_key_version"), ["partnership_id", "key", "version"]
        )
        if table == "clock_rule":
            batch.drop_constraint(op.f("ck_clock_rule_clockunit"), type_="check")
            days = UNITS.format("'days', ")
            batch.create_check_constraint(op.f("ck_clock_rule_clockunit"), f"unit IN ({days})")
    unique_where_shipped(f"uq_{table}_shipped", table, ["key", "version"])


def unique_where_shipped(name: str, table: str, columns: list[str]) -> None:
    """Keep what ships unique: a UNIQUE constraint takes rows without an owner for different ones."""
    op.create_index(name, table, columns, unique=True, sqlite_where=SHIPPED, postgresql_where=SHIPPED)


def count_substances() -> None:
    """Give every substance the version by which two people who edit it are kept apart."""
    old = sa.Table(
        "substance",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("substance_class", sa.String(length=40), nullable=False),
        sa.Column("mda_class", sa.String(length=1), nullable=True),
        sa.Column("controlled_on", sa.Date(), nullable=True),
        sa.Column("controlled_before", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("novel", sa.Boolean(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("mda_class IN ('A', 'B', 'C')", name=op.f("ck_substance_mda_class")),
        sa.CheckConstraint(ONE_DATE, name=op.f("ck_substance_one_date")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substance")),
        sa.UniqueConstraint("name", name=op.f("uq_substance_name")),
    )
    with op.batch_alter_table("substance", copy_from=old) as batch:
        batch.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        batch.create_check_constraint(op.f("ck_substance_dated"), DATED)
        batch.create_check_constraint(op.f("ck_substance_verified"), VERIFIED)


def create_substance_version() -> None:
    """Create the history of substances; what each entry says now is its first version."""
    op.create_table(
        "substance_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("substance_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("substance_class", sa.String(length=40), nullable=False),
        sa.Column("mda_class", sa.String(length=1), nullable=True),
        sa.Column("controlled_on", sa.Date(), nullable=True),
        sa.Column("controlled_before", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("saved_by_id", sa.Integer(), nullable=True),
        sa.Column("saved_for_id", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_substance_version_version")),
        sa.CheckConstraint("mda_class IN ('A', 'B', 'C')", name=op.f("ck_substance_version_mda_class")),
        sa.CheckConstraint(ONE_DATE, name=op.f("ck_substance_version_one_date")),
        sa.CheckConstraint(
            "(saved_by_id IS NULL) = (saved_for_id IS NULL) AND (saved_by_id IS NULL) = (saved_at IS NULL)",
            name=op.f("ck_substance_version_saved"),
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["user.id"], name=op.f("fk_substance_version_saved_by_id")),
        sa.ForeignKeyConstraint(["saved_for_id"], ["partnership.id"], name=op.f("fk_substance_version_saved_for_id")),
        sa.ForeignKeyConstraint(["substance_id"], ["substance.id"], name=op.f("fk_substance_version_substance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substance_version")),
        sa.UniqueConstraint("substance_id", "version", name=op.f("uq_substance_version_substance_id_version")),
    )
    connection = op.get_bind()
    substance = sa.table("substance", *map(sa.column, ("id", *KEPT)))
    alias = sa.table("substance_alias", sa.column("id"), sa.column("substance_id"), sa.column("alias"))
    kept = sa.table("substance_version", *(sa.column(name) for name in ("substance_id", "version", *KEPT, "reason")),
                    sa.column("aliases", sa.JSON()))  # fmt: skip
    others: dict[int, list[str]] = {}
    for row in connection.execute(sa.select(alias.c.substance_id, alias.c.alias).order_by(alias.c.id)):
        others.setdefault(row.substance_id, []).append(row.alias)
    for entry in connection.execute(sa.select(substance)).mappings().all():
        said = {name: entry[name] for name in KEPT}
        names = others.get(entry["id"], [])
        connection.execute(kept.insert().values(substance_id=entry["id"], version=1, aliases=names, reason="", **said))


KEPT = (
    "name", "substance_class", "mda_class", "controlled_on", "controlled_before", "source", "verified", "active",
)  # fmt: skip


def create_themes() -> None:
    """Create the library of learning themes; the install that follows every migration fills it."""
    op.create_table(
        "learning_theme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_learning_theme_number")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_learning_theme_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_theme")),
        sa.UniqueConstraint("partnership_id", "key", name=op.f("uq_learning_theme_partnership_id_key")),
    )
    unique_where_shipped("uq_learning_theme_shipped", "learning_theme", ["key"])
    op.create_table(
        "learning_theme_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("theme_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("domain", sa.String(length=1), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("partnership_id", sa.Integer(), nullable=True),
        sa.Column("saved_by_id", sa.Integer(), nullable=True),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False, server_default=""),
        sa.CheckConstraint("version > 0", name=op.f("ck_learning_theme_version_version")),
        sa.CheckConstraint(OWNER, name=op.f("ck_learning_theme_version_owner")),
        sa.CheckConstraint("domain IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_learning_theme_version_domain")),
        sa.CheckConstraint(
            "merged_into_id IS NULL OR (NOT active AND merged_into_id <> theme_id)",
            name=op.f("ck_learning_theme_version_merged"),
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["learning_theme.id"], name=op.f("fk_learning_theme_version_merged_into_id")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_learning_theme_version_partnership_id")
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["user.id"], name=op.f("fk_learning_theme_version_saved_by_id")),
        sa.ForeignKeyConstraint(["theme_id"], ["learning_theme.id"], name=op.f("fk_learning_theme_version_theme_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_theme_version")),
        sa.UniqueConstraint(
            "partnership_id",
            "theme_id",
            "version",
            name=op.f("uq_learning_theme_version_partnership_id_theme_id_version"),
        ),
    )
    unique_where_shipped("uq_learning_theme_version_shipped", "learning_theme_version", ["theme_id", "version"])


def refuse_changes(table: str) -> None:
    """Make the database refuse to change a version: a change is a new one."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {table}_never_changes BEFORE UPDATE ON {table}"
            " BEGIN SELECT RAISE(ABORT, 'a version never changes'); END"
        )
        return
    op.execute(
        """CREATE OR REPLACE FUNCTION version_never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a version never changes'; END $$"""
    )
    op.execute(
        f"CREATE TRIGGER {table}_never_changes BEFORE UPDATE ON {table} FOR EACH ROW"
        " EXECUTE FUNCTION version_never_changes()"
    )
