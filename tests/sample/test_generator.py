"""What the sample data has to show: weekends, growth, an outage, a price change; and that it is the same every time."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from data.sample.company import OUTAGE_HOURS
from data.sample.models import CHEAPER, MODELS, NEW, OUT
from data.values.calls import CallStatus, ChosenBy, ErrorKind
from data.values.money import CostBasis
from data.values.routing import Chooser, Signal
from data.values.sample import is_sample
from data.values.tasks import Task
from data.values.tool_calls import Effect
from data.warehouse.file import open_warehouse
from data.warehouse.schema import naive_utc
from tests.sample.made import DAYS, NOW, PEOPLE, all_of, company, few, quarter, schemas_match


def a_day(calls: pl.DataFrame) -> float:
    return calls.height / calls["day"].n_unique()


def days_between(first: int, last: int) -> pl.DataFrame:
    """Calls of workdays."""
    return all_of("model_calls").filter(pl.col("day").is_between(first, last), pl.col("ts").dt.weekday() < 6)


def test_frames_are_what_goes_into_the_warehouse_in_the_order_of_time() -> None:
    assert len(quarter()) == DAYS and all(map(schemas_match, quarter()))
    for table in ("model_calls", "routing_decisions"):
        rows = all_of(table)
        assert rows["event_id"].n_unique() == rows.height > 10_000
        assert all(getattr(day, table)["ts"].is_sorted() for day in quarter())
        assert rows["ts"].max() < naive_utc(NOW)  # type: ignore[operator]
    assert all_of("routing_feedback")["ts"].max() < naive_utc(NOW)  # type: ignore[operator]


def test_everybody_is_made_up_and_uses_only_what_exists() -> None:
    calls, decisions, feedback = (
        all_of(f"{table}") for table in ("model_calls", "routing_decisions", "routing_feedback")
    )
    people = set(calls["user_id"]) | set(decisions["user_id"]) | set(feedback["user_id"])
    signed_in = set(all_of("sign_ins")["user_id"])
    assert len(signed_in) == PEOPLE and all(map(is_sample, signed_in))
    assert people < signed_in, "some sign in and never ask"
    assert signed_in - people == {company().person_ids[place] for place in range(PEOPLE - PEOPLE // 10, PEOPLE)}
    assert set(calls["task"]) <= set(map(str, Task)) and set(calls["status"]) <= set(map(str, CallStatus))
    assert set(calls["error_kind"].drop_nulls()) <= set(map(str, ErrorKind))
    assert set(calls["cost_basis"]) <= set(map(str, CostBasis)) and set(calls["chosen_by"]) <= set(map(str, ChosenBy))
    assert set(decisions["chooser"]) == set(map(str, Chooser)) and set(feedback["signal"]) <= set(map(str, Signal))
    assert set(feedback["decision_id"].drop_nulls()) <= set(decisions["event_id"])


def test_weekends_are_quiet_and_it_grows() -> None:
    calls = all_of("model_calls")
    is_weekend = pl.col("ts").dt.weekday() > 5
    assert a_day(calls.filter(is_weekend)) < 0.3 * a_day(calls.filter(~is_weekend))
    first, last = days_between(0, 27), days_between(DAYS - 29, DAYS - 2)
    assert a_day(last) > 1.5 * a_day(first)
    assert last["user_id"].n_unique() > first["user_id"].n_unique()


def test_on_one_afternoon_one_provider_answers_nearly_nothing() -> None:
    first, last = OUTAGE_HOURS
    is_out = (pl.col("day") == company().outage) & pl.col("ts").dt.hour().is_between(first, last - 1)
    is_theirs = pl.col("provider") == MODELS[OUT].provider
    failed = (pl.col("status") == "failed").mean()
    shares = {
        (out, theirs): all_of("model_calls").filter(is_out == out, is_theirs == theirs).select(failed).item()
        for out in (True, False)
        for theirs in (True, False)
    }
    assert shares[True, True] > 0.8
    assert max(shares[True, False], shares[False, True], shares[False, False]) < 0.08
    helped = all_of("model_calls").filter(is_out, pl.col("chosen_by") == "fallback")
    assert helped.height > 10 and MODELS[OUT].provider not in set(helped["provider"])
    assert (
        helped["turn_id"].is_in(all_of("model_calls").filter(pl.col("status") == "failed")["turn_id"].implode()).all()
    )


def test_one_models_price_is_halved_and_no_others() -> None:
    paid = all_of("model_calls").filter(
        pl.col("cost_amount") > 0, pl.col("modality") == "text", pl.col("cached_tokens") == 0
    )
    is_after = (pl.col("day") >= company().price_change).alias("after")
    sums = paid.group_by("model", is_after).agg(
        pl.col("cost_amount").sum(), pl.col("input_tokens").sum(), pl.col("output_tokens").sum()
    )
    for model in MODELS:
        if model.price is None:
            assert model.name not in set(paid["model"])
            continue
        for after, cost, tokens_in, tokens_out in sums.filter(pl.col("model") == model.name).select(
            "after", "cost_amount", "input_tokens", "output_tokens"
        ).iter_rows():  # fmt: skip
            listed = Decimal(str(model.price[0])) * tokens_in + Decimal(str(model.price[1])) * tokens_out
            half = 2 if after and model is MODELS[CHEAPER] else 1
            assert cost == listed / 1_000_000 / half, (model.id, after)
    assert set(paid.filter(is_after)["price_version"]) != set(paid.filter(~is_after)["price_version"])


def test_what_a_provider_had_cached_costs_a_quarter() -> None:
    model = MODELS[OUT]
    assert model.price is not None
    calls = all_of("model_calls").filter(pl.col("model") == model.name, pl.col("cached_tokens") > 0)
    tokens_in, cached, tokens_out = (int(calls[f"{name}_tokens"].sum()) for name in ("input", "cached", "output"))
    listed = Decimal(str(model.price[0])) * (4 * tokens_in - 3 * cached) / 4 + Decimal(str(model.price[1])) * tokens_out
    assert calls["cost_amount"].sum() == listed / 1_000_000


def test_calls_that_failed_cost_nothing_and_unpriced_ones_are_not_free() -> None:
    calls = all_of("model_calls")
    failed = calls.filter(pl.col("status") == "failed")
    assert failed["cost_amount"].null_count() == failed["input_tokens"].null_count() == failed.height > 0
    assert failed["error_kind"].null_count() == 0
    local = calls.filter(pl.col("provider") == "ollama", pl.col("status") == "ok")
    assert (
        local.height > 0
        and set(local["cost_basis"]) == {"unpriced"}
        and local["cost_amount"].null_count() == local.height
    )
    assert (calls["latency_ms"] > 0).all() and set(calls["modality"]) == {"text", "image", "speech", "embedding"}


def test_a_new_model_comes_and_is_liked_more_and_more() -> None:
    chosen = all_of("routing_decisions").with_columns(new=pl.col("chosen") == MODELS[NEW].id)
    start = company().new_model
    assert not chosen.filter(pl.col("day") < start)["new"].any()
    picked = chosen.filter(pl.col("chooser") == "person")
    early, late = picked.filter(pl.col("day").is_between(start, start + 14)), picked.filter(pl.col("day") > DAYS - 15)
    assert (late["new"].mean() or 0) > 2 * (early["new"].mean() or 0)  # type: ignore[operator]


def test_what_was_weighed_is_told_of_the_policys_choices_alone() -> None:
    decisions = all_of("routing_decisions")
    policys = decisions.filter(pl.col("chooser") == "policy")
    others = decisions.filter(pl.col("chooser") != "policy")
    assert policys["propensity"].is_between(0.001, 1).all() and others["propensity"].null_count() == others.height
    assert set(others["arms"]) == {"[]"} and others["explored"].sum() == 0 < policys["explored"].sum()
    for row in policys.sample(50, seed=1).iter_rows(named=True):
        arms = json.loads(row["arms"])
        assert row["candidates"] == len(arms) and row["chosen"] in {arm["model"] for arm in arms}
        assert [arm["reward"] for arm in arms] == sorted((arm["reward"] for arm in arms), reverse=True)


def test_better_models_get_better_thumbs() -> None:
    thumbs = all_of("routing_feedback").filter(pl.col("signal").is_in(["thumb_up", "thumb_down"]))
    share = thumbs.group_by("model_id").agg((pl.col("signal") == "thumb_up").mean(), n=pl.len())
    good = dict(share.filter(pl.col("n") > 60).select("model_id", "signal").iter_rows())
    assert good[MODELS[0].id] > good[MODELS[2].id] + 0.05
    sides = all_of("routing_feedback").filter(pl.col("signal").is_in(["won", "lost", "tied"]))
    told = dict(sides["signal"].value_counts().iter_rows())
    assert told["won"] == told["lost"] > 0 and told["tied"] % 2 == 0


def test_a_fifth_of_prompts_calls_tools_but_not_everybodys() -> None:
    tools, calls = all_of("tool_calls"), all_of("model_calls")
    chats = calls.filter(pl.col("surface") == "chat", pl.col("modality") == "text")
    assert 0.12 < tools["turn_id"].n_unique() / chats["turn_id"].n_unique() < 0.28
    assert set(tools["turn_id"]) <= set(chats.filter(pl.col("status") == "ok")["turn_id"])
    assert tools["user_id"].n_unique() < 0.9 * chats["user_id"].n_unique()
    assert {"web_search", "fetch_page", "calculator", "query_data", "make_chart"} < set(tools["tool"])
    assert set(tools["status"]) == {"done", "failed", "denied"} and set(tools["effect"]) <= set(map(str, Effect))
    denied = tools.filter(pl.col("status") == "denied")
    assert denied["latency_ms"].null_count() == denied.height == tools["latency_ms"].null_count()
    assert all(Effect(each).needs_approval for each in denied["effect"])
    theirs = dict(chats.select("turn_id", "user_id").iter_rows())
    assert all(theirs[turn] == person for turn, person in tools.select("turn_id", "user_id").iter_rows())


def test_people_sign_in_before_they_ask() -> None:
    chats = all_of("model_calls").filter(pl.col("surface") == "chat")
    first = chats.group_by("day", "user_id").agg(pl.col("ts").min())
    came = all_of("sign_ins").group_by("day", "user_id").agg(pl.col("ts").min().alias("came"), n=pl.len())
    days = first.join(came, on=["day", "user_id"], how="left")
    assert (days["came"] <= days["ts"]).all() and days["came"].null_count() == 0
    assert set(came["n"]) == {1, 2} and all_of("sign_ins")["event_id"].is_unique().all()


def test_people_come_in_waves_and_some_stop() -> None:
    weeks = all_of("model_calls").select("user_id", week=pl.col("day") // 7).unique()
    stayed = weeks.group_by("user_id").agg(first=pl.col("week").min(), last=pl.col("week").max())
    assert stayed["first"].n_unique() < 7 and stayed.filter(pl.col("first") > 0).height > 10
    assert stayed.filter(pl.col("last") < DAYS // 7 - 2).height >= 1
    kinds = all_of("model_calls").group_by("user_id").agg(pl.col("modality").n_unique())
    assert kinds.filter(pl.col("modality") > 1).height > 1
    tried = all_of("model_calls").filter(pl.col("modality").is_in(["image", "speech"]))
    early, late = (tried.filter(when) for when in (pl.col("day") < DAYS // 3, pl.col("day") >= DAYS - DAYS // 3))
    assert late["user_id"].n_unique() > early["user_id"].n_unique()


def test_the_same_seed_gives_the_same_rows_and_another_one_others() -> None:
    for one, other in zip(few(), few(), strict=True):
        assert all(a.equals(b) for a, b in zip(one.frames.values(), other.frames.values(), strict=True))
    ids = {row for day in few() for frame in day.frames.values() for row in frame["event_id"]}
    others = {row for day in few(seed=6) for frame in day.frames.values() for row in frame["event_id"]}
    assert ids and others and not ids & others


def test_an_hour_later_there_is_an_hour_more() -> None:
    before, after = few(now=NOW - timedelta(hours=6)), few(now=NOW)
    for one, other in zip(before[:-1], after[:-1], strict=True):
        assert one.model_calls.equals(other.model_calls)
    short, longer = before[-1].model_calls, after[-1].model_calls
    assert short.height < longer.height and longer.filter(pl.col("ts") < naive_utc(NOW - timedelta(hours=6))).equals(
        short
    )


def test_the_frames_go_straight_into_a_warehouse(tmp_path: Path) -> None:
    con = open_warehouse(tmp_path / "warehouse.duckdb", NOW)
    rows = 0
    for day in few(people=300):
        for table, frame in day.frames.items():
            with con.cursor() as cursor:
                cursor.register("frame", frame)
                cursor.execute(f"INSERT INTO {table} BY NAME SELECT * FROM frame").fetchall()
        rows += day.rows
    counted = [con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0] for table in few()[0].frames]
    assert sum(counted) == rows > 5_000 and min(counted) > 0
    con.close()


@pytest.mark.parametrize(("days", "people"), [(1, 1), (1, 40), (2, 3), (60, 1)])
def test_any_size_can_be_made(days: int, people: int) -> None:
    made = few(days=days, people=people)
    assert len(made) == days and all(map(schemas_match, made))
    assert {each for day in made for each in day.model_calls["user_id"]} <= {
        f"sample-{tag}-{place:04d}"
        for tag in {day.model_calls["user_id"][0].split("-")[1] for day in made if day.model_calls.height}
        for place in range(1, people + 1)
    }
