"""Chat moderation: a rule tier for the send path and a classifier tier behind the queue.

The names that other slices use, each imported from its own module so that the send path never
pays for the classifier:

* `ayinel_live.moderation.model`: `ModerationSettings`, `Verdict`, `Decision`, `Category`.
* `ayinel_live.moderation.rules`: `moderate_with_rules`, pure and without NumPy.
* `ayinel_live.moderation.moderator`: `Moderator`, rules and classifier for a batch of messages.
"""
