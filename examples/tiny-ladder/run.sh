#!/bin/sh
# Trains and evaluates the whole ladder: sh run.sh [WORK] [STUDY]. Interrupt and repeat at will.
set -eu
cd "$(dirname "$0")"
work=${1:-work} study=${2:-study}
# One thread a process is the fastest use of two cores: the matrices are too small to share.
export XLA_FLAGS="--xla_cpu_multi_thread_eigen=false"
mkdir -p "$work"
python run.py --work "$work" train tiny-4   # makes the training file first, so that the two processes do not both
nice -n 5 python run.py --work "$work" train tiny-96 >"$work/target.log" 2>&1 &
target=$!
nice -n 5 python run.py --work "$work" train --skip tiny-96
wait "$target"
python run.py --work "$work" --out "$study" study
