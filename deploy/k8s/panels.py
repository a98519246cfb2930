"""What the dashboard asks, row by row. Every metric is declared in a service's `metrics.py`; a test refuses any other name."""

from dataclasses import dataclass

EVENTS, COUNT, SECONDS, BYTES = "cps", "short", "s", "bytes"


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression and how its series are named (`{{label}}`)."""

    expression: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One question. `must_be_zero` colours anything above 0 red; `single` shows one number instead of curves."""

    title: str
    says: str
    unit: str
    queries: tuple[Query, ...]
    must_be_zero: bool = False
    single: bool = False


def rate(metric: str, *by: str) -> Query:
    """Events a second of a counter, by its labels."""
    return Query(f"sum by ({', '.join(by)}) (rate({metric}[$__rate_interval]))", legend(*by))


def total(metric: str, *by: str) -> Query:
    """The sum of a gauge, by its labels."""
    return Query(f"sum by ({', '.join(by)}) ({metric})", legend(*by))


def quantile(metric: str, share: float, *by: str) -> Query:
    """A quantile of a histogram of seconds, by its labels."""
    grouped = ", ".join((*by, "le"))
    expression = f"histogram_quantile({share}, sum by ({grouped}) (rate({metric}_bucket[$__rate_interval])))"
    return Query(expression, " ".join((f"p{share * 100:g}", legend(*by))).strip())


def number(*expressions: str) -> tuple[Query, ...]:
    """One number, the sum of all; 0 where no process has counted anything yet."""
    return (Query(" + ".join(f"({one} or vector(0))" for one in expressions), ""),)


def legend(*by: str) -> str:
    """The labels' values side by side."""
    return " ".join(f"{{{{{label}}}}}" for label in by)


NOW = (
    Panel("Open cases", "Opened and neither closed nor merged.", COUNT, number('sum(sameroof_book_count{column="open"})'), single=True),
    Panel(
        "The books differ by", "Reports and cases that the books cannot explain. Anything but 0 is a lost or doubled case.",
        COUNT, number("sum(abs(sameroof_book_difference))"), must_be_zero=True, single=True,
    ),
    Panel(
        "Partitions stopped", "Their households or desks move no further until somebody acts.",
        COUNT, number("sum(sameroof_partition_halted)"), must_be_zero=True, single=True,
    ),
    Panel(
        "Dead letters, 1 h", "Records that nobody could use, whole and replayable, at every door.",
        COUNT, number(
            "sum(increase(sameroof_records_rejected_total[1h]))", "sum(increase(sameroof_edge_dead_letters_total[1h]))"
        ),
        must_be_zero=True, single=True,
    ),
    Panel(
        "Clocks breached, 1 h", "Promises to victims that were not kept.",
        COUNT, number('sum(increase(sameroof_clocks_settled_total{result="breached"}[1h]))'), must_be_zero=True, single=True,
    ),
    Panel(
        "Processes without the bus", "They answer 503 and page P0 by themselves.",
        COUNT, number("count(sameroof_bus_up == 0)"), must_be_zero=True, single=True,
    ),
)  # fmt: skip

ARRIVING = (
    Panel(
        "Reports received", "Accepted over HTTP, by the band intake sees in the report alone; from partners, by lane.",
        EVENTS, (
            rate("sameroof_reports_received_total", "channel", "band"),
            rate("sameroof_partner_reports_received_total", "partner", "lane"),
        ),
    ),
    Panel(
        "Reports refused", "Answered 4xx or dead-lettered, by reason.",
        EVENTS, (rate("sameroof_reports_rejected_total", "channel", "reason"),),
    ),
    Panel("Cases opened", "By the band the router decided.", EVENTS, (rate("sameroof_cases_opened_total", "channel", "band"),)),
    Panel("Tracks dispatched", "Handed to desks, changes included.", EVENTS, (rate("sameroof_tracks_dispatched_total", "pillar", "band"),)),
)  # fmt: skip

OFFERING = (
    Panel("Offers", "Responders asked.", EVENTS, (rate("sameroof_offers_made_total", "pillar", "band"),)),
    Panel(
        "Time to offer, by band", "From our receipt of the report to the track's first offer.",
        SECONDS, tuple(quantile("sameroof_receipt_to_offer_seconds", share, "band") for share in (0.5, 0.99)),
    ),
    Panel(
        "Time to offer, by pillar", "The same, 99 of 100.",
        SECONDS, (quantile("sameroof_receipt_to_offer_seconds", 0.99, "pillar"),),
    ),
    Panel("Tracks at the desks", "Where work stands now.", COUNT, (total("sameroof_desk_tracks", "pillar", "band", "state"),)),
    Panel(
        "Longest wait", "Of what nobody has accepted yet, by band, since our receipt of its report.", SECONDS,
        (Query("time() - min by (band) (sameroof_desk_oldest_receipt_timestamp_seconds)", legend("band")),),
    ),
    Panel("Gaps", "What nobody covers: of the rota, or of who is there now.", COUNT, (total("sameroof_desk_gaps", "desk", "of"),)),
    Panel(
        "What desks told", "Accepted, declined, contacted, done, exhausted.",
        EVENTS, (rate("sameroof_progress_told_total", "pillar", "fact"),),
    ),
)  # fmt: skip

