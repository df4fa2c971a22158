"""Detection beside its peers on labelled sets, and its cost on a large table. Run by hand.

    python tests/benchmarks/bench_detection.py [--peers PYTHON] [--rows 3000000]

`--peers` is a Python that has presidio-analyzer and DataProfiler[ml] (they need not share ours). Presidio runs
with its default pattern recognizers and a blank spaCy pipeline: its default model is on no package index, so its
PERSON and LOCATION are out of this comparison. DataProfiler runs with the model in its wheel.

Labels are by hand. A column counts as found if the kind is right; the peers see values only, as their interfaces
do. Our vocabulary was revised after a look at these column names: read "values only" for what generalizes.
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SAMPLE = 500

# file, separator, column: kind; a column left out holds nothing that the kinds below cover
COLUMNS = {
    ("people/userdata1.csv", ","): """first_name=person_name last_name=person_name email=email ip_address=ip
        cc=card_number birthdate=birth_date""",
    ("people/fake_name_generator_3000.csv", ","): """GivenName=person_name Surname=person_name
        MothersMaiden=person_name MiddleInitial=person_name StreetAddress=street_address EmailAddress=email
        TelephoneNumber=phone Birthday=birth_date CCNumber=card_number""",
    ("people/ssn_in_a_column_named_id.csv", ","): """id=ssn birthdate=birth_date maiden_name=person_name
        lname=person_name fname=person_name address=street_address phone=phone email=email cc_number=card_number""",
    ("retail/customer.csv", "|"): """c_first_name=person_name c_last_name=person_name c_salutation=person_name
        c_birth_day=birth_date c_birth_month=birth_date c_birth_year=birth_date c_email_address=email""",
    ("retail/customer_address.csv", "|"): """ca_street_number=street_address ca_street_name=street_address
        ca_street_type=street_address ca_suite_number=street_address""",
    ("retail/customer_demographics.csv", "|"): "",
    ("retail/store_sales.csv", "|"): "",
    ("retail/web_sales.csv", "|"): "",
}  # fmt: skip
KINDS = ("email", "phone", "ip", "card_number", "ssn", "person_name", "street_address", "birth_date")

SPANS = {
    "PERSON": "person_name", "STREET_ADDRESS": "street_address", "CREDIT_CARD": "card_number", "PHONE_NUMBER": "phone",
    "EMAIL_ADDRESS": "email", "IBAN_CODE": "iban", "US_SSN": "ssn", "IP_ADDRESS": "ip",
}  # fmt: skip
PRESIDIO = {**SPANS, "PERSON": "person_name", "MAC_ADDRESS": "device_id", "DATE_TIME": "birth_date"}
PROFILER = {
    "ADDRESS": "street_address", "CREDIT_CARD": "card_number", "DATE": "birth_date", "DATETIME": "birth_date",
    "EMAIL_ADDRESS": "email", "IPV4": "ip", "IPV6": "ip", "MAC_ADDRESS": "device_id", "PERSON": "person_name",
    "PHONE_NUMBER": "phone", "SSN": "ssn", "BAN": "iban",
}  # fmt: skip

# kinds of the shop's columns, read off its documentation's names; its values are digests, so names are all there is
SHOP = [
    "email",
    "contact_email",
    "customer_email",
    "phone",
    "billing_address_phone",
    "shipping_address_phone",
    "browser_ip",
    "client_ip",
    "credit_card_number",
    "payment_credit_card_number",
    "payment_details_credit_card_number",
    "credit_card_first_name",
    "credit_card_last_name",
    "credit_card_month",
    "credit_card_year",
    "credit_card_verification_value",
    "first_name",
    "last_name",
    "billing_address_first_name",
    "billing_address_last_name",
    "billing_address_name",
    "shipping_address_first_name",
    "shipping_address_last_name",
    "shipping_address_name",
    "shop_owner_name",
    "shop_owner",
    "customer_id",
    "user_id",
    "staff_member_id",
    "device_id",
    "note_attribute_email_client_id",
    "note_attribute_google_client_id",
    "note_attribute_segment_client_id",
    "billing_address_latitude",
    "billing_address_longitude",
    "latitude",
    "longitude",
    "shipping_address_latitude",
    "shipping_address_longitude",
    "token",
    "cart_token",
    "checkout_token",
    "billing_address_address_0",
    "billing_address_address_1",
    "billing_address_address_2",
    "shipping_address_address_0",
    "shipping_address_address_1",
    "shipping_address_address_2",
    "address_1",
    "address_2",
    "city",
    "zip",
    "province",
    "province_code",
    "country",
    "country_code",
    "billing_address_city",
    "billing_address_zip",
    "billing_address_province",
    "billing_address_province_code",
    "billing_address_country",
    "billing_address_country_code",
    "shipping_address_city",
    "shipping_address_zip",
    "shipping_address_province",
    "shipping_address_province_code",
    "shipping_address_country",
    "shipping_address_country_code",
    "billing_address_country_code_v_2",
    "company",
    "billing_address_company",
    "shipping_address_company",
    "landing_page",
    "referrer_url",
    "referring_site",
    "landing_site_base_url",
    "note",
    "customer_note",
    "decline_note",
    "return_reason_note",
    "message",
    "customer_locale",
    "payment_credit_card_bin",
]


def read(path: Path, separator: str) -> tuple[list[str], list[list[str | None]]]:
    """Return header and the first rows of a file, empty fields as None."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=separator)
        header = next(rows)
        body = [row for _, row in zip(range(SAMPLE), rows, strict=False)]
    return header, [
        [(row[place] or None) if place < len(row) else None for row in body] for place in range(len(header))
    ]


