#!/usr/bin/env bash
# Makes dist/service.pyz, one file that runs:
#   ./build.sh VERSION
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
version="${1:?usage: ./build.sh VERSION}"

rm -rf dist
mkdir -p dist/source
cp service.py dist/source/__main__.py
echo "VERSION = \"$version\"" >dist/source/version.py
python3 -m zipapp dist/source --output dist/service.pyz
rm -r dist/source
