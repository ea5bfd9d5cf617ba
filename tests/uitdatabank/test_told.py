"""What publiq was told of the dates, and what it should hear now: pure values."""

from app.uitdatabank.availability import Whole
from app.uitdatabank.availability_requests import Requests, requests_for
from app.uitdatabank.told import Told, doubtful, told_by, wanted

GOES_ON = Whole(False, False, "")
CANCELLED = Whole(True, False, "Lesgever ziek")
MONDAY, TUESDAY = "2027-01-04T08:00:00+00:00", "2027-01-05T08:00:00+00:00"


def date(start, index, status="Available", full=False, end="15:00"):
    """A date as publiq gives it back."""
    return {
        "id": index,
        "startDate": start,
        "endDate": f"{start[:11]}{end}:00+00:00",
        "status": {"type": status},
        "bookingAvailability": {"type": "Unavailable" if full else "Available"},
    }


TWO = {"subEvent": [date(MONDAY, 0), date(TUESDAY, 1)]}


def test_offsets_and_missing_parts_read_the_same():
    ours = {"subEvent": [{"startDate": "2027-01-04T09:00:00+01:00", "endDate": MONDAY}]}
    assert told_by(ours) == told_by({"subEvent": [date(MONDAY, 0)]}) == [Told(MONDAY, "Available")]


def test_a_date_that_moved_here_stays_as_publiq_was_told():
    known = told_by(TWO)
    assert wanted(known, [Told(MONDAY, "Available")], GOES_ON) == known


def test_a_date_that_moved_here_is_cancelled_with_the_whole_activity():
    known = told_by(TWO)
    present = [Told(MONDAY, "Unavailable", "Lesgever ziek", True)]
    other = Told(TUESDAY, "Unavailable", "Lesgever ziek", True)
    assert wanted(known, present, CANCELLED) == [present[0], other]


def test_a_weekly_schedule_follows_the_whole_activity_only():
    assert wanted([Told("", "Available")], [], CANCELLED) == [
        Told("", "Unavailable", "Lesgever ziek")
    ]
    assert wanted([Told("", "Unavailable", "x")], [], GOES_ON) == [Told("", "Available")]


def test_only_what_differs_is_in_doubt_while_it_is_sent():
    known = told_by(TWO)
    full = [known[0], Told(TUESDAY, "Available", full=True)]
    assert doubtful(known, full) == [known[0], Told(TUESDAY, "")]
    assert doubtful(known) == [Told(MONDAY, ""), Told(TUESDAY, "")]


def test_one_full_date_of_two_is_patched_by_its_number_there():
    theirs = {"subEvent": [date(MONDAY, 0), date(TUESDAY, 1)]}
    known = told_by(theirs)
    should = [known[0], Told(TUESDAY, "Available", full=True)]
    assert requests_for(theirs, should, known) == Requests(
        dates=[{"id": 1, "bookingAvailability": {"type": "Unavailable"}}]
    )


def test_dates_are_found_by_their_start_whatever_publiqs_order():
    theirs = {"subEvent": [date(TUESDAY, 0), date(MONDAY, 1)]}
    known = told_by(theirs)
    should = [Told(MONDAY, "Unavailable", "Ziek", True), known[1]]
    (change,) = requests_for(theirs, should, known).dates
    assert change == {
        "id": 1,
        "status": {"type": "Unavailable", "reason": {"nl": "Ziek"}},
        "bookingAvailability": {"type": "Unavailable"},
    }


def test_all_dates_alike_go_in_one_request_each():
    known = told_by(TWO)
    should = [Told(item.start, "Unavailable", "Storm", True) for item in known]
    assert requests_for(TWO, should, known) == Requests(
        status=("Unavailable", "Storm"), available=False
    )
    single = {"subEvent": [date(MONDAY, 0)]}
    assert requests_for(single, [Told(MONDAY, "Available", full=True)], told_by(single)) == (
        Requests(available=False)
    )


def test_what_stands_there_already_is_not_sent():
    theirs = {"subEvent": [date(MONDAY, 0, full=True)]}
    doubt = [Told(MONDAY, "")]
    assert requests_for(theirs, [Told(MONDAY, "Available", full=True)], doubt) == Requests()


def test_what_somebody_changed_there_on_another_date_stays():
    theirs = {"subEvent": [date(MONDAY, 0, status="Unavailable"), date(TUESDAY, 1)]}
    known = told_by(TWO)
    should = [known[0], Told(TUESDAY, "Available", full=True)]
    assert [item["id"] for item in requests_for(theirs, should, known).dates] == [1]


def test_two_dates_with_one_start_are_told_apart_by_their_end():
    theirs = {"subEvent": [date(MONDAY, 0, end="15:00"), date(MONDAY, 1, end="12:00")]}
    known = told_by(theirs)
    should = [Told(MONDAY, "Available", full=True), known[1]]  # the one that ends first
    assert [item["id"] for item in requests_for(theirs, should, known).dates] == [1]


def test_a_weekly_schedule_gets_its_status_and_no_places():
    theirs = {"calendarType": "periodic", "status": {"type": "Available"}}
    known = told_by(theirs)
    should = [Told("", "TemporarilyUnavailable", "Zaal dicht")]
    assert requests_for(theirs, should, known) == Requests(
        status=("TemporarilyUnavailable", "Zaal dicht")
    )
