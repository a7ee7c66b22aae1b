#!/bin/bash
# Runs the suites named with counters in the programs, and says which lines of
# cgi/ they reached; the same as pages is build/cov/coverage/index.html.
#
#   tests/coverage.sh unit page ...
set -euo pipefail

export V=cov BUILD=${BUILD:-build}
out=$BUILD/cov/coverage
clang=$(clang -dumpversion)
rm -rf "$out"
mkdir -p "$out/raw"
chmod 1777 "$out/raw"
export LLVM_PROFILE_FILE=$PWD/$out/raw/%p-%m.profraw
status=0
bash tests/run.sh "$@" || status=$?

"llvm-profdata-${clang%%.*}" merge -sparse "$out"/raw/*.profraw \
	-o "$out/all.profdata"
objects=()
while read -r program; do
	objects+=(-object "$program")
done < <(find "$BUILD/cov" -type f -perm -u+x ! -name '*.so' | sort)
show=(-instr-profile="$out/all.profdata" "${objects[@]:1}"
	-ignore-filename-regex='(^|/)(tests|build)/')
"llvm-cov-${clang%%.*}" show -format=html -output-dir="$out" "${show[@]}"
"llvm-cov-${clang%%.*}" report "${show[@]}"
exit $status
