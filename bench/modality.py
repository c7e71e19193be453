"""The prompt analysis: which kinds of content it finds wanted, beside what a classifier of captions finds.

    uv run python -m bench.modality [--items FILE] [--prompts FILE]

`--items` has real requests that two readers labelled, a JSON object a line (`prompt`, `out`); `--prompts` is a table of
real prompts and captions (`prompt`, `out_modalities`, `label_kind`). The baseline is the usual way: TF-IDF and a
logistic regression over that table. It scores well on prompts like those, and fails on requests.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import polars as pl

from core.errors import GearboxError
from data.learning.analysis import PromptAnalyzer
from data.values.plans import Output

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
ROUNDS = 5
_MEDIA = {"audio": Output.SPEECH}  # what the table calls otherwise

Wanted = frozenset[Output]
Request = tuple[str, Wanted]
Answers = Callable[[str], Wanted]


def main(arguments: Sequence[str]) -> None:
    options = _options(arguments)
    requests = _requests(options.items)
    table = _table(options.prompts)
    analyzer = PromptAnalyzer()
    baseline = _baseline(table)

    def ours(prompt: str) -> Wanted:
        return analyzer.analyze(prompt).outputs

    print(f"{len(requests)} requests of {options.items.name}\n")
    print(f"{'':24}{'analysis':>10}{'TF-IDF':>10}")
    rows = zip(_figures(requests, ours), _figures(requests, baseline), strict=True)
    for (name, value), (_, other) in rows:
        print(f"{name:24}{value:>10}{other:>10}")
    _print_misses(requests, ours)
    texts = [prompt for prompt, wanted in table if wanted == {Output.TEXT}]
    print(f"\n{len(texts)} prompts of {options.prompts.name} that want text alone; wrongly given")
    given = Counter(output for prompt in texts for output in ours(prompt) - {Output.TEXT})
    for output in Output:
        if output is not Output.TEXT:
            print(f"{output.value:24}{given[output] / len(texts):>10.2%}")
    _print_latency([prompt for prompt, _ in requests])


def _figures(requests: Sequence[Request], answers: Answers) -> list[tuple[str, str]]:
    found = [(wanted, answers(prompt)) for prompt, wanted in requests]
    texts = [given for wanted, given in found if wanted == {Output.TEXT}]
    figures = [
        ("exact match", f"{sum(wanted == given for wanted, given in found) / len(found):.3f}"),
        ("micro-F1", _f1(found, Output)),
        *((f"F1 of {output.value}", _f1(found, (output,))) for output in Output),
    ]
    if texts:
        figures.append(("text given a picture", f"{sum(Output.IMAGE in each for each in texts) / len(texts):.1%}"))
    return figures


def _f1(found: Sequence[tuple[Wanted, Wanted]], outputs: Iterable[Output]) -> str:
    kinds = set(outputs)
    right = sum(len(wanted & given & kinds) for wanted, given in found)
    total = sum(len(wanted & kinds) + len(given & kinds) for wanted, given in found)
    return f"{2 * right / total:.3f}" if total else "-"


def _print_misses(requests: Sequence[Request], answers: Answers) -> None:
    misses = Counter(
        f"{'+'.join(sorted(wanted)):20} taken for {'+'.join(sorted(given))}"
        for prompt, wanted in requests
        if (given := answers(prompt)) != wanted
    )
    print("\nmisses")
    for line, count in sorted(misses.items()):
        print(f"{count:4}  {line}")


def _print_latency(prompts: Sequence[str]) -> None:
    took = []
    for _ in range(ROUNDS):
        analyzer = PromptAnalyzer()  # that has read none of them yet
        for prompt in prompts:
            began = time.perf_counter()
            analyzer.analyze(prompt)
            took.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(took, n=100)
    print(f"\nlatency, ms: p50 {cuts[49]:.2f}  p95 {cuts[94]:.2f}  p99 {cuts[98]:.2f}  max {max(took):.2f}")


def _baseline(table: Sequence[Request]) -> Answers:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    kinds = ["+".join(sorted(wanted)) for _, wanted in table]
    model = LogisticRegression(C=10, max_iter=300).fit(vectorizer.fit_transform([prompt for prompt, _ in table]), kinds)

    def answers(prompt: str) -> Wanted:
        (kind,) = model.predict(vectorizer.transform([prompt]))
        return frozenset(map(Output, str(kind).split("+")))

    return answers


def _requests(path: Path) -> list[Request]:
    lines = _there(path).read_text(encoding="utf-8").splitlines()
    items = [json.loads(line) for line in lines if line.strip()]
    return [(item["prompt"], frozenset(map(Output, item["out"]))) for item in items]


def _table(path: Path) -> list[Request]:
    rows = pl.read_parquet(_there(path), columns=["prompt", "out_modalities"]).iter_rows()
    return [(prompt, frozenset(_MEDIA.get(each) or Output(each) for each in out.split("+"))) for prompt, out in rows]


def _there(path: Path) -> Path:
    if not path.is_file():
        raise GearboxError(f"There is no file {path}.", "Name it: --items FILE, --prompts FILE.")
    return path


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.modality", description="Measure the prompt analysis.")
    parser.add_argument("--items", type=Path, default=DATA / "modality_requests.jsonl")
    parser.add_argument("--prompts", type=Path, default=DATA / "prompts.parquet")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except GearboxError as error:
        sys.exit(error.explain())
