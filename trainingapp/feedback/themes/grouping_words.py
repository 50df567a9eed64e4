"""Groups comments by the words they share. Run by itself, so that only this process pays for the library.

Reads JSON on standard input: a list of words for each comment. Prints JSON: for each group its words, those
that weigh most first, and the places of its comments, the clearest first. The same input, the same groups.
"""

import json
import resource
import sys

SECONDS = 50
MOST_GROUPS = 12
FEWEST_GROUPS = 3
FEWEST_IN_GROUP = 3
SPREAD = 1.3  # groups grow with the root of the comments: eight of fifty, twelve of a hundred and more
CLEAR = 0.25  # of the weight of a group's clearest comment; below it a comment is in none
WORDS = 6  # that describe a group

Group = tuple[list[str], list[int]]


def group(comments: list[list[str]]) -> list[Group]:
    """TF-IDF and non-negative matrix factorisation, both as scikit-learn has them."""
    from sklearn.decomposition import NMF  # noqa: PLC0415 - only the child process pays for it
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    weigh = TfidfVectorizer(analyzer=list, min_df=2, max_df=0.5, sublinear_tf=True)
    try:
        weights = weigh.fit_transform(comments)
    except ValueError:  # no word stands in two comments
        return []
    wanted = min(MOST_GROUPS, max(FEWEST_GROUPS, round((SPREAD * len(comments)) ** 0.5)))
    number = min(wanted, *weights.shape)
    model = NMF(number, init="nndsvda", max_iter=1000, random_state=0)
    belongs = model.fit_transform(weights)
    belongs = belongs / (belongs.max(axis=0) + 1e-12)
    names, best = weigh.get_feature_names_out(), belongs.argmax(axis=1)
    found = []
    for nth, component in enumerate(model.components_):
        inside = [
            place for place in range(len(comments)) if best[place] == nth and belongs[place, nth] > CLEAR
        ]
        inside.sort(key=lambda place: (-belongs[place, nth], place))
        words = [
            str(names[place]) for place in (-component).argsort(kind="stable")[:WORDS] if component[place] > 0
        ]
        if len(inside) >= FEWEST_IN_GROUP:
            found.append((words, inside))
    return sorted(found, key=lambda one: (-len(one[1]), one[1]))


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write(json.dumps(group(json.load(sys.stdin))))


if __name__ == "__main__":
    main()
