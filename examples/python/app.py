"""What a web framework would call the parts of an application, from the names of its models."""

import site
from dataclasses import dataclass
from pathlib import Path

# Where `pip install --target lib` puts what requirements.txt asks for.
site.addsitedir(str(Path(__file__).with_name("lib")))

import inflection  # noqa: E402


@dataclass(frozen=True)
class Names:
    """The names of one model's parts."""

    model: str
    table: str
    path: str
    label: str


def names_of(model: str) -> Names:
    """Names for a model: ``BlogPost`` has the table ``blog_posts``."""
    table = inflection.tableize(model)
    return Names(
        model=model,
        table=table,
        path="/" + inflection.dasherize(table),
        label=inflection.humanize(table),
    )


def main() -> None:
    for model in ("BlogPost", "Person", "MediaCategory"):
        names = names_of(model)
        print(f"{names.label}: table {names.table}, path {names.path}")


if __name__ == "__main__":
    main()
