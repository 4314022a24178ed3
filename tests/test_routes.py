"""Every door says who may enter."""

from review_app.policy import Permission


def test_every_route_says_who_may_enter(app):
    doors = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    unguarded = [name for name in sorted(doors) if not hasattr(app.view_functions[name], "guard")]
    assert len(doors) > 20
    assert unguarded == []


def test_every_guard_names_permissions_of_the_table(app):
    for name, view in app.view_functions.items():
        guard = getattr(view, "guard", "public")
        if isinstance(guard, tuple):
            assert guard, name
            assert all(isinstance(permission, Permission) for permission in guard), name


def test_every_route_that_writes_is_a_post(app):
    for rule in app.url_map.iter_rules():
        assert rule.methods is not None
        assert rule.methods <= {"GET", "HEAD", "OPTIONS", "POST"}, rule.rule
