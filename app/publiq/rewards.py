"""UiTPAS API v4: rewards for points, and saving points by a check-in (contract, part 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.publiq.answers import dutch
from app.publiq.reading import identifier_of, members, moment
from app.publiq.transport import Transport
from app.publiq.wire import segment

# publiq refuses a larger page.
PAGE = 500


@dataclass(frozen=True)
class Reward:
    """A reward; moments are aware UTC. `body` is publiq's document, to change and send back."""

    id: str
    title: str
    type: str
    points: int | None
    description: str
    categories: tuple[str, ...]
    organizer_ids: tuple[str, ...]
    status: str
    online: bool
    more_info_url: str
    publication_begin: datetime | None
    publication_end: datetime | None
    redeem_begin: datetime | None
    redeem_end: datetime | None
    body: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class RedeemStatus:
    """Whether a pass can redeem a reward now; `message` is for the person, word for word."""

    redeemable: bool
    reason: str | None
    message: str | None


@dataclass(frozen=True)
class RedeemedReward:
    """A redemption; `text`, `link`, `label` and `code` must be shown to the person."""

    id: str
    reward_id: str
    redeemed_at: datetime | None
    text: str | None
    link: str | None
    label: str | None
    code: str | None


@dataclass(frozen=True)
class CheckIn:
    """A saved point or more."""

    id: str
    points: int


@dataclass(frozen=True)
class CheckInStatus:
    """Whether points can be saved now; `message` is for the person, word for word."""

    allowed: bool
    message: str | None


