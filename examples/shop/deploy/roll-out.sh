#!/usr/bin/env bash
# Rolls a version out: builds it beside the one that runs, then points `live` to it in one step.
#   deploy/roll-out.sh VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version="${1:?usage: deploy/roll-out.sh VERSION}"
release="releases/$version"

mkdir -p "$release"
cp server.py catalogue.py "$release/"
echo "$version" >"$release/VERSION"
python3 catalogue.py products.csv "$release/catalogue.db"

ln -sfn "$release" live.next
python3 -c 'import os; os.replace("live.next", "live")' # a rename is whole or not at all, on every system
echo "live is $(readlink live)"
