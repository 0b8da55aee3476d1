"""Every table there is: imported where the whole of them is needed (migrations, tests)."""

from goviral.features.accounts import models as accounts
from goviral.features.library import models as library
from goviral.features.pipeline import models as pipeline
from goviral.features.webhooks import models as webhooks
from goviral.kit.db import models as leadership
from goviral.kit.events import models as events
from goviral.kit.jobs import models as jobs

# A table comes after those it refers to.
ALL = (leadership, jobs, events, accounts, webhooks, library, pipeline)
