#!/usr/bin/env bash
# npm run image -- [--from-debian] [OPTION OF BUILD …]: builds the image order-saga by deploy/Containerfile, and reports its size.
#   --from-debian  makes the two base images from Debian's packages (mmdebstrap) and this machine's Node, where no image registry is in reach
# Any other option goes to `podman build`, such as --isolation=chroot in a sandbox that starts no containers.
# CONTAINER_TOOL: podman, the default, or docker. IMAGE: the image's name, order-saga:VERSION by default.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck disable=SC2206 # a command and its options
TOOL=(${CONTAINER_TOOL:-podman})
VERSION=$(node -p "require('./package.json').version")
IMAGE=${IMAGE:-order-saga:$VERSION}
CACHE=$PWD/.cache/image
SUITE=bookworm
# What Node and Temporal's native library load, and a shell for the build.
PACKAGES=base-files,netbase,libc6,libstdc++6,libgcc-s1,ca-certificates,busybox-static

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }

# Prints a folder with Debian's packages, unpacked once.
debian_root() {
  local root=$CACHE/$SUITE
  if [ ! -d "$root" ]; then
    command -v mmdebstrap >/dev/null || { echo 'mmdebstrap is missing: apt-get install mmdebstrap' >&2; exit 1; }
    mkdir -p "$CACHE"
    rm -rf "$root.new"
    mmdebstrap --quiet --variant=extract --include=$PACKAGES $SUITE "$root.new.tar" >&2
    mkdir "$root.new"
    tar --extract --file "$root.new.tar" --directory "$root.new"
    rm "$root.new.tar"
    rm -rf "$root.new"/var/{cache,lib}/apt "$root.new"/usr/share/{man,locale,lintian}
    find "$root.new/usr/share/doc" -type f ! -name copyright -delete
    # What the packages' own scripts would have done; they were not run, because nothing there could run them.
    cat "$root.new"/usr/share/ca-certificates/mozilla/*.crt >"$root.new/etc/ssl/certs/ca-certificates.crt"
    printf 'root:x:0:0:root:/root:/bin/sh\n' >"$root.new/etc/passwd"
    printf 'root:x:0:\n' >"$root.new/etc/group"
    mv "$root.new" "$root"
  fi
  echo "$root"
}

import_folder() { tar --create --directory "$1" . | "${TOOL[@]}" import --quiet - "$2" >/dev/null; }

bases_from_debian() {
  local root with_node npm
  say "base image: Debian $SUITE from its packages"
  root=$(debian_root)
  import_folder "$root" localhost/order-saga-base:$SUITE
  say "image to build in: the same with Node $(node --version), npm $(npm --version) and busybox"
  with_node=$(mktemp --directory --tmpdir="$CACHE")
  npm=$(npm root --global)/npm
  cp --archive "$root/." "$with_node"
  mkdir -p "$with_node/usr/local/bin" "$with_node/usr/local/lib/node_modules" "$with_node/tmp" "$with_node/root"
  cp "$(node -p process.execPath)" "$with_node/usr/local/bin/node"
  cp --recursive "$npm" "$with_node/usr/local/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$with_node/usr/local/bin/npm"
  for applet in $("$root/bin/busybox" --list); do
    [ -e "$with_node/bin/$applet" ] || [ -e "$with_node/usr/bin/$applet" ] || ln -s /bin/busybox "$with_node/bin/$applet"
  done
  [ -e "$with_node/usr/bin/env" ] || ln -s /bin/busybox "$with_node/usr/bin/env"
  import_folder "$with_node" localhost/order-saga-node:$SUITE
  rm -rf "$with_node"
  # The machine's way to its package index, for the build alone: nothing of it is kept in the image.
  options+=(--build-arg NODE_IMAGE=localhost/order-saga-node:$SUITE --build-arg BASE_IMAGE=localhost/order-saga-base:$SUITE)
  options+=(--volume "$(npm config get cache):/root/.npm" --network host)
  mount_if_there "$(npm config get userconfig)" /root/.npmrc
  mount_if_there "$(npm config get globalconfig)" /usr/local/etc/npmrc
  mount_if_there "$(npm config get cafile)" "$(npm config get cafile)"
}

mount_if_there() { if [ -f "$1" ]; then options+=(--volume "$1:$2:ro"); fi; }

options=()
for argument in "$@"; do
  if [ "$argument" = --from-debian ]; then from_debian=yes; else options+=("$argument"); fi
done
if [ "${from_debian:-}" ]; then bases_from_debian; fi

say "building $IMAGE"
# Docker finds the ignore file by its name, and has one format.
if [ "${TOOL[0]##*/}" != docker ]; then options+=(--ignorefile deploy/Containerfile.dockerignore --format docker); fi
"${TOOL[@]}" build --file deploy/Containerfile --tag "$IMAGE" \
  --build-arg VERSION="$VERSION" --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" "${options[@]}" .
size=$("${TOOL[@]}" image inspect --format '{{.Size}}' "$IMAGE")
say "$IMAGE is built: $((size / 1000000)) MB"