def labelled():
    """Yield (file, column, label or None, values) for every column of the labelled files."""
    for (name, separator), text in COLUMNS.items():
        labels = dict(pair.split("=") for pair in text.split())
        header, columns = read(SHARED / name, separator)
        for column, values in zip(header, columns, strict=True):
            yield name, column, labels.get(column), values


def sentences():
    """Return (text, [(kind, start, end)]) of the annotated sentences; a birth date where the text says so."""
    found = []
    for row in json.loads((SHARED / "people" / "annotated_sentences.json").read_text()):
        text = row["full_text"]
        spans = [
            (SPANS[span["entity_type"]], span["start_position"], span["end_position"])
            for span in row["spans"]
            if span["entity_type"] in SPANS
        ]
        spans += [
            ("birth_date", span["start_position"], span["end_position"])
            for span in row["spans"]
            if span["entity_type"] == "DATE_TIME"
            and any(word in text[: span["start_position"]].lower() for word in ("born", "birth"))
        ]
        found.append((text, spans))
    return found


def ours(*, by_name: bool):
    """Return the kind that we suggest per labelled column; without names, columns are called c0, c1, …."""
    from privacy_governance.detection.judging import judge  # noqa: PLC0415 -- the peers' Python doesn't have it

    return [
        judge(
            column if by_name else f"c{place}",
            "text",
            [v for v in values if v],
            sampled=len(values),
            relation=name,
        ).kind
        for place, (name, column, _, values) in enumerate(labelled())
    ]


def our_spans():
    """Return our spans per sentence."""
    from privacy_governance.detection.text import find_spans  # noqa: PLC0415

    return [[(span.kind, span.start, span.end) for span in find_spans(text)] for text, _ in sentences()]


