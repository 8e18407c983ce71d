#!/bin/sh
# What the browser tests need beside Python: Chromium, and axe-core from npm. Installs what is
# missing where it may, and says what to do where it may not.
set -eu
cd "$(dirname "$0")/.."

if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null \
  && ! command -v google-chrome >/dev/null; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "Installing Chromium for the browser tests …"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
  else
    echo "The browser tests need Chromium: install it (Debian: apt-get install chromium)." >&2
    exit 2
  fi
fi

if [ ! -f node_modules/axe-core/axe.min.js ]; then
  if command -v npm >/dev/null; then
    echo "Fetching axe-core for the accessibility tests …"
    npm install --no-save --no-audit --no-fund --silent --prefix . "axe-core@$(sed -n 's/.*"axe-core": "\(.*\)".*/\1/p' tests/chat/package.json)" || {
      echo "npm could not fetch axe-core: see what 'npm view axe-core version' says, and try again." >&2
      exit 2
    }
  else
    echo "The accessibility tests need npm to fetch axe-core: install Node.js." >&2
    exit 2
  fi
fi
