"""How well proposed themes fit comments that were labelled by hand: `python -m bench.themes`."""

import random
import resource
from collections import Counter
from pathlib import Path
from time import perf_counter

from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

from trainingapp.feedback.themes import proposing

LABELLED = Path(__file__).parent.parent / "tests" / "feedback" / "labelled"
MANY = 5000


def score(pairs: list[list[str]]) -> str:
    labels, texts = zip(*pairs, strict=True)
    proposed = proposing.propose(texts)
    given = ["none"] * len(texts)
    for nth, one in enumerate(proposed):
        for place in one.places:
            given[place] = str(nth)
    inside = [Counter(labels[place] for place in one.places) for one in proposed]
    grouped = sum(counts.total() for counts in inside)
    together = sum(max(counts.values()) for counts in inside)
    return (
        f"{len(proposed)} themes, {grouped} of {len(texts)} comments, precision {together / grouped:.2f}, "
        f"ARI {adjusted_rand_score(labels, given):.2f}, NMI {normalized_mutual_info_score(labels, given):.2f}"
    )


def main() -> None:
    texts = []
    for path in sorted(LABELLED.glob("*.txt")):
        pairs = [line.split(": ", 1) for line in path.read_text(encoding="utf-8").splitlines()]
        texts += [text for _label, text in pairs]
        print(f"{path.stem:12}", score(pairs))
    rng = random.Random("themes")
    many = [f"{rng.choice(texts)} {rng.choice(texts)}" for _ in range(MANY)]
    began = perf_counter()
    proposing.propose(many)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{MANY} comments: {perf_counter() - began:.1f} s, {peak} MB in the process that groups them")


if __name__ == "__main__":
    main()