class RewardCalls:
    """The part of the UiTPAS API about points. Every method raises PubliqError."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def rewards(
        self,
        text: str | None = None,
        organizer_ids: Sequence[str] = (),
        categories: Sequence[str] = (),
        points_from: int | None = None,
        points_to: int | None = None,
        purpose: str | None = None,
    ) -> Iterator[list[Reward]]:
        """Rewards of every kind, page by page (get-rewards, V3). `text` knows no wildcards."""
        params = {
            "text": text or None,
            "organizerId": list(organizer_ids),
            "categories": list(categories),
            "pointsFrom": points_from,
            "pointsTo": points_to,
            "type": "ANY",
            "subset": "ALL",
        }
        return self._pages("get-rewards", "/rewards", params, _reward, purpose)

    def reward(self, reward_id: str, purpose: str | None = None) -> Reward:
        """One reward (get-rewards-id). Raises PubliqNotFound."""
        path = f"/rewards/{segment(reward_id)}"
        return self._transport.call(
            "get-rewards-id", "GET", "uitpas", path, purpose=purpose, parse=_reward
        )

    def create_reward(self, body: Mapping[str, Any], purpose: str | None = None) -> Reward:
        """Creates a reward (post-rewards, V2)."""
        return self._transport.call(
            "post-rewards",
            "POST",
            "uitpas",
            "/rewards",
            json=dict(body),
            purpose=purpose,
            parse=_reward,
        )

    def update_reward(
        self, reward_id: str, body: Mapping[str, Any], purpose: str | None = None
    ) -> Reward:
        """Replaces a reward by the full body (put-rewards-id, V4).

        Raises PubliqRefused with problem uitpas/reward-not-editable once it was used.
        """
        return self._transport.call(
            "put-rewards-id",
            "PUT",
            "uitpas",
            f"/rewards/{segment(reward_id)}",
            json=dict(body),
            purpose=purpose,
            parse=_reward,
        )

    def redeem_status(
        self, reward_id: str, uitpas_number: str, purpose: str | None = None
    ) -> RedeemStatus:
        """Whether the pass can redeem the reward now (get-rewards-id-redeem-status)."""
        return self._transport.call(
            "get-rewards-id-redeem-status",
            "GET",
            "uitpas",
            f"/rewards/{segment(reward_id)}/redeem-status",
            params={"uitpasNumber": uitpas_number},
            purpose=purpose,
            parse=lambda answer: RedeemStatus(
                bool(answer["redeemable"]), answer.get("reason"), dutch(answer.get("message"))
            ),
        )

    def redeem(
        self, reward_id: str, uitpas_number: str, purpose: str | None = None
    ) -> RedeemedReward:
        """Redeems the reward, which takes the points (post-rewards-redeemed)."""
        return self._transport.call(
            "post-rewards-redeemed",
            "POST",
            "uitpas",
            "/rewards/redeemed",
            json={"rewardId": reward_id, "uitpasNumber": uitpas_number},
            purpose=purpose,
            parse=_redeemed,
        )

    def redeemed_rewards(
        self, uitpas_number: str, purpose: str | None = None
    ) -> Iterator[list[RedeemedReward]]:
        """What this pass redeemed, page by page (get-rewards-redeemed): to look up a lost one."""
        params = {"uitpasNumber": uitpas_number}
        return self._pages("get-rewards-redeemed", "/rewards/redeemed", params, _redeemed, purpose)

    def cancel_redemption(self, redeemed_id: str, purpose: str | None = None) -> None:
        """Undoes a redemption (delete-rewards-redeemed-redeemedRewardId).

        publiq does not promise the points back: read the pass again. Raises PubliqNotFound when
        it is gone already.
        """
        self._transport.call(
            "delete-rewards-redeemed-redeemedRewardId",
            "DELETE",
            "uitpas",
            f"/rewards/redeemed/{segment(redeemed_id)}",
            purpose=purpose,
        )

    def check_in_status(
        self, event_id: str, uitpas_number: str, purpose: str | None = None
    ) -> CheckInStatus:
        """Whether the pass can save points at the event now (get-checkin-status)."""
        return self._transport.call(
            "get-checkin-status",
            "GET",
            "uitpas",
            "/checkin-status",
            params={"eventId": event_id, "uitpasNumber": uitpas_number},
            purpose=purpose,
            parse=lambda answer: CheckInStatus(
                bool(answer["allowed"]), dutch(answer.get("endUserMessage"))
            ),
        )

    def check_in(self, event_id: str, uitpas_number: str, purpose: str | None = None) -> CheckIn:
        """Saves points (post-checkins, V8); publiq allows it only around the event itself."""
        return self._transport.call(
            "post-checkins",
            "POST",
            "uitpas",
            "/checkins",
            json={"eventId": event_id, "uitpasNumber": uitpas_number},
            purpose=purpose,
            parse=lambda answer: CheckIn(str(answer["id"]), int(answer.get("points") or 0)),
        )

    def cancel_check_in(self, check_in_id: str, purpose: str | None = None) -> None:
        """Takes a check-in back (delete-checkins-checkinId)."""
        self._transport.call(
            "delete-checkins-checkinId",
            "DELETE",
            "uitpas",
            f"/checkins/{segment(check_in_id)}",
            purpose=purpose,
        )

    def _pages(self, operation, path, params, read, purpose):
        start = 0
        while True:
            total, page = self._transport.call(
                operation,
                "GET",
                "uitpas",
                path,
                params={**params, "start": start, "limit": PAGE},
                purpose=purpose,
                parse=lambda answer: _page_of(answer, read),
            )
            if page:
                yield page
            start += len(page)
            if not page or start >= total:
                return


def _page_of(answer: Mapping[str, Any], read) -> tuple[int, list[Any]]:
    """The total and the items of one page; `read` makes an item of its JSON."""
    items = [read(item) for item in members(answer)]
    total = answer.get("totalItems")
    if not isinstance(total, int):
        # Without a total a full page may be followed by another, a shorter one may not.
        total = PAGE + 1 if len(items) == PAGE else 0
    return total, items


def _reward(item: Mapping[str, Any]) -> Reward:
    publication = item.get("publicationPeriod") or {}
    redeeming = item.get("redeemPeriod") or {}
    points = item.get("points")
    return Reward(
        id=identifier_of(item["id"]),
        title=item["title"],
        type=item.get("type") or "POINTS",
        points=None if points is None else int(points),
        description=item.get("promotionalDescription") or "",
        categories=tuple(item.get("categories") or ()),
        organizer_ids=tuple(identifier_of(other["id"]) for other in item.get("organizers") or ()),
        status=item.get("status") or "",
        online=bool(item.get("online")),
        more_info_url=item.get("moreInfoURL") or "",
        publication_begin=moment(publication.get("begin")),
        publication_end=moment(publication.get("end")),
        redeem_begin=moment(redeeming.get("begin")),
        redeem_end=moment(redeeming.get("end")),
        body=item,
    )


def _redeemed(item: Mapping[str, Any]) -> RedeemedReward:
    info = item.get("redeemInfo") or {}
    return RedeemedReward(
        id=identifier_of(item["id"]),
        reward_id=identifier_of(item["reward"]["id"]),
        redeemed_at=moment(item.get("redeemDate")),
        text=info.get("text"),
        link=info.get("link"),
        label=info.get("label"),
        code=item.get("redeemCode"),
    )
