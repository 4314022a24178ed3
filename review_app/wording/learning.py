"""The words of what is learned from reviews: points, recommendations and actions."""

from collections.abc import Mapping

from review_app.wording.word import Word, Words

POINT: Words = {
    "draft": Word("Draft", "yellow"),
    "agreed": Word("Agreed", "green"),
    "withdrawn": Word("Withdrawn"),
}
POLARITY: Words = {
    "good_practice": Word("Good practice", "green"),
    "area_for_learning": Word("Area for learning", "blue"),
    "observation": Word("Observation"),
}
WEIGHT: Words = {
    "low": Word("Low"),
    "medium": Word("Medium"),
    "high": Word("High"),
}
RECOMMENDATION: Words = {
    "draft": Word("Draft", "yellow"),
    "proposed": Word("Waits for a decision", "orange"),
    "accepted": Word("Accepted", "green"),
    "declined": Word("Declined"),
    "completed": Word("Completed", "green"),
    "superseded": Word("Put aside"),
}
RECOMMENDATION_LEVEL: Words = {
    "practice": Word("Practice"),
    "service": Word("Service"),
    "partnership": Word("Partnership"),
    "commissioning": Word("Commissioning"),
    "national": Word("National"),
}
ACTION: Words = {
    "proposed": Word("Proposed", "orange"),
    "accepted": Word("Accepted", "blue"),
    "not_accepted": Word("Not accepted"),
    "in_progress": Word("In progress", "yellow"),
    "done": Word("Done", "teal"),
    "impact_checked": Word("Impact checked", "green"),
    "closed": Word("Closed"),
}
STRENGTH: Words = {
    "strong": Word("Strong: changes a system, a default or surroundings", "green"),
    "medium": Word("Medium: a checklist, more people or time", "blue"),
    "weak": Word("Weak: training, a reminder or a policy note", "grey"),
}
STRENGTH_SHORT: Words = {
    "strong": Word("Strong", "green"),
    "medium": Word("Medium", "blue"),
    "weak": Word("Weak", "grey"),
}
RECURRED: Words = {
    "no": Word("No, it has not come up again", "green"),
    "yes": Word("Yes, it has come up again", "orange"),
    "too_soon": Word("It is too soon to say"),
}

LEARNING: Mapping[str, Words] = {
    "learning_point": POINT,
    "polarity": POLARITY,
    "weight": WEIGHT,
    "recommendation": RECOMMENDATION,
    "recommendation_level": RECOMMENDATION_LEVEL,
    "action": ACTION,
    "strength": STRENGTH,
    "strength_short": STRENGTH_SHORT,
    "recurred": RECURRED,
}
