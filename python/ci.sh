#!/usr/bin/env bash
# Builds the wheel, installs it into clean environments, and runs everything on it.
#
#   python/ci.sh [PROFILE]      PROFILE: release (default) or dev, a Cargo profile
#
# CODCAST_PYTHON_ENGINES names what is run besides, by default all: "sql" (DuckDB, DataFusion), "spark", "ray",
# "lm-eval"; together some gigabytes of packages. 0 is none, 1 is all. Spark needs Java 17 and ps
# (apt-get install openjdk-17-jre-headless procps).
#
# Nothing is left but target/python: the wheel and the environments.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
profile="${1:-${CODCAST_WHEEL_PROFILE:-release}}"
python="${PYTHON:-python3}"
work=$root/target/python
rm -rf "$work"
# Commands run in an empty folder: Python takes a folder beside it, such as an environment, for a package.
away=$work/away
mkdir -p "$away"

step() { printf '\n== python: %s (%d s)\n' "$*" "$SECONDS"; }

# An environment by name with these packages and, last, the wheel.
environment() {
  local name=$1
  shift
  "$python" -m venv "$work/$name"
  "$work/$name/bin/pip" install --quiet --disable-pip-version-check "$@" "$work"/wheels/*.whl
}

# The tests as an outsider runs them: away from the sources, which come last on the path, so that the wheel
# is what is imported.
tests() {
  local name=$1
  shift
  (cd "$away" && "$work/$name/bin/python" -m pytest --quiet -p no:cacheprovider --import-mode=append \
    -c "$root/python/pyproject.toml" --rootdir "$root/python" "$@")
}

step "the wheel ($profile)"
"$python" -m venv "$work/build"
"$work/build/bin/pip" install --quiet --disable-pip-version-check "maturin>=1.9.4,<2"
"$work/build/bin/maturin" build --manifest-path python/Cargo.toml --profile "$profile" --locked \
  --out "$work/wheels" --interpreter "$python" --quiet
ls -l "$work"/wheels/*.whl

step "none of the libraries: import, command, tests"
environment none pytest
"$work/none/bin/codcast" --version
tests none "$root/python/tests"

step "pandas alone, which has no Arrow then"
environment pandas pytest pandas
tests pandas "$root/python/tests/test_frames.py"

step "polars alone"
environment polars pytest polars
tests polars "$root/python/tests/test_frames.py"

step "pyarrow alone"
environment pyarrow pytest pyarrow
tests pyarrow "$root/python/tests/test_frames.py"

step "everything: types, stubs, documentation's examples, tests"
environment all pytest mypy pandas-stubs pandas polars pyarrow matplotlib tqdm scikit-learn
installed=$("$work/all/bin/python" -c 'import codcast, os; print(os.path.dirname(codcast.__file__))')
(cd "$away" && "$work/all/bin/python" -m mypy --config-file "$root/python/pyproject.toml" -p codcast)
(cd "$away" && "$work/all/bin/python" -m mypy --config-file "$root/python/pyproject.toml" \
  "$root/python/tests")
(cd "$away" && "$work/all/bin/python" -m mypy.stubtest codcast._native)
tests all --doctest-modules --import-mode=importlib "$installed"
tests all "$root/python/tests"

step "the tutorial"
(cd "$root" && "$work/all/bin/python" python/tests/tutorial.py docs/tutorial.md)

all="sql spark ray lm-eval"
engines="${CODCAST_PYTHON_ENGINES:-1}"
if [ "$engines" = 0 ]; then engines=""; elif [ "$engines" = 1 ]; then engines=$all; fi
wanted() { [[ " $engines " == *" $1 "* ]]; }
for name in $engines; do
  [[ " $all " == *" $name "* ]] || { echo "CODCAST_PYTHON_ENGINES: $name is none of $all" >&2; exit 2; }
done
for name in $all; do
  wanted "$name" || step "skipped: $name"
done

if wanted lm-eval; then
  step "lm-eval: the READMEs' example, on a mock model"
  environment lm-eval lm-eval
  (cd "$away" && "$work/lm-eval/bin/python" "$root/python/tests/lm_eval_example.py" \
    "$root/README.md" "$root/python/README.md")
fi

if ! wanted sql && ! wanted spark && ! wanted ray; then
  exit 0
fi
step "engines: the queries, the cluster, the page about them"
packages=()
if wanted sql; then packages+=(duckdb datafusion); fi
if wanted spark; then packages+=(pyspark); fi
environment engines pytest pyarrow pandas "${packages[@]}"
if wanted ray; then
  "$work/engines/bin/pip" install --quiet --disable-pip-version-check "ray[data]" ||
    step "skipped: Ray does not install here"
fi
# Apart, since a process has one Spark.
if wanted sql; then
  tests engines "$root/python/tests/test_counts_sql.py" -rs
fi
if wanted spark && ! command -v java >/dev/null && [ -z "${JAVA_HOME:-}" ]; then
  step "skipped: Spark needs Java 17"
elif wanted spark; then
  tests engines "$root/python/tests/test_spark.py" -rs
fi
(cd "$root" && PYSPARK_PYTHON="$work/engines/bin/python" \
  "$work/engines/bin/python" python/tests/tutorial.py docs/scale.md)