def presidio():
    """Return presidio's majority kind per labelled column, and its spans per sentence."""
    import spacy  # noqa: PLC0415
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415
    from presidio_analyzer.nlp_engine import NlpEngineProvider, SpacyNlpEngine  # noqa: PLC0415, F401

    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.nlp = {"en": spacy.blank("en")}
    analyzer = AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    kinds = [PRESIDIO.get(kind, kind) for kind in set(PRESIDIO)]

    def spans(text):
        return [
            (PRESIDIO[found.entity_type], found.start, found.end)
            for found in analyzer.analyze(text, language="en")
            if found.entity_type in PRESIDIO
        ]

    started = time.perf_counter()
    columns = []
    for _, _, _, values in labelled():
        present = [value for value in values if value][:100]
        votes = Counter(kind for value in present for kind in {kind for kind, _, _ in spans(value)} if kind in kinds)
        kind, count = max(votes.items(), key=lambda item: item[1], default=(None, 0))
        columns.append(kind if count >= 0.3 * len(present) else None)
    middle = time.perf_counter()
    texts = [spans(text) for text, _ in sentences()]
    return {"columns": columns, "spans": texts, "seconds": [middle - started, time.perf_counter() - middle]}


def dataprofiler():
    """Return DataProfiler's label per labelled column, as its profiler reports it."""
    import dataprofiler  # noqa: PLC0415
    import pandas  # noqa: PLC0415

    options = dataprofiler.ProfilerOptions()
    options.set({"*.is_enabled": False, "structured_options.data_labeler.is_enabled": True})
    frames: dict[str, dict[str, list[str | None]]] = {}
    for name, column, _, values in labelled():
        frames.setdefault(name, {})[column] = values
    started = time.perf_counter()
    columns = []
    for frame in frames.values():
        profile = dataprofiler.Profiler(
            pandas.DataFrame(frame), profiler_type="structured", options=options, samples_per_update=SAMPLE
        )
        report = profile.report({"output_format": "serializable"})
        for stats in report["data_stats"]:
            labels = str(stats.get("data_label")).split("|")
            columns.append(next((PROFILER[label] for label in labels if label in PROFILER), None))
    return {"columns": columns, "seconds": [time.perf_counter() - started]}


def score(found, expected):
    """Return {kind: (precision, recall, labelled)} for one answer per column."""
    table = {}
    for kind in KINDS:
        right = sum(f == kind == e for f, e in zip(found, expected, strict=True))
        table[kind] = ratio(right, sum(f == kind for f in found), sum(e == kind for e in expected))
    return table


def score_spans(found, expected):
    """Return {kind: (precision, recall, labelled)} where spans of one kind that overlap agree."""
    right, claimed, there, hit = Counter(), Counter(), Counter(), Counter()
    for spans, gold in zip(found, expected, strict=True):
        for kind, start, end in spans:
            claimed[kind] += 1
            right[kind] += any(kind == k and start < e and end > s for k, s, e in gold)
        for kind, start, end in gold:
            there[kind] += 1
            hit[kind] += any(kind == k and start < e and end > s for k, s, e in spans)
    return {
        kind: (right[kind] / claimed[kind] if claimed[kind] else None, hit[kind] / there[kind], there[kind])
        for kind in sorted(there)
    }


def ratio(right, claimed, there):
    """Return precision (None if nothing was claimed), recall and the number labelled."""
    return (right / claimed if claimed else None, right / there if there else None, there)


def show(title, kinds, results):
    """Print one table: a row per kind, precision and recall per contender."""
    print(f"\n{title}\n{'kind':<16}{'n':>5}" + "".join(f"{name:>22}" for name in results))
    for kind in kinds:
        cells = "".join(
            f"{'P ' + number(result[kind][0]) + '  R ' + number(result[kind][1]):>22}" for result in results.values()
        )
        print(f"{kind:<16}{next(iter(results.values()))[kind][2]:>5}{cells}")


def number(value):
    """Return two decimals, or a dash where there is nothing to divide by."""
    return "   -" if value is None else f"{value:.2f}"


def shop():
    """Score names on the shop's columns, each distinct column name once: personal or not, whatever the kind."""
    from privacy_governance.detection.judging import judge  # noqa: PLC0415

    found, names = set(), set()
    for path in sorted((SHARED / "shopify").glob("*.csv")):
        header, columns = read(path, ",")
        for column, values in zip(header, columns, strict=True):
            names.add(column)
            verdict = judge(column, "text", [v for v in values if v], sampled=len(values), relation=path.stem)
            if verdict.kind != "undecided":
                found.add(column)
    right = found & set(SHOP)
    print(
        f"\nThe shop's {len(names)} column names, personal or not: "
        f"precision {len(right) / len(found):.2f}, recall {len(right) / len(set(SHOP) & names):.2f}"
    )


