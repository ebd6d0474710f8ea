#!/bin/bash
# Installs what the tests need beside Go and make, and only what is missing: a C compiler for the race detector, a browser with
# Chinese fonts, Node.js for the browser's driver, and that driver and the accessibility checker from npm. The last two are kept in
# the folder given as the first argument, each checked against the SHA-512 written here.
set -euo pipefail

readonly folder=$1
readonly driver_version=1.52.0 # the one that playwright-go asks for
readonly driver_sum=976a2c4e02d748c7ae2d938c2fda98383510a0f3e752c2ac6f9fcfe8b2767bab8f29751d3cae56621378cf4dc6f9835b5a618363860435ab8dbb864a733ade1e
readonly axe_version=4.14.1
readonly axe_sum=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
readonly log=$folder/install.log

fail() {
    echo "tests: $*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

has_cjk_font() { compgen -G '/usr/share/fonts/*/*/*CJK*' >/dev/null || { has fc-list && [ -n "$(fc-list :lang=zh-cn)" ]; }; }

missing_packages() {
    local list=()
    { has "${CC:-gcc}" && [ -e /usr/include/stdlib.h ]; } || list+=(gcc libc6-dev)
    has chromium || list+=(chromium)
    has_cjk_font || list+=(fonts-noto-cjk)
    has node || list+=(nodejs)
    has npm || list+=(npm)
    echo "${list[*]}"
}

# as_root runs a command with the rights that installing takes.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

may_install() { has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }; }; }

install_packages() {
    local packages=$1
    [ -n "$packages" ] || return 0
    may_install || fail "missing: $packages. This user may not install them: run 'apt-get install $packages' as root"
    echo "tests: installing $packages (log: $log)"
    # shellcheck disable=SC2086 # a list of names
    { as_root apt-get update -q && as_root apt-get install -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 $packages; } </dev/null >>"$log" 2>&1 ||
        fail "could not install $packages: $(grep -E '^(E|Err):' "$log" | tail -n 1)"
}

# unpack fetches NAME@VERSION from npm into FOLDER/TARGET after checking its sum.
unpack() {
    local name=$1 version=$2 sum=$3 target=$4 work
    [ "$(cat "$folder/$target/.version" 2>/dev/null)" = "$version" ] && return 0
    echo "tests: fetching $name $version"
    work=$(mktemp -d "$folder/fetch.XXXXXX")
    (cd "$work" && npm pack --silent "$name@$version") >>"$log" 2>&1 || fail "could not fetch $name $version from npm (log: $log)"
    echo "$sum  $work/$name-$version.tgz" | sha512sum --check --status || fail "$name $version has another SHA-512 than expected"
    tar -xzf "$work/$name-$version.tgz" -C "$work"
    rm -rf "${folder:?}/$target"
    mkdir -p "$(dirname "$folder/$target")"
    mv "$work/package" "$folder/$target"
    echo "$version" >"$folder/$target/.version"
    rm -rf "$work"
}

mkdir -p "$folder"
install_packages "$(missing_packages)"
unpack playwright-core "$driver_version" "$driver_sum" driver/package
unpack axe-core "$axe_version" "$axe_sum" axe
