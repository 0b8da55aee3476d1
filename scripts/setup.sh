#!/bin/sh
# Makes .venv from the hash-pinned lock. Needs Python >= 3.11; no root.
set -eu
cd "$(dirname "$0")/.."
: "${PYTHON:=python3}"

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
	echo "goviral needs Python 3.11 or newer; $PYTHON is $("$PYTHON" -V). Try: make PYTHON=python3.12 setup" >&2
	exit 2
}

# The pip wheel that Debian and Ubuntu keep for their own use: unpacked into a folder, not installed, no root.
# Package lists of its own where the machine has none (a container's are often deleted).
distribution_pip() {
	command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
	(
		cd "$1"
		apt-get -qq download python3-pip-whl 2>/dev/null || {
			set -- -qq -o Dir::State::Lists="$1/lists" -o Dir::Cache="$1/cache" -o Debug::NoLocking=1
			apt-get "$@" update && apt-get "$@" download python3-pip-whl
		}
		dpkg-deb -x python3-pip-whl_*.deb .
	) >/dev/null 2>&1 || return 1
	ls "$1"/usr/share/python-wheels/pip-*.whl 2>/dev/null
}

make_venv() {
	"$PYTHON" -m venv .venv >/dev/null 2>&1 && return
	# Debian ships Python without ensurepip: an environment without pip, filled by the system's own.
	rm -rf .venv
	if command -v uv >/dev/null; then
		uv venv --quiet --seed --python "$PYTHON" .venv && return
	fi
	if "$PYTHON" -m pip --version >/dev/null 2>&1; then
		"$PYTHON" -m venv --without-pip .venv && "$PYTHON" -m pip --quiet --python .venv/bin/python install pip && return
	fi
	folder=$(mktemp -d)
	if wheel=$(distribution_pip "$folder") && "$PYTHON" -m venv --without-pip .venv &&
		.venv/bin/python "$wheel/pip" --quiet --disable-pip-version-check install --no-index "$wheel"; then
		rm -rf "$folder"
		return
	fi
	rm -rf "$folder" .venv
	echo "Python cannot make an environment here. On Debian or Ubuntu: apt-get install python3-venv" >&2
	exit 2
}

[ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || make_venv
echo "Installing the locked packages into .venv ..." >&2
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
.venv/bin/python scripts/fetch_face_models.py || echo "Going on with OpenCV's own face detector." >&2
