"""Every module with models, imported once, so that migrations and the tables know them all."""

from app.activities import models as activities
from app.mail import models as mail
from app.payments import models as payments
from app.people import models as people
from app.sales import models as sales
from app.settings import models as settings
from app.uitdatabank import models as uitdatabank
from app.uitpas import models as uitpas

ALL_MODELS = (settings, mail, people, activities, uitdatabank, uitpas, payments, sales)