PROMISES = (
    Panel(
        "Clocks met and breached", "Each promise once, when it was settled.",
        EVENTS, (rate("sameroof_clocks_settled_total", "result", "kind", "band"),),
    ),
    Panel(
        "Lateness", "How long after its instant a deadline was handled, and a breach published.", SECONDS,
        (
            Query(quantile("sameroof_deadline_late_seconds", 0.99).expression, "deadline handled, p99"),
            Query(quantile("sameroof_breach_late_seconds", 0.99).expression, "breach published, p99"),
        ),
    ),
    Panel(
        "Pages raised", "Humans called about a track, by reason.",
        EVENTS, (rate("sameroof_pages_raised_total", "pillar", "band", "reason"),),
    ),
    Panel(
        "Notices", "Taken by a provider, and attempts that were not.", EVENTS,
        (
            rate("sameroof_notices_delivered_total", "kind", "band", "method"),
            Query(
                "sum by (method, reason) (rate(sameroof_notice_attempts_failed_total[$__rate_interval]))",
                "failed {{method}} {{reason}}",
            ),
        ),
    ),
    Panel(
        "Time to deliver", "From issued to taken by a provider, 99 of 100.",
        SECONDS, (quantile("sameroof_notice_delivery_seconds", 0.99, "band"),),
    ),
    Panel("Dead man", "P0 reports that intake watches or pages by itself.", COUNT, (total("sameroof_dead_man_open", "state"),)),
)  # fmt: skip

FLOWING = (
    Panel("Unread, processors", "Records waiting, by input.", COUNT, (total("sameroof_input_lag_records", "topic"),)),
    Panel(
        "Unread, edges and read model", "Partners' records not forwarded, notices not delivered, views behind.", COUNT,
        (
            total("sameroof_edge_lag_records", "topic"),
            Query("max by (instance) (sameroof_read_model_lag_records)", "read model {{instance}}"),
        ),
    ),
    Panel("The two books", "What was read and what became of it, all partitions.", COUNT, (total("sameroof_book_count", "column"),)),
    Panel(
        "Difference of the books", "By partition; 0 at every scrape.",
        COUNT, (total("sameroof_book_difference", "partition", "book"),), must_be_zero=True,
    ),
    Panel(
        "Dead letters", "By topic and reason.", EVENTS,
        (rate("sameroof_records_rejected_total", "topic", "reason"), rate("sameroof_edge_dead_letters_total", "topic", "reason")),
    ),
    Panel("Transaction time", "Begin to commit.", SECONDS, tuple(quantile("sameroof_transaction_seconds", share) for share in (0.5, 0.99))),
)  # fmt: skip

RUNNING = (
    Panel(
        "Restarts, 1 h", "A process ends on any doubt and is started again at once; many are a sign.",
        COUNT, (Query("changes(process_start_time_seconds[1h])", "{{instance}}"),),
    ),
    Panel(
        "Stopped, reopened, timers failing", "A partition in trouble.", COUNT,
        (
            Query("max by (instance, partition, reason) (sameroof_partition_halted)", "stopped {{instance}} {{partition}} {{reason}}"),
            Query("sum by (instance, partition) (increase(sameroof_partition_reopened_total[1h]))", "reopened {{instance}} {{partition}}"),
            Query("max by (instance, partition) (sameroof_timers_failing)", "timers failing {{instance}} {{partition}}"),
        ),
        must_be_zero=True,
    ),
    Panel(
        "Time to restore", "The last opening of each partition.",
        SECONDS, (Query("max by (instance, partition) (sameroof_restore_seconds)", legend("instance", "partition")),),
    ),
    Panel("Clock against the wall", "0.5 s alarms.", SECONDS, (Query("sameroof_clock_wall_ahead_seconds", "{{instance}}"),)),
    Panel("Memory", "Resident, by process.", BYTES, (Query("process_resident_memory_bytes", "{{instance}}"),)),
)  # fmt: skip

ROWS: dict[str, tuple[Panel, ...]] = {
    "Now": NOW,
    "Reports and cases": ARRIVING,
    "Offers": OFFERING,
    "Promises": PROMISES,
    "Flow and books": FLOWING,
    "Processes": RUNNING,
}
