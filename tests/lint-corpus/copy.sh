#!/bin/sh
# Copies a corpus of workflows into this folder: `sh tests/lint-corpus/copy.sh /path/to/lint-corpus`.
#
# The cases are not edited by hand. Where a corpus assumes another surface than ours, it is to be adapted here; this one
# needs nothing.
set -eu
from=$1
to=$(dirname "$0")
for kind in bad good; do
    rm -rf "${to:?}/$kind"
    mkdir -p "$to/$kind"
    cp "$from/$kind"/*.rs "$to/$kind/"
done
