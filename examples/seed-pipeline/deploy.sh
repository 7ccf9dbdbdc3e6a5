#!/usr/bin/env bash
# Puts dist/service.pyz in the place of the one that runs, and starts it; your platform's command belongs here:
#   ./deploy.sh VERSION
# DEPLOY_TO is the folder of the running service, SERVICE_PORT its port.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
version="${1:?usage: ./deploy.sh VERSION}"
folder="${DEPLOY_TO:-live}"

mkdir -p "$folder"
cp dist/service.pyz "$folder/$version.pyz"
if [[ -f "$folder/pid" ]]; then
  kill "$(cat "$folder/pid")" 2>/dev/null || true
fi
nohup python3 "$folder/$version.pyz" --port "${SERVICE_PORT:-8000}" >"$folder/service.log" 2>&1 </dev/null &
echo $! >"$folder/pid"
echo "$version runs as process $!"