def peer(python, name):
    """Run one peer in its own Python; None if it fails, saying so."""
    ran = subprocess.run([python, __file__, "--as-peer", name], capture_output=True, text=True, check=False)
    if ran.returncode:
        print(f"{name} did not run: {ran.stderr.strip().splitlines()[-1]}")
        return None
    return json.loads(ran.stdout.splitlines()[-1])


def large(rows):
    """Time one classification of a generated table of 50 columns and report this process's peak memory."""
    from privacy_governance.detection import classify  # noqa: PLC0415
    from privacy_governance.warehouse import Warehouse  # noqa: PLC0415
    from privacy_governance.warehouse.embedded import embedded_server  # noqa: PLC0415

    plain = [f"(i * {n + 3}) % 1000003 as n{n}" for n in range(30)]
    texts = [f"'v' || (i * {n + 7}) % 10007 as t{n}" for n in range(16)]
    personal = [
        "'user' || i || '@example.com' as a", "'203.0.' || i % 256 || '.' || i % 251 as b",
        "'order ' || i || ' for user' || i || '@example.com' as c", """'{"ip": "203.0.113.9"}'::jsonb as d""",
    ]  # fmt: skip
    columns = ", ".join([*plain, *texts, *personal])
    with tempfile.TemporaryDirectory() as folder, embedded_server(Path(folder) / "warehouse") as url:
        warehouse = Warehouse(url)
        print(f"\nA table of 50 columns\n{'rows':>12}{'size':>10}{'seconds':>10}{'found':>7}{'peak memory':>14}")
        for count in (rows // 100, rows // 10, rows):
            with warehouse.connect("generate") as connection:
                connection.execute("drop table if exists large")
                connection.execute(
                    f"create unlogged table large as select {columns} from generate_series(1, {count}) i"
                )
                size = connection.execute("select pg_size_pretty(pg_relation_size('large'))").fetchone()[0]
            started = time.perf_counter()
            found = [row for row in classify(warehouse, ["large"]) if row.is_decided]
            seconds = time.perf_counter() - started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{count:>12,}{size:>10}{seconds:>10.2f}{len(found):>7}{peak:>11} MB", flush=True)


def main():
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", metavar="PYTHON")
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--as-peer", choices=["presidio", "dataprofiler"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.as_peer:
        print(json.dumps({"presidio": presidio, "dataprofiler": dataprofiler}[arguments.as_peer]()))
        return
    if arguments.rows:
        large(arguments.rows)
    expected = [label for _, _, label, _ in labelled()]
    gold = [spans for _, spans in sentences()]
    started = time.perf_counter()
    named = ours(by_name=True)
    middle = time.perf_counter()
    unnamed = ours(by_name=False)
    last = time.perf_counter()
    spans = our_spans()
    seconds = {
        "ours": middle - started,
        "ours, values only": last - middle,
        "ours, text": time.perf_counter() - last,
    }
    columns = {"ours": score(named, expected), "ours, values only": score(unnamed, expected)}
    texts = {"ours": score_spans(spans, gold)}
    for name in ("presidio", "dataprofiler") if arguments.peers else ():
        if answer := peer(arguments.peers, name):
            columns[name] = score(answer["columns"], expected)
            seconds[name] = answer["seconds"][0]
            if "spans" in answer:
                texts[name] = score_spans(answer["spans"], gold)
                seconds[f"{name}, text"] = answer["seconds"][1]
    show(f"Columns ({len(expected)} in {len(COLUMNS)} files, {SAMPLE} rows each)", KINDS, columns)
    show(f"Sentences ({len(gold)})", texts["ours"], texts)
    shop()
    print("\nseconds: " + ", ".join(f"{name} {value:.1f}" for name, value in seconds.items()))


if __name__ == "__main__":
    sys.exit(main())
