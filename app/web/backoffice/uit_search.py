"""What the tab UiTdatabank asks while somebody fills it in: search, subthema's, pictures."""

from flask import Response as FlaskResponse
from flask import abort
from werkzeug.wrappers import Response

from app.uitdatabank.images import image_content
from app.uitdatabank.searching import SearchAnswer, search_locations, search_organizers
from app.uitdatabank.taxonomy import themes_for
from app.web.access import Access, allow, needs
from app.web.arguments import flag_argument, text_argument
from app.web.backoffice import backoffice
from app.web.pages import page
from app.web.uit_profile_form import UitProfileForm
from app.web.uit_tab import linked


@backoffice.get("/uitdatabank/locaties")
@allow(Access.ADMIN)
@needs("uitdatabank")
def search_uit_locations() -> Response:
    """Live search: the places of a postcode."""
    words = text_argument("location")
    answer = search_locations(words, text_argument("postal_code"))
    return _results(answer, words, "locaties")


@backoffice.get("/uitdatabank/organisatoren")
@allow(Access.ADMIN)
@needs("uitdatabank")
def search_uit_organizers() -> Response:
    """Live search: organizers."""
    words = text_argument("organizer")
    return _results(search_organizers(words), words, "organisatoren")


@backoffice.get("/uitdatabank/subthemas")
@allow(Access.ADMIN)
@needs("uitdatabank")
def uit_themes() -> Response:
    """The field Subthema for the thema that was just chosen; all of them when asked."""
    chosen = text_argument("event_type")
    form = UitProfileForm(
        formdata=None,
        event_type=chosen,
        theme=text_argument("theme")[:40] if flag_argument("blijf") else "",
        all_themes="1" if flag_argument("alle") else "",
    )
    form.offer_terms()
    return page(
        "backoffice/activity_uit_theme.html", form=form, has_more_themes=bool(themes_for(chosen))
    )


@backoffice.get("/uitdatabank/afbeeldingen/<int:image_id>")
@allow(Access.ADMIN)
@needs("uitdatabank")
def uit_image(image_id: int) -> FlaskResponse:
    """A picture as we keep it; one id is always the same picture."""
    found = image_content(image_id) or abort(404)
    content, media_type = found
    response = FlaskResponse(content, mimetype=media_type)
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _results(answer: SearchAnswer, words: str, noun: str) -> Response:
    return page("backoffice/uit_search_results.html", answer=linked(answer), words=words, noun=noun)
