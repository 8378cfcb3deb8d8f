#!/usr/bin/env python3
"""Third-party notices of the binary: every crate that is linked into it, with its licence."""

import subprocess

TREE = ["cargo", "tree", "--locked", "-p", "codcast-cli", "-e", "normal", "--prefix", "none", "--format", "{p}\t{l}\t{r}"]


def main() -> None:
    rows = set()
    for line in subprocess.run(TREE, check=True, capture_output=True, text=True).stdout.splitlines():
        package, licence, home = line.replace(" (*)", "").split("\t")
        name, version, *where = package.split(" ")
        if not any(place.startswith("(/") for place in where):
            rows.add((name, version.removeprefix("v"), licence, home))
    print("# Third-party notices\n")
    print("Crates linked into the `codcast` command, with their licences as they state them.\n")
    print("| crate | version | licence | source |\n|---|---|---|---|")
    for name, version, licence, home in sorted(rows):
        print(f"| {name} | {version} | {licence} | {home} |")


if __name__ == "__main__":
    main()
